package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * A socket that was accepted, until its first message has come or it is gone. Nothing is made for it before its first byte, neither
 * buffers nor TLS. On the loop's thread.
 */
final class Newcomer implements Loop.Handler {
    private final WebSocketListening listening;
    private final SocketChannel socket;
    private final SelectionKey key;
    private TransportContext.@Nullable Cancellable timer;
    private @Nullable Connection connection;
    private @Nullable BufferedChannel channel;
    private boolean heard;
    private boolean over;

    Newcomer(WebSocketListening listening, SocketChannel socket, SelectionKey key) {
        this.listening = listening;
        this.socket = socket;
        this.key = key;
    }

    /** Waits for the first byte. */
    void begin() {
        key.attach(this);
        timer = listening.afterSilence(this, this::leave);
        key.interestOps(SelectionKey.OP_READ);
    }

    @Override
    public void ready(SelectionKey ignored) {
        cancelTimer();
        try {
            ServerHandshake handshake = listening.handshake(this);
            Connection made = listening.connect(this, socket, key, handshake);
            connection = made;
            made.expire(listening.handshakeTimeout(), made::abort);
            handshake.begin(made);
        } catch (IOException e) {
            System.getLogger(Newcomer.class.getName())
                    .log(System.Logger.Level.TRACE, "a connection was gone before it began", e);
            evict();
        }
    }

    /** Its time for a first byte is over. */
    private void leave() {
        if (timer != null) {
            evict();
        }
    }

    /** Whether a handshake that is complete has a place. */
    boolean hasRoom() {
        return listening.hasRoom();
    }

    /** Its handshake is done. */
    void upgraded(Connection own, FrameCodec codec) {
        channel = listening.upgraded(own, codec, this::firstMessage);
    }

    boolean isUpgraded() {
        return channel != null;
    }

    private void firstMessage() {
        heard = true;
        if (!listening.heard(this)) {
            abortChannel();
        }
    }

    /** Makes room for another, or has had its time. */
    void evict() {
        Connection begun = connection;
        if (channel != null) {
            abortChannel();
        } else if (begun != null) {
            begun.abort();
        } else {
            WebSocketListening.closeQuietly(socket);
            ended();
        }
    }

    private void abortChannel() {
        BufferedChannel open = channel;
        if (open != null) {
            open.abort(new SyncException(ErrorKind.REFUSED, "too many connections at " + listening.address()));
        }
    }

    /** The socket is closed. */
    void ended() {
        if (!over) {
            over = true;
            cancelTimer();
            listening.gone(this, heard);
        }
    }

    private void cancelTimer() {
        TransportContext.Cancellable started = timer;
        if (started != null) {
            timer = null;
            started.cancel();
        }
    }

    @Override
    public void shutDown() {
        WebSocketListening.closeQuietly(socket);
        ended();
    }
}
