package example.tcp;

import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Set;

/** Plain TCP within one machine, at {@code tcp://127.0.0.1:PORT/}. */
public final class TcpTransportProvider implements TransportProvider {
    @Override
    public String id() {
        return "tcp";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("tcp");
    }

    @Override
    public Set<TransportFeature> features() {
        return Set.of(TransportFeature.INBOUND_BACKPRESSURE); // what is not read stays with the sender: TCP does that
    }

    @Override
    public Transport open(TransportContext context) {
        return new TcpTransport(context);
    }
}
