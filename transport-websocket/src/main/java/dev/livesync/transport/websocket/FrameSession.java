package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.MessageLink;
import dev.livesync.transport.support.OpenResources;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.java_websocket.exceptions.InvalidDataException;
import org.java_websocket.exceptions.LimitExceededException;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.framing.CloseFrame;
import org.java_websocket.framing.DataFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PingFrame;
import org.java_websocket.framing.PongFrame;
import org.java_websocket.framing.TextFrame;
import org.jspecify.annotations.Nullable;

/**
 * An open WebSocket between a connection and a channel: frames, fragments, pings and the closing handshake. What the
 * channel calls is for any thread, the rest is the loop's.
 *
 * <p>Closing is done by both sides saying Close, then both ending their half of the TCP connection, and reading until the
 * other has: a socket that is closed with unread bytes resets the connection, which takes messages back that were sent in
 * time.
 */
final class FrameSession implements Connection.Reader, MessageLink {
    private final Connection connection;
    private final FrameCodec codec;
    private final BufferedChannel channel;
    private final TransportContext context;
    private final Duration pingInterval;
    private @Nullable Runnable onFirstMessage;

    private Message.Kind fragmentKind = Message.Kind.BINARY;
    private @Nullable ByteArrayOutputStream fragments;

    private boolean closeSent;
    private boolean closeReceived;
    private boolean inputEnded;
    private boolean over;
    private TransportContext.@Nullable Cancellable pings;

    private FrameSession(
            Connection connection,
            FrameCodec codec,
            BufferedChannel channel,
            TransportContext context,
            Duration pingInterval) {
        this.connection = connection;
        this.codec = codec;
        this.channel = channel;
        this.context = context;
        this.pingInterval = pingInterval;
    }

    /**
     * The channel over a connection whose handshake is done. On the loop's thread.
     *
     * @param onFirstMessage called before the first message is handed on; may end the connection
     */
    static BufferedChannel channel(
            Connection connection,
            FrameCodec codec,
            OpenResources<BufferedChannel> resources,
            WebSocketConfiguration configuration,
            String remote,
            @Nullable Runnable onFirstMessage) {
        TransportContext context = resources.context();
        BufferedChannel channel = new BufferedChannel(
                context,
                new BufferedChannel.Remote(remote, Optional.empty(), connection.binding()),
                new BufferedChannel.Sizes(
                        configuration.maxMessageBytes(context),
                        configuration.sendBufferBytes(),
                        configuration.sendBufferBytes(),
                        configuration.receiveBufferBytes()),
                resources::remove);
        FrameSession session = new FrameSession(connection, codec, channel, context, configuration.pingInterval());
        session.onFirstMessage = onFirstMessage;
        channel.attach(session);
        connection.reader(session);
        resources.add(channel);
        session.schedulePing();
        return channel;
    }

    /** Makes a frame of the message's own bytes and queues it. */
    @Override
    public void send(Message message) {
        DataFrame frame = message.kind() == Message.Kind.TEXT ? new TextFrame() : new BinaryFrame();
        frame.setPayload(ByteBuffer.wrap(message.payload()));
        connection.enqueue(codec.encode(frame));
    }

    @Override
    public long buffered() {
        return connection.buffered();
    }

    @Override
    public void resumeReading() {
        connection.resumeReading();
    }

    /** Says goodbye behind all that was sent. */
    @Override
    public void closeInOrder() {
        connection.execute(() -> {
            if (!over) {
                sendClose(CloseFrame.NORMAL, "");
                connection.resumeReading();
                closeIfBothHave();
            }
        });
    }

    @Override
    public void closeTimedOut(SyncException failure) {
        connection.execute(() -> {
            if (over) {
                return;
            }
            if (closeSent && connection.isFlushed()) {
                // Everything went out; only the peer's goodbye is missing.
                end();
                connection.close();
                channel.closedByUs();
            } else {
                channel.abort(failure);
            }
        });
    }

    /** Says that we can't go on, and why not in general. */
    @Override
    public void giveUp() {
        connection.execute(() -> {
            if (!over) {
                sendClose(CloseFrame.UNEXPECTED_CONDITION, "");
                finish();
            }
        });
    }

    @Override
    public void abort() {
        connection.execute(() -> {
            end();
            connection.abort();
        });
    }

    @Override
    public void onBytes(ByteBuffer bytes) {
        if (over || closeReceived) {
            bytes.position(bytes.limit());
            return;
        }
        try {
            List<Framedata> frames = codec.translateFrame(bytes);
            for (int i = 0; i < frames.size() && !over && !closeReceived; i++) {
                take(frames.get(i));
            }
            if (codec.hasFailed() && !over && !closeReceived) {
                codec.translateFrame(bytes);
            }
        } catch (InvalidDataException e) {
            protocolError(e);
        }
        bytes.position(bytes.limit());
    }

    private void take(Framedata frame) {
        switch (frame.getOpcode()) {
            case TEXT -> data(Message.Kind.TEXT, frame);
            case BINARY -> data(Message.Kind.BINARY, frame);
            case CONTINUOUS -> continued(frame);
            case PING -> pong(frame);
            case PONG -> {}
            case CLOSING -> closed((CloseFrame) frame);
        }
    }

