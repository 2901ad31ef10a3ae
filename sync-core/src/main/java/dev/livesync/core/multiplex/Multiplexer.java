package dev.livesync.core.multiplex;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One end of a shared connection, without I/O: takes the peer's frames and what channels want, and gives the frames to be sent, one at a time. For
 * one thread at a time.
 *
 * <p>Each channel has a credit of its own in either direction, so what nobody reads fills that channel alone. Frames about channels come before
 * pieces of messages; pieces of channels take turns. Each end says of each channel one last frame, END or RESET, and the channel's place is free
 * when both have.
 */
final class Multiplexer {
    /** Nothing in particular. */
    static final int ABORTED = 0;

    /** Of a channel that was never opened: nobody listens there any more. */
    static final int NOBODY = 1;

    /** Told what the peer's frames mean, inside {@link #received}; must not call back then. */
    interface Host {
        /** The peer wants a channel. {@link #accept} or {@link #reset} follows, some time. */
        void wanted(long channel, byte[] token);

        /** The peer has opened a channel. */
        void opened(long channel);

        /** A message is there; {@link #read} of its cost follows, once it was read. */
        void message(long channel, Message message, int cost);

        /** The peer has ended a channel, after all that it sent. */
        void ended(long channel);

        /** The peer has reset a channel. */
        void reset(long channel, int reason);

        /** The peer has sent a message longer than this end takes: the channel is reset. */
        void tooLong(long channel);
    }

    /**
     * What is to be sent.
     *
     * @param bytes the frame
     * @param channel whose it is
     * @param sent whether the message that the channel was to send is in frames now, all of it
     * @param last whether no frame follows of this channel
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    record OutgoingFrame(byte[] bytes, long channel, boolean sent, boolean last) {}

    private final boolean dialler;
    private final Host host;
    private final Map<Long, Lane> lanes = new HashMap<>();
    private final Set<Lane> control = new LinkedHashSet<>();
    private final Set<Lane> data = new LinkedHashSet<>();
    private int frameBytes = MuxLimits.FRAME_BYTES;
    private long lastNumber;

    /**
     * Makes an end without channels.
     *
     * @param dialler whether this end opens channels
     * @param host told what comes
     */
    Multiplexer(boolean dialler, Host host) {
        this.dialler = dialler;
        this.host = host;
    }

    /** Sets how long frames may be, where that is less than usual. Before the first is taken. */
    void limitFrames(int bytes) {
        frameBytes = Math.min(bytes, MuxLimits.FRAME_BYTES);
    }

    /** Whether another channel may be opened. */
    boolean hasPlace() {
        return lanes.size() < MuxLimits.CHANNELS && lastNumber < MuxLimits.CHANNEL_NUMBERS;
    }

    /** How many channels there are, those that one end only has ended among them. */
    int size() {
        return lanes.size();
    }

    /** Opens a channel; only while there {@linkplain #hasPlace is a place}. */
    long open(byte[] token, int mostMessageBytes) {
        if (!dialler || !hasPlace()) {
            throw new IllegalStateException("no channel can be opened here");
        }
        long number = ++lastNumber;
        Lane lane = new Lane(number, mostMessageBytes, new MuxFrame.Open(number, token, MuxLimits.FIRST_WINDOW));
        lanes.put(number, lane);
        look(lane);
        return number;
    }

    /** Opens a channel that the peer wants, for messages of so many bytes. False if it isn't wanted any more. */
    boolean accept(long channel, int mostMessageBytes) {
        Lane lane = lanes.get(channel);
        if (lane == null || lane.confirmed || lane.peerFinished || lane.reset != null) {
            return false;
        }
        lane.confirmed = true;
        lane.mostMessageBytes = mostMessageBytes;
        lane.first = new MuxFrame.Opened(channel, MuxLimits.FIRST_WINDOW);
        look(lane);
        return true;
    }

    /** Sends a message, when the one before is in frames. */
    void send(long channel, Message message) {
        Lane lane = lanes.get(channel);
        if (lane == null || lane.finished || lane.ending || lane.reset != null) {
            return;
        }
        if (lane.sending != null) {
            throw new IllegalStateException("the message before is not sent");
        }
        lane.sending = message;
        lane.sent = 0;
        look(lane);
    }

