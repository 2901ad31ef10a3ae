package dev.livesync.core.multiplex;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.security.SecureRandom;
import java.util.Set;
import java.util.concurrent.CompletionStage;

/** The channels of one database over shared connections, as a transport for the kit: each that is opened has a pool of its own, as each process has. */
public final class PooledProvider implements TransportProvider {
    private final TransportProvider beneath;

    /** Over a transport. */
    public PooledProvider(TransportProvider beneath) {
        this.beneath = beneath;
    }

    /** Random bytes. */
    public static byte[] salt() {
        byte[] salt = new byte[ConnectionPool.SALT_BYTES];
        new SecureRandom().nextBytes(salt);
        return salt;
    }

    @Override
    public String id() {
        return beneath.id();
    }

    @Override
    public Set<String> schemes() {
        return beneath.schemes();
    }

    @Override
    public String localAddress() {
        return beneath.localAddress();
    }

    @Override
    public Set<TransportFeature> features() {
        return NamedTransportProvider.features(beneath);
    }

    @Override
    public Transport open(TransportContext context) {
        ConnectionPool pool = new ConnectionPool(beneath, context, PooledProvider::salt, System::nanoTime);
        DialingTransport transport = (DialingTransport) new NamedTransportProvider(pool, "kit").open(context);
        return new PoolsOwn(pool, transport);
    }

    private record PoolsOwn(ConnectionPool pool, DialingTransport transport) implements DialingTransport {
        @Override
        public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
            return transport.listen(address, acceptor);
        }

        @Override
        public CompletionStage<Channel> dial(String address) {
            return transport.dial(address);
        }

        @Override
        public void close() {
            transport.close();
            pool.close();
        }
    }
}
