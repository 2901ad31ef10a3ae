package dev.livesync.core.multiplex;

import dev.livesync.api.transport.Message;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One channel within a {@link Multiplexer}, which alone changes it. */
final class Lane {
    final long number;
    int mostMessageBytes;

    // What goes out
    /** The frame that has to come before all others of this channel, if it hasn't been taken. */
    @Nullable
    MuxFrame first;

    long credit;

    @Nullable
    Message sending;

    int sent;
    boolean ending;
    /** Why it is reset, once it is. */
    @Nullable
    Integer reset;

    boolean finished;

    // What comes in
    long allowance = MuxLimits.FIRST_WINDOW;
    /** Has been read, and not granted again. */
    long read;

    long grant;
    boolean grown;
    boolean confirmed;
    /** Nobody takes what comes any more. */
    boolean deaf;

    boolean peerFinished;
    final List<byte[]> pieces = new ArrayList<>();
    int pieceBytes;
    int pieceCost;

    Lane(long number, int mostMessageBytes, @Nullable MuxFrame first) {
        this.number = number;
        this.mostMessageBytes = mostMessageBytes;
        this.first = first;
    }

    /** Whether something but a piece is to be said. */
    boolean hasControl() {
        if (finished) {
            return false;
        }
        return first != null || grant > 0 || reset != null || (ending && sending == null);
    }

    /** Whether a piece may be said, of so many bytes at most. */
    boolean hasPiece(int most) {
        Message message = sending;
        if (message == null || finished || reset != null || first != null) {
            return false;
        }
        int left = message.size() - sent;
        return credit >= MuxLimits.cost(Math.min(left, Math.min(most, MuxLimits.LEAST_PIECE)));
    }

    void forgetPieces() {
        pieces.clear();
        pieceBytes = 0;
        pieceCost = 0;
    }

    byte[] join(byte[] last) {
        if (pieces.isEmpty()) {
            return last;
        }
        byte[] whole = new byte[pieceBytes + last.length];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 0, whole, at, piece.length);
            at += piece.length;
        }
        System.arraycopy(last, 0, whole, at, last.length);
        return whole;
    }
}