    private void data(Message.Kind kind, Framedata frame) {
        if (frame.isFin()) {
            arrived(new Message(kind, frame.getPayloadData().array()));
        } else {
            fragmentKind = kind;
            byte[] first = frame.getPayloadData().array();
            fragments = new ByteArrayOutputStream();
            fragments.write(first, 0, first.length);
        }
    }

    private void continued(Framedata frame) {
        ByteArrayOutputStream whole = Objects.requireNonNull(fragments, "the codec refuses a continuation of nothing");
        byte[] more = frame.getPayloadData().array();
        whole.write(more, 0, more.length);
        if (frame.isFin()) {
            fragments = null;
            arrived(new Message(fragmentKind, whole.toByteArray()));
        }
    }

    private void arrived(Message message) {
        Runnable first = onFirstMessage;
        if (first != null) {
            onFirstMessage = null;
            first.run();
        }
        if (!closeSent && !over) {
            channel.arrived(message);
        }
    }

    private void pong(Framedata ping) {
        // A peer that asks faster than it reads gets fewer answers.
        if (!closeSent && connection.buffered() < Loop.READ_BYTES) {
            PongFrame pong = new PongFrame();
            pong.setPayload(ping.getPayloadData());
            connection.enqueue(codec.encode(pong));
        }
    }

    private void closed(CloseFrame frame) {
        closeReceived = true;
        int code = frame.getCloseCode();
        if (!closeSent) {
            // Its own code back, as RFC 6455 has it.
            sendClose(code, "");
            channel.closedByPeer(reason(code, frame.getMessage()));
            finish();
        }
        closeIfBothHave();
    }

    /** Null for a regular close. */
    private @Nullable SyncException reason(int code, String said) {
        if (code == CloseFrame.NORMAL || code == CloseFrame.GOING_AWAY || code == CloseFrame.NOCODE) {
            return null;
        }
        if (code == CloseFrame.TOOBIG) {
            return new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    connection.remote() + " takes no messages of that size (close code 1009)");
        }
        String shown = said.replaceAll("[^\\x20-\\x7e]", "?");
        return new SyncException(
                ErrorKind.DISCONNECTED,
                connection.remote() + " gave the connection up with close code " + code
                        + (shown.isEmpty() ? "" : ": " + shown));
    }

    private void protocolError(InvalidDataException e) {
        if (closeSent) {
            closeReceived = true; // whatever it was, no more will be understood
            closeIfBothHave();
            return;
        }
        boolean limit = e instanceof LimitExceededException;
        sendClose(e.getCloseCode(), "");
        channel.failed(new SyncException(
                limit ? ErrorKind.LIMIT_EXCEEDED : ErrorKind.MALFORMED,
                limit
                        ? connection.remote() + " sent " + e.getMessage() + ", over the limit of "
                                + channel.maxMessageBytes()
                        : connection.remote() + " does not keep to RFC 6455: " + Failures.text(e),
                e));
        finish();
    }

    private void sendClose(int code, String reason) {
        if (closeSent) {
            return;
        }
        closeSent = true;
        CloseFrame frame = new CloseFrame();
        frame.setReason(reason);
        frame.setCode(code);
        connection.enqueue(codec.encode(frame));
    }

    /** Where we began to close: over once all went out and the peer has answered. */
    private void closeIfBothHave() {
        if (!over && closeSent && (closeReceived || inputEnded) && connection.isFlushed()) {
            finish();
            channel.closedByUs();
        }
    }

    /** Nothing more is said; the socket closes when the peer has seen it all. */
    private void finish() {
        end();
        connection.reader(Discard.INSTANCE);
        connection.finish(context.closeTimeout());
    }

    private void end() {
        over = true;
        if (pings != null) {
            pings.cancel();
            pings = null;
        }
    }

    @Override
    public void onEnd(@Nullable IOException failure) {
        inputEnded = true;
        if (closeSent) {
            closeIfBothHave();
        }
        if (!over && !(closeSent && failure == null)) {
            end();
            connection.close();
            channel.failed(Failures.disconnected(connection.remote(), failure));
        }
    }

    @Override
    public boolean wantsBytes() {
        return closeSent || channel.wantsMore();
    }

    @Override
    public void onWritten() {
        channel.roomMade();
        closeIfBothHave();
    }

    @Override
    public void onOutputBroken(IOException failure) {
        // Not the end: what the peer sent before it went, its goodbye included, is still to be read.
        channel.outputBroken(Failures.disconnected(connection.remote(), failure));
        closeIfBothHave();
    }

    @Override
    public void onShutDown() {
        end();
        channel.failed(Failures.closed());
    }

    private void schedulePing() {
        if (!pingInterval.isZero() && !over) {
            pings = context.scheduler().schedule(pingInterval, () -> connection.execute(this::ping));
        }
    }

    private void ping() {
        if (!over && !closeSent) {
            if (connection.buffered() == 0) {
                connection.enqueue(codec.encode(new PingFrame()));
            }
            schedulePing();
        }
    }
}
