package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** One stream of a {@link Yamux} session: its queue of bytes to send, and both windows. For the session's thread only. */
final class YamuxStream {
    /** Takes the data of a stream. */
    interface Reader {
        /** Takes all the bytes, which are valid during the call only. The reader calls {@link YamuxStream#consumed} when it can take more. */
        void onBytes(byte[] bytes, int offset, int count);

        /** Called when the peer sends no more. */
        void onFinished();

        /** Called when the stream has ended in another way; nothing is called afterwards. */
        void onBroken(SyncException reason);

        /** Called when queued bytes were sent. */
        default void onSent(long bytes) {}
    }

    private final Yamux session;
    private final int id;
    /** The flags of the next frame: that the stream is new, or accepted. */
    private int flags;

    private @Nullable Reader reader;
    private final Deque<ByteBuffer> queue = new ArrayDeque<>();
    private long sendWindow = Yamux.INITIAL_WINDOW;
    private int window = Yamux.INITIAL_WINDOW;
    /** How much the peer may still send. */
    private long receiveWindow = Yamux.INITIAL_WINDOW;
    /** The bytes that were consumed and not granted again yet. */
    private long consumed;

    private boolean finishing;
    private boolean finished;
    private boolean peerFinished;
    private boolean over;
    /** Whether it is in the session's list of streams that have something to send. */
    boolean listed;

    YamuxStream(Yamux session, int id, int flags) {
        this.session = session;
        this.id = id;
        this.flags = flags;
    }

    int id() {
        return id;
    }

    void reader(Reader next) {
        reader = next;
    }

    /** Queues bytes, which are not copied before they go out. */
    void write(ByteBuffer bytes) {
        if (!finishing && !over) {
            queue.add(bytes);
            session.list(this);
        }
    }

    /** Closes our direction behind what is queued. */
    void finish() {
        if (!finishing && !over) {
            finishing = true;
            session.list(this);
        }
    }

    /** Closes our direction and drops what is queued, because the peer wants no more of it. */
    void finishNow() {
        queue.clear();
        finish();
    }

    boolean hasFinished() {
        return finished;
    }

    /** Resets the stream. */
    void reset() {
        if (!over) {
            session.answer(Yamux.WINDOW_UPDATE, flags | Yamux.RST, id, 0);
            end();
        }
    }

    /** Grants the peer bytes that were consumed. */
    void consumed(long bytes) {
        consumed += bytes;
        if (!over && !peerFinished && consumed >= window / 2) {
            allow();
        }
    }

    /** Lets the peer send more before it waits; windows never shrink. */
    void widen(int newWindow) {
        if (newWindow > window && !over) {
            consumed += newWindow - window;
            window = newWindow;
            allow();
        }
    }

    private void allow() {
        session.answer(Yamux.WINDOW_UPDATE, flags, id, consumed);
        flags = 0;
        receiveWindow += consumed;
        consumed = 0;
    }

    boolean canSend() {
        return !over && !finished && (flags != 0 || (queue.isEmpty() ? finishing : sendWindow > 0));
    }

    /**
     * Writes one frame; the session asked whether there is something to send, and there is room for more than a header. The
     * end has a frame of its own, as others do it: js-libp2p's yamux drops the data of a frame that says FIN.
     */
    int fill(byte[] out, int from, int limit) {
        if (queue.isEmpty() && finishing) {
            Yamux.header(out, from, Yamux.WINDOW_UPDATE, flags | Yamux.FIN, id, 0);
            flags = 0;
            finished = true;
            to().onSent(0);
            endIfBothFinished();
            return from + Yamux.HEADER;
        }
        int start = from + Yamux.HEADER;
        int end = (int) Math.min(limit, start + sendWindow);
        int at = start;
        while (at < end && !queue.isEmpty()) {
            ByteBuffer next = queue.getFirst();
            int taken = Math.min(end - at, next.remaining());
            next.get(out, at, taken);
            at += taken;
            if (!next.hasRemaining()) {
                queue.removeFirst();
            }
        }
        Yamux.header(out, from, Yamux.DATA, flags, id, at - start);
        flags = 0;
        sendWindow -= at - start;
        to().onSent(at - start);
        return at;
    }

    /** Counts bytes that the peer announced against its window. */
    void announced(long bytes) {
        if (bytes > receiveWindow) {
            throw Libp2pFailures.malformed("it sent " + bytes + " bytes where " + receiveWindow + " were allowed");
        }
        if (bytes > 0 && peerFinished) {
            throw Libp2pFailures.malformed("it sent more on a stream that it had finished");
        }
        receiveWindow -= bytes;
    }

    void arrived(byte[] bytes, int offset, int count) {
        if (over) {
            return;
        }
        to().onBytes(bytes, offset, count);
    }

    /** Adds to our window. */
    void widened(long bytes, long most) {
        sendWindow += bytes;
        if (sendWindow > most) {
            throw Libp2pFailures.malformed("its yamux window overflows");
        }
        session.list(this);
    }

    void peerFinished() {
        if (!over && !peerFinished) {
            peerFinished = true;
            to().onFinished();
            endIfBothFinished();
        }
    }

    void peerReset() {
        broken(new SyncException(ErrorKind.DISCONNECTED, "it reset the stream"));
    }

    void broken(SyncException reason) {
        if (!over) {
            end();
            to().onBroken(reason);
        }
    }

    private void endIfBothFinished() {
        if (finished && peerFinished && !over) {
            end();
        }
    }

    private void end() {
        over = true;
        queue.clear();
        session.forget(this);
    }

    boolean isOver() {
        return over;
    }

    /** The bytes that wait to be sent. */
    long queued() {
        return queue.stream().mapToLong(ByteBuffer::remaining).sum();
    }

    private Reader to() {
        return Objects.requireNonNull(reader, "set before anything arrives");
    }
}
