package dev.livesync.it.room;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A member of a room as the JDK's WebSocket makes it: what it sends is what a test says. One thread uses it. */
final class PlainMember implements AutoCloseable, WebSocket.Listener {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long PATIENCE_SECONDS = 60;

    private final BlockingQueue<byte[]> frames = new LinkedBlockingQueue<>();
    private final BlockingQueue<String> texts = new LinkedBlockingQueue<>();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();
    private final ByteArrayOutputStream frame = new ByteArrayOutputStream();
    private final StringBuilder text = new StringBuilder();
    private final WebSocket socket;

    private PlainMember(URI room, String token) throws Exception {
        WebSocket.Builder builder = HttpClient.newHttpClient().newWebSocketBuilder();
        if (!token.isEmpty()) {
            builder.header("Authorization", "Bearer " + token);
        }
        try {
            socket = builder.buildAsync(room, this).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException(e.getCause());
        }
    }

    /** Opens a socket; says nothing and awaits nothing. */
    static PlainMember open(URI room) throws Exception {
        return new PlainMember(room, "");
    }

    static PlainMember open(URI room, String token) throws Exception {
        return new PlainMember(room, token);
    }

    @Override
    public CompletionStage<?> onText(WebSocket from, CharSequence part, boolean last) {
        text.append(part);
        if (last) {
            texts.add(text.toString());
            text.setLength(0);
        }
        from.request(1);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket from, ByteBuffer part, boolean last) {
        byte[] bytes = new byte[part.remaining()];
        part.get(bytes);
        frame.writeBytes(bytes);
        if (last) {
            frames.add(frame.toByteArray());
            frame.reset();
        }
        from.request(1);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public CompletionStage<?> onClose(WebSocket from, int code, String reason) {
        closed.complete(code);
        return CompletableFuture.completedStage(null);
    }

    @Override
    public void onError(WebSocket from, Throwable error) {
        closed.complete(1006);
    }

    /** The next text of the room's. */
    JsonNode told() throws Exception {
        String next = texts.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("a text of the room's").isNotNull();
        return JSON.readTree(next);
    }

    byte[] frame() throws Exception {
        byte[] next = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        assertThat(next).as("a frame").isNotNull();
        return next;
    }

    boolean heardNothing() {
        return texts.isEmpty() && frames.isEmpty();
    }

    int closeCode() throws Exception {
        return closed.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Says something, and awaits what the room answers. */
    JsonNode ask(String said) throws Exception {
        say(said);
        return told();
    }

    void say(String said) throws Exception {
        socket.sendText(said, true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    void send(byte[] whole) throws Exception {
        socket.sendBinary(ByteBuffer.wrap(whole), true).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** A frame for somebody. */
    static byte[] frame(String id, byte[] body) {
        byte[] name = id.getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(1 + name.length + body.length)
                .put((byte) name.length)
                .put(name)
                .put(body)
                .array();
    }

    /** Ends without a word. */
    void abort() {
        socket.abort();
    }

    @Override
    public void close() throws Exception {
        if (!socket.isOutputClosed()) {
            socket.sendClose(WebSocket.NORMAL_CLOSURE, "").get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }
}
