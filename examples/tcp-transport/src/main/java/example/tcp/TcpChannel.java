package example.tcp;

import dev.livesync.api.*;
import dev.livesync.api.transport.*;
import java.io.*;
import java.net.Socket;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** One connection. A message is its length (four bytes), its kind (one byte) and its content; kind 2 is a goodbye. */
final class TcpChannel implements Channel {
    private static final int GOODBYE = 2;

    private final TcpTransport transport;
    private final Socket socket;
    private final DataInputStream in;
    private final DataOutputStream out;
    private final CompletableFuture<ChannelListener> started = new CompletableFuture<>();
    private final CompletableFuture<CloseReason> ended = new CompletableFuture<>();
    final CompletableFuture<Void> over; // ended, and the listener told if there is one

    // The rest is guarded by this.
    private CompletableFuture<Void> sending = CompletableFuture.completedFuture(null);
    private long requested;
    private boolean closing;
    private CloseReason reason;

    TcpChannel(TcpTransport transport, Socket socket) throws IOException {
        this.transport = transport;
        this.socket = socket;
        socket.setTcpNoDelay(true);
        in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
        out = new DataOutputStream(new BufferedOutputStream(socket.getOutputStream()));
        var told = ended.thenAcceptBothAsync(started, (why, l) -> l.onClosed(why), transport::tell);
        over = ended.thenCompose(why -> (started.isDone() ? told : ended).handle((done, e) -> null));
    }

    /** Reads and calls the listener, on one thread for the channel's whole life: so there is one call at a time. */
    void read() {
        try {
            for (int kind = 0; kind != GOODBYE; ) {
                int size = in.readInt();
                kind = in.readUnsignedByte();
                if (size < 0 || size > maxMessageBytes() || kind > GOODBYE) {
                    end(CloseReason.failed(failure(ErrorKind.LIMIT_EXCEEDED, " sends " + size + " bytes", null)));
                    break;
                }
                byte[] payload = new byte[size];
                in.readFully(payload);
                if (kind != GOODBYE && mayDeliver()) {
                    started.join().onMessage(new Message(Message.Kind.values()[kind], payload));
                }
            }
            end(CloseReason.REMOTE);
        } catch (IOException | InterruptedException e) {
            end(CloseReason.failed(failure(ErrorKind.DISCONNECTED, " broke the connection", e)));
        } catch (RuntimeException | Error e) {
            end(CloseReason.failed(failure(ErrorKind.INTERNAL, ": its listener failed", e)));
        }
        ended.complete(reason);
    }

    /** Waits for a request; TCP holds the sender up meanwhile. False once the channel is to end. */
    private synchronized boolean mayDeliver() throws InterruptedException {
        while ((requested == 0 || !started.isDone()) && !closing && reason == null) {
            wait();
        }
        requested -= requested == Long.MAX_VALUE ? 0 : 1;
        return !closing && reason == null;
    }

    /** The first end counts. The reading thread notices that the socket is closed, a writing one too. */
    private synchronized void end(CloseReason why) {
        if (reason == null) {
            // After our own goodbye the peer may leave as it likes.
            reason = closing && why.initiator() != CloseReason.Initiator.LOCAL ? CloseReason.LOCAL : why;
            notifyAll();
            transport.closeAndWait(socket, over, 0);
        }
    }

    private SyncException failure(ErrorKind kind, String what, Throwable e) {
        return new SyncException(kind, remote() + what, e);
    }

    private synchronized SyncException gone() {
        boolean ours = reason == null || reason.initiator() == CloseReason.Initiator.LOCAL;
        return failure(ours ? ErrorKind.CLOSED : ErrorKind.DISCONNECTED, ": the channel has ended", null);
    }

    @Override public synchronized void start(ChannelListener listener) {
        if (!started.complete(Objects.requireNonNull(listener))) {
            throw new IllegalStateException("started before");
        }
        notifyAll();
    }

    @Override public synchronized void request(long messages) {
        if (messages < 1) {
            throw new IllegalArgumentException("a request of " + messages);
        }
        requested = requested + messages < 0 ? Long.MAX_VALUE : requested + messages;
        notifyAll();
    }

    @Override public synchronized CompletionStage<Void> send(Message message) {
        if (message.size() > maxMessageBytes()) {
            String what = ": " + message + " is over the limit of " + maxMessageBytes() + " bytes";
            return CompletableFuture.failedFuture(failure(ErrorKind.LIMIT_EXCEEDED, what, null));
        }
        if (closing || reason != null) {
            return CompletableFuture.failedFuture(gone());
        }
        if (!sending.isDone()) {
            throw new IllegalStateException("the send before has not completed");
        }
        return sending = write(message.kind().ordinal(), message.payload());
    }

    private CompletableFuture<Void> write(int kind, byte[] payload) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        transport.threads.execute(() -> {
            try {
                out.writeInt(payload.length);
                out.writeByte(kind);
                out.write(payload);
                out.flush();
                done.complete(null);
            } catch (IOException e) {
                end(CloseReason.failed(failure(ErrorKind.DISCONNECTED, " takes no more", e)));
                done.completeExceptionally(gone());
            }
        });
        return done;
    }

    @Override public synchronized CompletionStage<Void> close() {
        if (!closing && reason == null) {
            closing = true;
            notifyAll();
            SyncException late = failure(ErrorKind.TIMEOUT, " does not read to the end", null);
            var timer = transport.context.scheduler().schedule(transport.context.closeTimeout(), () -> abort(late));
            over.thenRun(timer::cancel);
            sending.thenRun(() -> write(GOODBYE, new byte[0]));
        }
        return over.copy();
    }

    @Override public void abort(SyncException why) { end(CloseReason.aborted(why)); }

    @Override public int maxMessageBytes() { return transport.context.maxMessageBytes(); }

    @Override public Optional<PeerIdentity> peer() { return Optional.empty(); }

    @Override public Optional<byte[]> binding() { return Optional.empty(); }

    @Override public String remote() { return "tcp:/" + socket.getRemoteSocketAddress(); }
}
