package dev.livesync.spring;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Extension;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The opening handshake: everybody may knock, so everything is checked before the container makes a WebSocket of it. */
final class HubServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient ServletTransportProvider provider;
    private final transient Set<String> allowedOrigins;

    HubServlet(ServletTransportProvider provider) {
        this.provider = provider;
        this.allowedOrigins = provider.hub().allowedOrigins().stream()
                .map(HubServlet::normal)
                .collect(Collectors.toUnmodifiableSet());
    }

    private static String normal(String origin) {
        return origin.trim().toLowerCase(Locale.ROOT);
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        String origin = request.getHeader("Origin");
        ServletListening listening = provider.current();
        // First of all: a web page learns nothing else about us.
        if (origin != null && !allowedOrigins.contains(normal(origin))) {
            refuse(response, HttpServletResponse.SC_FORBIDDEN, "this origin is not allowed here");
        } else if (!"websocket".equalsIgnoreCase(request.getHeader("Upgrade"))) {
            response.setHeader("Upgrade", "websocket");
            refuse(response, 426, "this is a WebSocket");
        } else if (listening == null) {
            refuse(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE, "nobody listens here now");
        } else {
            Optional<HubConnection> admitted =
                    listening.admit(remote(request.getRemoteAddr(), request.getRemotePort()));
            if (admitted.isEmpty()) {
                refuse(response, HttpServletResponse.SC_SERVICE_UNAVAILABLE, "too many connections");
            } else {
                upgrade(request, response, admitted.get());
            }
        }
    }

    private static String remote(String host, int port) {
        return (host.indexOf(':') >= 0 && !host.startsWith("[") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Not {@code sendError}, which would make it the application's page of errors. */
    private static void refuse(HttpServletResponse response, int status, String why) throws IOException {
        response.setStatus(status);
        response.setContentType("text/plain");
        response.setCharacterEncoding("US-ASCII");
        response.getWriter().println(why);
    }

    private void upgrade(HttpServletRequest request, HttpServletResponse response, HubConnection connection)
            throws ServletException, IOException {
        ServerContainer container = (ServerContainer) getServletContext().getAttribute(ServerContainer.class.getName());
        boolean upgraded = false;
        try {
            if (container == null) {
                throw new ServletException("the servlet container has no WebSockets: add them as a dependency");
            }
            container.upgradeHttpToWebSocket(
                    request,
                    response,
                    ServerEndpointConfig.Builder.create(
                                    HubConnection.class, provider.hub().path())
                            .configurator(new OneConnection(connection))
                            .build(),
                    Map.of());
            upgraded = response.getStatus() == HttpServletResponse.SC_SWITCHING_PROTOCOLS;
        } catch (DeploymentException e) {
            throw new ServletException(e);
        } finally {
            if (!upgraded) {
                connection.release();
            }
        }
    }

    /** Hands the container the connection that was admitted. */
    private static final class OneConnection extends ServerEndpointConfig.Configurator {
        private final HubConnection connection;

        OneConnection(HubConnection connection) {
            this.connection = connection;
        }

        @Override
        public <T> T getEndpointInstance(Class<T> type) {
            return type.cast(connection);
        }

        /** None: what is sent is compressed and encrypted already. */
        @Override
        public List<Extension> getNegotiatedExtensions(List<Extension> installed, List<Extension> requested) {
            return List.of();
        }

        @Override
        public boolean checkOrigin(String originHeaderValue) {
            return true; // done
        }
    }
}
