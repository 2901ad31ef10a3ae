package dev.livesync.transport.servlet;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import jakarta.servlet.ServletConfig;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A servlet container for the kit, which listens and dials addresses {@code ws://127.0.0.1:PORT/PATH}: one port for all, and a hub for each path at which
 * somebody listens. What dials is the WebSocket transport.
 */
abstract class Container implements AutoCloseable {
    /** More than the operating system takes however long one waits, so that a full buffer stays full. */
    private static final int BEYOND_THE_KERNEL = 16 << 20;

    private final Map<String, ServletTransportProvider> hubs = new ConcurrentHashMap<>();
    private final AtomicInteger next = new AtomicInteger();
    private volatile ServletConfig hubsConfig;

    /** Where it listens. */
    abstract int port();

    /** To be registered at {@code /*}. */
    final HttpServlet servlet() {
        return new Hubs();
    }

    /** Whether a thread is one of the container's, which live as long as it does. */
    abstract boolean owns(Thread thread);

    final TransportProvider provider() {
        return new AtPaths();
    }

    /** A hub, registered at its path. */
    final ServletTransportProvider hub(ServletConfiguration configuration) {
        return hubs.computeIfAbsent(configuration.path(), none -> registered(configuration));
    }

    private ServletTransportProvider registered(ServletConfiguration configuration) {
        ServletTransportProvider provider = new ServletTransportProvider(configuration);
        try {
            provider.servlet().init(Objects.requireNonNull(hubsConfig, "started before"));
        } catch (ServletException e) {
            throw new IllegalStateException(e);
        }
        return provider;
    }

    /** Hands each request to the hub of its path. */
    private final class Hubs extends HttpServlet {
        private static final long serialVersionUID = 1L;

        @Override
        public void init() {
            hubsConfig = getServletConfig();
        }

        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response)
                throws ServletException, IOException {
            ServletTransportProvider hub = hubs.get(request.getRequestURI());
            if (hub == null) {
                response.sendError(HttpServletResponse.SC_NOT_FOUND);
            } else {
                hub.servlet().service(request, response);
            }
        }
    }

    private final class AtPaths implements TransportProvider {
        @Override
        public String id() {
            return "servlet";
        }

        @Override
        public Set<String> schemes() {
            return Set.of("ws");
        }

        @Override
        public String localAddress() {
            return "ws://127.0.0.1:0/";
        }

        @Override
        public Set<TransportFeature> features() {
            return hub(ServletConfiguration.at("/features")).features();
        }

        @Override
        public Transport open(TransportContext context) {
            DialingTransport dialling =
                    (DialingTransport) new WebSocketTransportProvider(WebSocketConfiguration.builder()
                                    .sendBufferBytes(BEYOND_THE_KERNEL)
                                    .build())
                            .open(context);
            return new Both(context, dialling);
        }
    }

    private final class Both implements DialingTransport {
        private final TransportContext context;
        private final DialingTransport dialling;
        private final Set<DialingTransport> listening = ConcurrentHashMap.newKeySet();
        private volatile boolean closed;

        Both(TransportContext context, DialingTransport dialling) {
            this.context = context;
            this.dialling = dialling;
        }

        @Override
        public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
            URI asked;
            try {
                asked = URI.create(address);
            } catch (IllegalArgumentException e) {
                return CompletableFuture.failedFuture(new SyncException(ErrorKind.CONFIGURATION, e.getMessage(), e));
            }
            if (!"ws".equals(asked.getScheme()) || asked.getHost() == null) {
                return CompletableFuture.failedFuture(
                        new SyncException(ErrorKind.CONFIGURATION, "this is no address of the container: " + address));
            }
            String path = asked.getPort() == 0 ? "/hub" + next.incrementAndGet() : asked.getPath();
            ServletTransportProvider hub = hub(ServletConfiguration.builder(path)
                    .publicUrl("ws://127.0.0.1:" + port() + path)
                    .build());
            DialingTransport transport = (DialingTransport) hub.open(context);
            listening.add(transport);
            if (closed) {
                transport.close();
            }
            return transport.listen(hub.localAddress(), acceptor);
        }

        @Override
        public CompletionStage<Channel> dial(String address) {
            return dialling.dial(address);
        }

        @Override
        public void close() {
            closed = true;
            listening.forEach(Transport::close);
            dialling.close();
        }
    }
}
