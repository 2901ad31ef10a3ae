package dev.livesync.spring;

import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Listens at a path of the servlet container, whose WebSockets become channels. Peers dial it with any WebSocket transport; this one doesn't dial.
 */
final class ServletTransportProvider implements TransportProvider {
    static final String SCHEME = "servlet";

    private final LiveSyncProperties.Hub hub;
    private final boolean pausesReading;
    private final AtomicReference<@Nullable ServletListening> listening = new AtomicReference<>();

    /**
     * Creates the provider of one hub.
     *
     * @param hub where it is
     * @param pausesReading whether the container can stop reading from one connection
     */
    ServletTransportProvider(LiveSyncProperties.Hub hub, boolean pausesReading) {
        this.hub = hub;
        this.pausesReading = pausesReading;
    }

    static String address(String path) {
        return SCHEME + ":" + path;
    }

    LiveSyncProperties.Hub hub() {
        return hub;
    }

    /** Who takes the connections now; null if nobody listens. */
    @Nullable
    ServletListening current() {
        return listening.get();
    }

    /** False if somebody listens already. */
    boolean begin(ServletListening first) {
        return listening.compareAndSet(null, first);
    }

    void end(ServletListening last) {
        listening.compareAndSet(last, null);
    }

    @Override
    public String id() {
        return SCHEME;
    }

    @Override
    public Set<String> schemes() {
        return Set.of(SCHEME);
    }

    @Override
    public String localAddress() {
        return address(hub.path());
    }

    @Override
    public Set<TransportFeature> features() {
        return pausesReading ? Set.of(TransportFeature.INBOUND_BACKPRESSURE) : Set.of();
    }

    @Override
    public Transport open(TransportContext context) {
        return new ServletTransport(this, context);
    }
}
