package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * yamux 1.0: streams within a connection, each with a window that its receiver opens. Pure; one thread.
 *
 * <p>Output is pulled: whoever has room for bytes asks {@link #fill}, which writes what answers and announcements there are
 * and then takes from the streams in turn. So nothing is encoded twice or queued in between, a stream's data waits with its
 * sender, and all that a peer can make us hold is answers that it does not fetch, which {@link #isCongested} tells about.
 */
final class Yamux {
    static final int HEADER = 12;
    /** The window of a new stream, in either direction. */
    static final int INITIAL_WINDOW = 256 * 1024;

    static final int DATA = 0;
    static final int WINDOW_UPDATE = 1;
    static final int PING = 2;
    static final int GO_AWAY = 3;

    static final int SYN = 1;
    static final int ACK = 2;
    static final int FIN = 4;
    static final int RST = 8;

    static final int NORMAL = 0;
    static final int PROTOCOL_ERROR = 1;
    static final int INTERNAL_ERROR = 2;

    private static final long MAX_WINDOW = 0xffff_ffffL;
    /** When this many bytes of answers wait, nothing more is read. */
    private static final int CONGESTED = 64 * 1024;
    /** The most streams that are refused before the session fails. */
    private static final int MAX_REFUSED = 1_024;
    /** The most bytes that may still arrive for streams that are gone. */
    private static final long MAX_STRAY = 16 << 20;

    /** The owner of a session, which is notified on the thread of the call that caused it. */
    interface Owner {
        /** Called when the peer has opened a stream; returns the reader of its data. */
        YamuxStream.Reader opened(YamuxStream stream);

        /** Called when the peer opens no more streams and is about to close. */
        void goneAway(long code);

        /** Called when a stream has ended and its id was dropped. */
        void forgotten(YamuxStream stream);
    }

    private final boolean client;
    private final int maxStreams;
    private final Owner owner;
    private final Map<Integer, YamuxStream> streams = new LinkedHashMap<>();
    /** The streams that have something to send, in the order of their turns. */
    private final Deque<YamuxStream> ready = new ArrayDeque<>();

    private final Deque<byte[]> answers = new ArrayDeque<>();
    private int answerBytes;

    private final byte[] header = new byte[HEADER];
    private int headerBytes;
    /** The bytes of a data frame's body that are still to come. */
    private long body;

    private @Nullable YamuxStream bodyOf;
    private boolean bodyEnds;

    private int nextId;
    private int lastRemoteId;
    private int refused;
    private boolean goneAway;
    private boolean saidGoAway;

    /** @param maxStreams how many streams the peer may have open at once */
    Yamux(boolean client, int maxStreams, Owner owner) {
        this.client = client;
        this.maxStreams = maxStreams;
        this.owner = owner;
        this.nextId = client ? 1 : 2;
    }

    /** Opens a stream, for which a reader has to be set at once. The peer learns of it with its first bytes. */
    YamuxStream open() {
        if (goneAway) {
            throw new SyncException(ErrorKind.REFUSED, "the peer takes no more streams");
        }
        YamuxStream stream = new YamuxStream(this, nextId, SYN);
        nextId += 2;
        streams.put(stream.id(), stream);
        list(stream);
        return stream;
    }

    int openStreams() {
        return streams.size();
    }

    /** Whether so many answers wait for the peer that nothing more is read from it. */
    boolean isCongested() {
        return answerBytes >= CONGESTED;
    }

    boolean hasOutput() {
        return answerBytes > 0 || !ready.isEmpty();
    }

    /** Writes frames into an array, from an index up to a limit; returns the index after them. */
    int fill(byte[] out, int from, int limit) {
        int at = from;
        while (!answers.isEmpty() && limit - at >= answers.getFirst().length) {
            byte[] answer = answers.removeFirst();
            answerBytes -= answer.length;
            System.arraycopy(answer, 0, out, at, answer.length);
            at += answer.length;
        }
        while (answers.isEmpty() && !ready.isEmpty() && limit - at > HEADER) {
            YamuxStream stream = ready.removeFirst();
            stream.listed = false;
            at = stream.fill(out, at, limit);
            list(stream);
        }
        return at;
    }

    /** Gives a stream its turn if it has something to send. */
    void list(YamuxStream stream) {
        if (!stream.listed && stream.canSend()) {
            stream.listed = true;
            ready.add(stream);
        }
    }

    void forget(YamuxStream stream) {
        if (streams.remove(stream.id(), stream)) {
            ready.remove(stream);
            stream.listed = false;
            owner.forgotten(stream);
        }
    }

    /** Sends a ping. */
    void ping(int value) {
        answer(PING, SYN, 0, value);
    }

    /** Announces that we end the session. */
    void goAway(int code) {
        if (!saidGoAway) {
            saidGoAway = true;
            answer(GO_AWAY, 0, 0, code);
        }
    }

    void answer(int type, int flags, int stream, long length) {
        byte[] frame = new byte[HEADER];
        header(frame, 0, type, flags, stream, length);
        answers.add(frame);
        answerBytes += HEADER;
    }

    static void header(byte[] out, int at, int type, int flags, int stream, long length) {
        ByteBuffer.wrap(out, at, HEADER)
                .put((byte) 0)
                .put((byte) type)
                .putShort((short) flags)
                .putInt(stream)
                .putInt((int) length);
    }

    /** Takes bytes that arrived. Fails as MALFORMED, after which the session can't be used any more. */
    void receive(byte[] bytes, int offset, int count) {
        int at = offset;
        int end = offset + count;
        while (at < end) {
            if (body > 0) {
                int taken = (int) Math.min(body, end - at);
                YamuxStream stream = bodyOf;
                body -= taken;
                if (stream != null) {
                    stream.arrived(bytes, at, taken);
                }
                at += taken;
                endBody();
            } else {
                header[headerBytes++] = bytes[at++];
                if (headerBytes == HEADER) {
                    headerBytes = 0;
                    frame();
                }
            }
        }
    }

    private void endBody() {
        YamuxStream stream = bodyOf;
        if (body == 0 && stream != null) {
            bodyOf = null;
            if (bodyEnds) {
                stream.peerFinished();
            }
        }
    }

    private void frame() {
        ByteBuffer fields = ByteBuffer.wrap(header);
        int version = fields.get();
        int type = fields.get();
        int flags = fields.getShort() & 0xffff;
        int id = fields.getInt();
        long length = fields.getInt() & 0xffff_ffffL;
        if (version != 0) {
            throw Libp2pFailures.malformed("it does not speak yamux: version " + version);
        }
        switch (type) {
            case DATA, WINDOW_UPDATE -> streamFrame(type, flags, id, length);
            case PING -> {
                if ((flags & SYN) != 0) {
                    answer(PING, ACK, 0, length);
                }
            }
            case GO_AWAY -> {
                goneAway = true;
                owner.goneAway(length);
            }
            default -> throw Libp2pFailures.malformed("a yamux frame of the unknown type " + type);
        }
    }

    private void streamFrame(int type, int flags, int id, long length) {
        if (id == 0) {
            throw Libp2pFailures.malformed("a yamux frame for the stream 0");
        }
        if (type == DATA && length > MAX_STRAY) {
            throw Libp2pFailures.malformed("a yamux frame of " + length + " bytes");
        }
        YamuxStream stream = (flags & SYN) != 0 ? accept(id) : streams.get(id);
        if (type == DATA) {
            body = length;
            bodyOf = stream;
            bodyEnds = (flags & FIN) != 0;
        }
        if (stream == null) {
            return; // gone or refused: what was under way goes nowhere
        }
        if ((flags & RST) != 0) {
            bodyOf = null;
            stream.peerReset();
            return;
        }
        if (type == DATA) {
            stream.announced(length);
            endBody();
        } else {
            stream.widened(length, MAX_WINDOW);
            if ((flags & FIN) != 0) {
                stream.peerFinished();
            }
        }
    }

    private @Nullable YamuxStream accept(int id) {
        boolean theirs = (id & 1) == (client ? 0 : 1);
        if (!theirs || Integer.compareUnsigned(id, lastRemoteId) <= 0) {
            throw Libp2pFailures.malformed(
                    "a yamux stream with an id that is not its to give: " + Integer.toUnsignedString(id));
        }
        lastRemoteId = id;
        long open =
                streams.keySet().stream().filter(key -> (key & 1) == (id & 1)).count();
        if (saidGoAway || open >= maxStreams) {
            if (++refused > MAX_REFUSED) {
                throw Libp2pFailures.malformed(
                        "it opens streams beyond the limit of " + maxStreams + " again and again");
            }
            answer(WINDOW_UPDATE, RST, id, 0);
            return null;
        }
        YamuxStream stream = new YamuxStream(this, id, ACK);
        streams.put(id, stream);
        stream.reader(owner.opened(stream));
        list(stream);
        return stream;
    }

    /** Ends every stream, because the connection has ended. */
    void end(SyncException reason) {
        for (YamuxStream stream : new ArrayList<>(streams.values())) {
            stream.broken(reason);
        }
        answers.clear();
        answerBytes = 0;
        ready.clear();
    }
}
