package dev.livesync.core.multiplex;

import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.EnumSet;
import java.util.Set;

/** Opens transports of one database over a pool's connections. Id and addresses are the pool's transport's. Any thread. */
public final class NamedTransportProvider implements TransportProvider {
    private final ConnectionPool pool;
    private final String name;

    /**
     * Makes a provider; nothing is opened.
     *
     * @param pool whose connections carry the channels; closed by somebody else, later
     * @param name what both ends call the database
     */
    public NamedTransportProvider(ConnectionPool pool, String name) {
        this.pool = pool;
        this.name = name;
    }

    @Override
    public String id() {
        return pool.provider().id();
    }

    @Override
    public Set<String> schemes() {
        return pool.provider().schemes();
    }

    @Override
    public String localAddress() {
        return pool.provider().localAddress();
    }

    @Override
    public Set<TransportFeature> features() {
        return features(pool.provider());
    }

    /** Those of the transport beneath; backpressure in any case, and no direct ways around a relay, which would be one for each database. */
    static Set<TransportFeature> features(TransportProvider beneath) {
        Set<TransportFeature> features = EnumSet.of(TransportFeature.INBOUND_BACKPRESSURE);
        features.addAll(beneath.features());
        features.remove(TransportFeature.RELAYED);
        return Set.copyOf(features);
    }

    @Override
    public Transport open(TransportContext context) {
        pool.transport();
        return new NamedTransport(pool, name, context);
    }
}
