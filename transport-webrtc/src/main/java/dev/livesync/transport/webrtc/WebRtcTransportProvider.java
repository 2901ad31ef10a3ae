package dev.livesync.transport.webrtc;

import com.google.auto.service.AutoService;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Objects;
import java.util.Set;

/**
 * The WebRTC transport: id {@code webrtc}, no addresses. It recognizes the offers of Fireproof's alpha, {@code
 * {"type":"offer","sdp":…}}, and writes its own the same way.
 *
 * <p>The constructor without parameters, which {@link java.util.ServiceLoader} calls, takes the {@linkplain
 * WebRtcConfiguration#defaults defaults}: peers that can reach each other's network addresses directly.
 *
 * <p>All open transports of a process share one native factory. While any is open the process does not end by itself; when
 * the last one is closed, it can.
 */
@AutoService(TransportProvider.class)
@SuppressWarnings("exports") // of the annotation, which users need not know
public final class WebRtcTransportProvider implements TransportProvider {
    private final WebRtcConfiguration configuration;

    /** With the defaults. */
    public WebRtcTransportProvider() {
        this(WebRtcConfiguration.defaults());
    }

    /**
     * With a configuration of one's own.
     *
     * @param configuration servers, ports and times
     */
    public WebRtcTransportProvider(WebRtcConfiguration configuration) {
        this.configuration = Objects.requireNonNull(configuration, "configuration");
    }

    @Override
    public String id() {
        return "webrtc";
    }

    @Override
    public Set<String> schemes() {
        return Set.of();
    }

    @Override
    public Set<TransportFeature> features() {
        return Set.of(TransportFeature.CHANNEL_BINDING, TransportFeature.ENCRYPTED);
    }

    @Override
    public boolean recognizes(Signal offer) {
        if (offer.kind() != Signal.Kind.OFFER) {
            return false;
        }
        try {
            SessionDescription.offer(offer);
            return true;
        } catch (SyncException e) {
            return false;
        }
    }

    @Override
    public Transport open(TransportContext context) {
        return new WebRtcTransport(configuration, Objects.requireNonNull(context, "context"));
    }
}
