package dev.livesync.transport.servlet;

import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.DeploymentException;
import jakarta.websocket.Endpoint;
import jakarta.websocket.Extension;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The opening handshake: everybody may knock, so everything is checked before the container makes a WebSocket of it. */
final class HubServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final transient ServletTransportProvider provider;

    private transient volatile @Nullable ServerContainer container;

    HubServlet(ServletTransportProvider provider) {
        this.provider = provider;
    }

    @Override
    public void init() {
        container = (ServerContainer) getServletContext().getAttribute(ServerContainer.class.getName());
    }

    /** What makes WebSockets here; null before the servlet is registered, and where nothing does. */
    @Nullable
    ServerContainer container() {
        return container;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response)
            throws ServletException, IOException {
        String origin = request.getHeader("Origin");
        ServletListening listening = provider.current();
        // First of all: a web page learns nothing else about us.
        if (origin != null
                && !provider.configuration().allowedOrigins().contains(ServletConfiguration.normal(origin))) {
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
        boolean upgraded = false;
        try {
            ServerContainer own = container;
            if (own == null) {
                throw new ServletException("the servlet container has no WebSockets: add them as a dependency");
            }
            own.upgradeHttpToWebSocket(
                    request,
                    response,
                    ServerEndpointConfig.Builder.create(
                                    Endpoint.class, provider.configuration().path())
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

    /** Hands the container the connection that was admitted, whose class Jetty would refuse: it is not public. */
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
