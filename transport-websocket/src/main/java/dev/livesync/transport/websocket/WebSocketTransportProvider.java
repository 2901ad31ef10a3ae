package dev.livesync.transport.websocket;

import com.google.auto.service.AutoService;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.util.Objects;
import java.util.Set;

/**
 * The WebSocket transport: id {@code websocket}, addresses {@code ws://HOST:PORT/PATH} and {@code wss://HOST:PORT/PATH},
 * IPv6 literals in brackets. Where an address has a path, a listener answers on that path only.
 *
 * <p>The constructor without parameters, which {@link java.util.ServiceLoader} calls, takes the {@linkplain
 * WebSocketConfiguration#defaults defaults}: enough to dial, to listen within this machine, and to dial {@code wss} servers
 * with a certificate that Java trusts.
 */
@AutoService(TransportProvider.class)
@SuppressWarnings("exports") // of the annotation, which users need not know
public final class WebSocketTransportProvider implements TransportProvider {
    private final WebSocketConfiguration configuration;

    /** With the defaults. */
    public WebSocketTransportProvider() {
        this(WebSocketConfiguration.defaults());
    }

    /**
     * With a configuration of one's own.
     *
     * @param configuration limits, TLS and policy
     */
    public WebSocketTransportProvider(WebSocketConfiguration configuration) {
        this.configuration = Objects.requireNonNull(configuration, "configuration");
    }

    @Override
    public String id() {
        return "websocket";
    }

    @Override
    public Set<String> schemes() {
        return Set.of("ws", "wss");
    }

    @Override
    public Set<TransportFeature> features() {
        return Set.of(
                TransportFeature.INBOUND_BACKPRESSURE, TransportFeature.CHANNEL_BINDING, TransportFeature.ENCRYPTED);
    }

    @Override
    public Transport open(TransportContext context) {
        return new WebSocketTransport(configuration, Objects.requireNonNull(context, "context"));
    }
}
