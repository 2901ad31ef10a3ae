package dev.livesync.transport.webrtc;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportContext;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Creates a transport's channels and ends them when the transport is closed. */
final class ChannelRegistry {
    private static final long PATIENCE_MILLIS = 1_500;

    private final WebRtcConfiguration configuration;
    private final TransportContext context;
    private final NativeRuntime runtime;
    private final Set<WebRtcChannel> channels = new LinkedHashSet<>();
    private boolean closed;

    ChannelRegistry(WebRtcConfiguration configuration, TransportContext context, NativeRuntime runtime) {
        this.configuration = configuration;
        this.context = context;
        this.runtime = runtime;
    }

    TransportContext context() {
        return context;
    }

    /**
     * Creates a channel that has not begun to describe itself.
     *
     * @throws SyncException if the transport is closed
     */
    WebRtcChannel channel() {
        WebRtcChannel channel = new WebRtcChannel(context, configuration, this::remove);
        channel.attach(new NativeConnection(runtime, configuration, context.scheduler(), channel));
        synchronized (this) {
            if (closed) {
                throw WebRtcFailures.closed();
            }
            channels.add(channel);
        }
        return channel;
    }

    /** Explains why a description has no address. */
    String noAddress() {
        if (configuration.relayOnly()) {
            return "no TURN server gave an address within "
                    + configuration.gatherTimeout().toMillis() + " ms, and relayOnly allows no other";
        }
        return "WebRTC found no address to be reached at: it takes a network besides loopback"
                + (configuration.maxPort() == 0
                        ? ""
                        : ", and a free port from " + configuration.minPort() + " to " + configuration.maxPort());
    }

    private synchronized void remove(WebRtcChannel channel) {
        channels.remove(channel);
    }

    /** Ends all channels and waits until each has reported its close. False if that was done before. */
    boolean close() {
        List<WebRtcChannel> open;
        synchronized (this) {
            if (closed) {
                return false;
            }
            closed = true;
            open = new ArrayList<>(channels);
        }
        CompletableFuture<?>[] reports = open.stream()
                .map(channel -> channel.shut(WebRtcFailures.closed()))
                .toArray(CompletableFuture<?>[]::new);
        try {
            var unused = CompletableFuture.allOf(reports).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.getLogger(ChannelRegistry.class.getName())
                    .log(System.Logger.Level.WARNING, "a listener holds up the close of its channel", e);
        }
        return true;
    }
}