    /** Says that nothing follows what was sent. What comes is dropped from now on. */
    void end(long channel) {
        Lane lane = lanes.get(channel);
        if (lane != null) {
            lane.ending = true;
            hush(lane);
        }
    }

    /** Ends a channel and drops what it was to send. */
    void reset(long channel, int reason) {
        Lane lane = lanes.get(channel);
        if (lane != null && !lane.finished && lane.reset == null) {
            lane.reset = reason;
            lane.sending = null;
            hush(lane);
        }
    }

    private void hush(Lane lane) {
        lane.deaf = true;
        lane.grant = 0;
        lane.forgetPieces();
        look(lane);
    }

    /** A message of a channel was read: as much may come again, and more than at first. */
    void read(long channel, int cost) {
        Lane lane = lanes.get(channel);
        if (lane == null || lane.deaf || lane.peerFinished) {
            return;
        }
        lane.read += cost;
        if (!lane.grown) {
            lane.grown = true;
            lane.read += MuxLimits.WINDOW - MuxLimits.FIRST_WINDOW;
        }
        if (lane.read >= MuxLimits.WINDOW / 8) {
            lane.grant += lane.read;
            lane.allowance += lane.read;
            lane.read = 0;
            look(lane);
        }
    }

    /**
     * Takes a frame.
     *
     * @throws SyncException {@link ErrorKind#MALFORMED}, {@link ErrorKind#LIMIT_EXCEEDED}: the connection is to be ended
     */
    void received(byte[] bytes) {
        if (bytes.length > MuxLimits.FRAME_BYTES) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED, "a frame of a shared connection has " + bytes.length + " bytes");
        }
        MuxFrame frame = MuxFrame.read(bytes);
        if (frame instanceof MuxFrame.Open open) {
            wanted(open);
            return;
        }
        Lane lane = lanes.get(frame.channel());
        if (lane == null || lane.peerFinished) {
            throw malformed("is about channel " + frame.channel() + ", which is not open");
        }
        if (frame instanceof MuxFrame.Opened opened) {
            if (!dialler || lane.confirmed) {
                throw malformed("opens channel " + frame.channel() + ", which nobody asked for");
            }
            lane.confirmed = true;
            lane.credit = opened.window();
            if (!lane.deaf) {
                host.opened(lane.number);
            }
            look(lane);
        } else if (frame instanceof MuxFrame.Piece piece) {
            piece(lane, piece);
        } else if (frame instanceof MuxFrame.Credit more) {
            lane.credit += more.bytes();
            if (!lane.confirmed || lane.credit > MuxLimits.MOST_CREDIT) {
                throw malformed("grants what can't be granted");
            }
            look(lane);
        } else {
            peerFinished(lane, frame);
        }
    }

    private void wanted(MuxFrame.Open open) {
        if (dialler || open.channel() != lastNumber + 1) {
            throw malformed("opens channel " + open.channel() + " out of turn");
        }
        if (lanes.size() >= MuxLimits.CHANNELS) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED, "more than " + MuxLimits.CHANNELS + " channels on a shared connection");
        }
        lastNumber++;
        Lane lane = new Lane(open.channel(), 0, null);
        lane.credit = open.window();
        lanes.put(lane.number, lane);
        host.wanted(lane.number, open.token());
    }

    private void piece(Lane lane, MuxFrame.Piece piece) {
        int cost = MuxLimits.cost(piece.bytes().length);
        lane.allowance -= cost;
        if (!lane.confirmed || lane.allowance < 0) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a shared connection brings more on channel " + lane.number + " than was granted");
        }
        if (lane.deaf) {
            return;
        }
        if (lane.pieceBytes + piece.bytes().length > lane.mostMessageBytes) {
            reset(lane.number, ABORTED);
            host.tooLong(lane.number);
            return;
        }
        lane.pieceCost += cost;
        if (piece.type() == MuxType.PART) {
            lane.pieces.add(piece.bytes());
            lane.pieceBytes += piece.bytes().length;
            return;
        }
        Message.Kind kind = piece.type() == MuxType.TEXT ? Message.Kind.TEXT : Message.Kind.BINARY;
        Message message = new Message(kind, lane.join(piece.bytes()));
        int whole = lane.pieceCost;
        lane.forgetPieces();
        host.message(lane.number, message, whole);
    }

    private void peerFinished(Lane lane, MuxFrame frame) {
        if (frame instanceof MuxFrame.End && !lane.confirmed) {
            throw malformed("ends channel " + lane.number + ", which was not opened");
        }
        if (frame instanceof MuxFrame.End && !lane.pieces.isEmpty()) {
            throw malformed("ends channel " + lane.number + " within a message");
        }
        lane.peerFinished = true;
        lane.forgetPieces();
        boolean told = !lane.deaf;
        // Nobody reads what is still to be said; it isn't said any more.
        if (!lane.finished) {
            lane.sending = null;
            lane.grant = 0;
            lane.ending = true;
            if (frame instanceof MuxFrame.Reset && lane.reset == null) {
                lane.reset = ABORTED;
            }
        }
        look(lane);
        forget(lane);
        if (told && frame instanceof MuxFrame.Reset reset) {
            host.reset(lane.number, reset.reason());
        } else if (told) {
            host.ended(lane.number);
        }
    }

    /** Puts a channel where the next frame is looked for. */
    private void look(Lane lane) {
        if (lane.hasControl()) {
            control.add(lane);
        }
        if (lane.hasPiece(mostPiece())) {
            data.add(lane);
        }
    }

    private void forget(Lane lane) {
        if (lane.finished && lane.peerFinished) {
            lanes.remove(lane.number);
            control.remove(lane);
            data.remove(lane);
        }
    }

    private int mostPiece() {
        return frameBytes - MuxFrame.HEAD_BYTES;
    }

    /** The next frame; null if there is none. */
    @Nullable
    OutgoingFrame poll() {
        for (Lane lane = first(control); lane != null; lane = first(control)) {
            OutgoingFrame output = control(lane);
            if (output != null) {
                return output;
            }
        }
        for (Lane lane = first(data); lane != null; lane = first(data)) {
            if (lane.hasPiece(mostPiece())) {
                return piece(lane);
            }
        }
        return null;
    }

    private static @Nullable Lane first(Set<Lane> of) {
        for (Lane lane : of) {
            of.remove(lane);
            return lane;
        }
        return null;
    }

    private @Nullable OutgoingFrame control(Lane lane) {
        if (!lane.hasControl()) {
            return null;
        }
        MuxFrame frame;
        MuxFrame opening = lane.first;
        Integer reason = lane.reset;
        if (opening != null && !(reason != null && opening instanceof MuxFrame.Opened)) {
            lane.first = null;
            frame = opening;
        } else if (reason != null) {
            frame = new MuxFrame.Reset(lane.number, reason);
            lane.finished = true;
        } else if (lane.grant > 0) {
            frame = new MuxFrame.Credit(lane.number, lane.grant);
            lane.grant = 0;
        } else {
            frame = new MuxFrame.End(lane.number);
            lane.finished = true;
        }
        look(lane);
        boolean last = lane.finished;
        forget(lane);
        return new OutgoingFrame(frame.toBytes(), lane.number, false, last);
    }

    private OutgoingFrame piece(Lane lane) {
        Message message = Objects.requireNonNull(lane.sending);
        int left = message.size() - lane.sent;
        int length = (int) Math.min(Math.min(left, mostPiece()), lane.credit - MuxLimits.FRAME_COST);
        int type = length < left ? MuxType.PART : message.kind() == Message.Kind.TEXT ? MuxType.TEXT : MuxType.BINARY;
        byte[] frame = MuxFrame.piece(type, lane.number, message.payload(), lane.sent, length);
        lane.credit -= MuxLimits.cost(length);
        lane.sent += length;
        boolean sent = length == left;
        if (sent) {
            lane.sending = null;
        }
        look(lane);
        return new OutgoingFrame(frame, lane.number, sent, false);
    }

    private static SyncException malformed(String how) {
        return new SyncException(ErrorKind.MALFORMED, "a frame of a shared connection " + how);
    }
}
