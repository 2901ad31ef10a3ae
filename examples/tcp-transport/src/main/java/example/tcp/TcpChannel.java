package example.tcp;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportContext;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One connection: each message is its length (four bytes), its kind (one byte), its content. Kind 2 says goodbye. */
final class TcpChannel implements Channel {
    private static final int GOODBYE = 2;

    private final TcpTransport transport;
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final CompletableFuture<Void> over = new CompletableFuture<>();

    // Guarded by this.
    private ChannelListener listener;
    private long requested;
    private CompletableFuture<Void> sending;
    private boolean closing;
    private CloseReason reason;
    private boolean ended;

    TcpChannel(TcpTransport transport, Socket socket) throws IOException {
        this.transport = transport;
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
    }

    CompletableFuture<Void> begin() {
        transport.threads.execute(this::read);
        return over;
    }

    /** The one thread that reads, and that calls the listener: so callbacks are serial, and the last is the last. */
    private void read() {
        try {
            for (int kind = GOODBYE - 1; kind != GOODBYE; ) {
                int size = in.readInt();
                kind = in.readUnsignedByte();
                if (size < 0 || size > maxMessageBytes()) {
                    throw new SyncException(ErrorKind.LIMIT_EXCEEDED, remote() + " sends too much: " + size + " bytes");
                }
                if (kind < GOODBYE) {
                    byte[] payload = new byte[size];
                    in.readFully(payload);
                    deliver(new Message(Message.Kind.values()[kind], payload));
                } else if (kind > GOODBYE) {
                    throw new SyncException(ErrorKind.MALFORMED, remote() + " sends no message of this transport");
                }
            }
            end(CloseReason.REMOTE);
        } catch (IOException e) {
            end(CloseReason.failed(new SyncException(ErrorKind.DISCONNECTED, "the connection to " + remote() + " broke", e)));
        } catch (SyncException e) {
            end(CloseReason.failed(e));
        }
        synchronized (this) {
            ended = true;
        }
        report();
        over.complete(null);
    }

    /** Waits for a request; meanwhile nothing is read, and the peer's kernel and ours push back. */
    private void deliver(Message message) throws IOException {
        synchronized (this) {
            while ((listener == null || requested == 0) && !closing && reason == null) {
                try {
                    wait();
                } catch (InterruptedException e) {
                    throw new IOException(e);
                }
            }
            if (closing || reason != null) {
                return;
            }
            requested -= requested == Long.MAX_VALUE ? 0 : 1;
        }
        try {
            listener.onMessage(message);
        } catch (RuntimeException e) {
            throw new SyncException(ErrorKind.INTERNAL, "the listener of " + remote() + " failed", e);
        }
    }

    private void report() {
        if (listener != null) {
            try {
                listener.onClosed(reason);
            } catch (RuntimeException e) {
                Thread.currentThread().getUncaughtExceptionHandler().uncaughtException(Thread.currentThread(), e);
            }
        }
    }
}
