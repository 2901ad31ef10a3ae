package dev.livesync.transport.websocket;

import dev.livesync.api.transport.TransportContext;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import java.util.Objects;
import org.java_websocket.enums.HandshakeState;
import org.java_websocket.enums.Role;
import org.java_websocket.exceptions.InvalidHandshakeException;
import org.java_websocket.handshake.ClientHandshake;
import org.java_websocket.handshake.HandshakeImpl1Server;
import org.java_websocket.handshake.Handshakedata;
import org.jspecify.annotations.Nullable;

/** The listening side of the opening handshake: everybody may knock, so everything is checked before anybody else hears. */
final class ServerHandshake implements Connection.Reader {
    private static final String ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

    private final Newcomer newcomer;
    private final String path;
    private final WebSocketConfiguration configuration;
    private final TransportContext context;
    private final HttpHead head = new HttpHead();
    private @Nullable Connection connection;

    ServerHandshake(Newcomer newcomer, String path, WebSocketConfiguration configuration, TransportContext context) {
        this.newcomer = newcomer;
        this.path = path;
        this.configuration = configuration;
        this.context = context;
    }

    void begin(Connection own) {
        connection = own;
        own.start();
    }

    @Override
    public void onBytes(ByteBuffer bytes) {
        boolean complete = head.take(bytes);
        if (head.firstByte() != 'G') {
            // TLS and others would wait for an answer as we do for the end of the line.
            refuse("400 Bad Request", "not a request for a WebSocket");
        } else if (complete) {
            answer();
        } else if (head.isTooLong()) {
            refuse("431 Request Header Fields Too Large", "a request of more than " + HttpHead.MAX_BYTES + " bytes");
        }
    }

    private void answer() {
        FrameCodec codec = new FrameCodec(Role.SERVER, configuration.maxMessageBytes(context));
        Handshakedata parsed;
        try {
            parsed = codec.translateHandshake(head.bytes());
        } catch (InvalidHandshakeException | RuntimeException e) {
            refuse("400 Bad Request", "not a request for a WebSocket");
            return;
        }
        if (!(parsed instanceof ClientHandshake request)) {
            refuse("400 Bad Request", "not a request for a WebSocket");
            return;
        }
        // First of all: a web page learns nothing else about us.
        if (request.hasFieldValue("Origin") && !isAllowed(request.getFieldValue("Origin"))) {
            refuse("403 Forbidden", "this origin is not allowed here");
        } else if (!pathOf(request.getResourceDescriptor()).equals(path)) {
            refuse("404 Not Found", "nothing listens at this path");
        } else if (!asksForWebSocket(request)) {
            refuse("426 Upgrade Required\r\nUpgrade: websocket", "this is a WebSocket");
        } else if (!request.getFieldValue("Sec-WebSocket-Version").trim().equals("13")) {
            refuse("426 Upgrade Required\r\nSec-WebSocket-Version: 13", "this version of WebSocket is not spoken here");
        } else if (!newcomer.hasRoom()) {
            refuse("503 Service Unavailable", "too many connections");
        } else {
            upgrade(codec, request);
        }
    }

    private void upgrade(FrameCodec codec, ClientHandshake request) {
        String key = request.getFieldValue("Sec-WebSocket-Key").trim();
        if (!matches(codec, request) || key.length() != 24) {
            refuse("400 Bad Request", "not a request for a WebSocket");
            return;
        }
        Connection own = own();
        own.cancelTimer();
        codec.createHandshake(answer(key)).forEach(own::enqueue);
        newcomer.upgraded(own, codec);
    }

    private static boolean matches(FrameCodec codec, ClientHandshake request) {
        try {
            return codec.acceptHandshakeAsServer(request) == HandshakeState.MATCHED;
        } catch (InvalidHandshakeException e) {
            return false;
        }
    }

    /**
     * What a client needs, and no more: many sessions say little else. The library's own answer has a date, for which the JDK loads its
     * languages: a twentieth of a second for the first caller.
     */
    private static HandshakeImpl1Server answer(String key) {
        HandshakeImpl1Server answer = new HandshakeImpl1Server();
        answer.setHttpStatusMessage("Switching Protocols");
        answer.put("Upgrade", "websocket");
        answer.put("Connection", "Upgrade");
        answer.put("Sec-WebSocket-Accept", accept(key));
        return answer;
    }

    /** RFC 6455, section 4.2.2, step 5. */
    private static String accept(String key) {
        try {
            byte[] digest =
                    MessageDigest.getInstance("SHA-1").digest((key + ACCEPT_GUID).getBytes(StandardCharsets.US_ASCII));
            return Base64.getEncoder().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-1", e);
        }
    }

    private boolean isAllowed(String origin) {
        return configuration.allowedOrigins().contains(origin.trim().toLowerCase(Locale.ROOT));
    }

    private static boolean asksForWebSocket(ClientHandshake request) {
        return request.getFieldValue("Upgrade").trim().equalsIgnoreCase("websocket")
                && request.getFieldValue("Connection").toLowerCase(Locale.ROOT).contains("upgrade");
    }

    private static String pathOf(String target) {
        int query = target.indexOf('?');
        return query < 0 ? target : target.substring(0, query);
    }

    private void refuse(String status, String why) {
        Connection own = own();
        byte[] body = (why + "\n").getBytes(StandardCharsets.US_ASCII);
        String response = "HTTP/1.1 " + status + "\r\nServer: LiveSync\r\nConnection: close\r\n"
                + "Content-Type: text/plain; charset=us-ascii\r\nContent-Length: " + body.length + "\r\n\r\n";
        own.reader(Discard.INSTANCE);
        own.enqueue(ByteBuffer.wrap(response.getBytes(StandardCharsets.US_ASCII)));
        own.enqueue(ByteBuffer.wrap(body));
        own.finish(context.closeTimeout());
    }

    private Connection own() {
        return Objects.requireNonNull(connection);
    }

    @Override
    public void onEnd(@Nullable IOException failure) {
        own().close();
    }

    @Override
    public boolean wantsBytes() {
        return true;
    }

    @Override
    public void onShutDown() {}
}
