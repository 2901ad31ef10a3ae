package dev.livesync.transport.servlet;

import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import jakarta.servlet.http.HttpServlet;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * One hub in a servlet container: {@link #servlet} takes the connections, once the application has registered it at the hub's path, and
 * they become channels of whoever listens at {@link #localAddress}, {@code servlet:PATH}. Others dial the application's own address with any
 * WebSocket transport; this one doesn't dial. Any thread.
 *
 * <p>It is not found by {@link java.util.ServiceLoader}: one without a servlet would take no connection. Give it to the core.
 */
public final class ServletTransportProvider implements TransportProvider {
    static final String SCHEME = "servlet";

    private final ServletConfiguration configuration;
    private final HubServlet servlet;
    private final AtomicReference<@Nullable ServletListening> listening = new AtomicReference<>();

    /**
     * Creates the provider of one hub.
     *
     * @param configuration where it is, and who may connect
     */
    public ServletTransportProvider(ServletConfiguration configuration) {
        this.configuration = Objects.requireNonNull(configuration, "configuration");
        this.servlet = new HubServlet(this);
    }

    /**
     * The servlet that takes the connections. While nobody listens it answers 503.
     *
     * @return the same each time; to be registered at the configuration's path, in a container with Jakarta WebSocket 2.1 or newer
     */
    public HttpServlet servlet() {
        return servlet;
    }

    ServletConfiguration configuration() {
        return configuration;
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

    /**
     * Where to listen.
     *
     * @return {@code servlet:} and the path
     */
    @Override
    public String localAddress() {
        return SCHEME + ":" + configuration.path();
    }

    /**
     * With Tomcat {@link TransportFeature#INBOUND_BACKPRESSURE}; other containers can't be told to stop reading.
     *
     * @return what the servlet's container can do; as long as it has none, what one of those on the class path can
     */
    @Override
    public Set<TransportFeature> features() {
        return ContainerReading.isSupported(servlet.container())
                ? Set.of(TransportFeature.INBOUND_BACKPRESSURE)
                : Set.of();
    }

    @Override
    public Transport open(TransportContext context) {
        return new ServletTransport(this, Objects.requireNonNull(context, "context"));
    }
}
