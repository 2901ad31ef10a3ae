package dev.livesync.core.engine;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.Limits;
import dev.livesync.core.wire.CarBytes;
import dev.livesync.core.wire.ControlText;
import dev.livesync.core.wire.Feature;

/**
 * How large what may become on its way out, in bytes.
 *
 * @param piece the largest piece of a fragmented message
 * @param whole the largest message that is sent in one
 * @param fragments whether larger ones are possible, in pieces
 * @param carTarget where a CAR ends; larger only to keep together what belongs together
 * @param carMax the largest CAR
 */
record Sizes(int piece, int whole, boolean fragments, long carTarget, long carMax) {
    /** What the alpha's data channel carries; one byte more closes it silently. */
    static final int ALPHA_MESSAGE = 262_144;

    /** For a block of our own, which has passed whatever limits there were. */
    static final Limits ANY = Limits.DEFAULT.toBuilder()
            .documentBytes(Integer.MAX_VALUE)
            .blockBytes(Integer.MAX_VALUE)
            .depth(Limits.MAX_DEPTH)
            .items(Integer.MAX_VALUE)
            .build();

    static Sizes of(EngineConfig config) {
        EngineLimits limits = config.limits();
        int max = config.maxMessageBytes();
        if (config.alpha()) {
            int whole = Math.min(max, ALPHA_MESSAGE);
            return new Sizes(whole, whole, false, whole, whole);
        }
        int piece = Math.min(limits.pieceBytes(), max);
        if (config.features().contains(Feature.FRAGMENTS)) {
            long target = Math.min(limits.sectionBytes(), limits.messageBytes());
            return new Sizes(piece, piece, true, target, limits.messageBytes());
        }
        // Half the window, because a grant may be held back until it is a quarter of it.
        int whole = config.features().contains(Feature.CREDITS)
                ? (int) Math.max(1, Math.min(max, config.peerWindow() / 2))
                : max;
        return new Sizes(piece, whole, false, Math.min(limits.sectionBytes(), whole), whole);
    }

    /** Refuses what no message can carry; of an event, in words that name the document. */
    void requireFit(Block block, int roots) {
        if (CarWriter.headerSize(roots) + CarBytes.framedSize(block) <= carMax) {
            return;
        }
        String what = "block " + block.cid();
        if (Events.looksLikeEvent(block)) {
            String id = Keys.toId(Events.decode(block, ANY).key());
            what = "document \"" + ControlText.printable(id, 100) + "\" (event " + block.cid() + ")";
        }
        throw tooLarge(what, block);
    }

    private SyncException tooLarge(String what, Block block) {
        return new SyncException(
                ErrorKind.LIMIT_EXCEEDED,
                what + " has " + block.size() + " bytes; with its header (" + (Cid.BYTES + 1)
                        + " bytes or more) that is over the " + carMax
                        + " bytes that one message to this peer carries");
    }
}
