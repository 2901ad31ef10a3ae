package example.tcp;

import dev.livesync.api.transport.*;
import java.util.Set;

/** Plain TCP within this machine, at addresses like {@code tcp://127.0.0.1:4000/}. */
public final class TcpTransportProvider implements TransportProvider {
    @Override public String id() { return "tcp"; }

    @Override public Set<String> schemes() { return Set.of("tcp"); }

    /** What is not read stays with the sender: TCP does that. */
    @Override public Set<TransportFeature> features() { return Set.of(TransportFeature.INBOUND_BACKPRESSURE); }

    @Override public Transport open(TransportContext context) { return new TcpTransport(context); }
}
