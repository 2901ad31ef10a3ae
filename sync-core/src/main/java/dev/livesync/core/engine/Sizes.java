package dev.livesync.core.engine;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Keys;
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

    /** Refuses a block that no message can carry. */
    void requireFit(Block block, int roots) {
        if (CarWriter.headerSize(roots) + CarBytes.framedSize(block) > carMax) {
            throw tooLarge("block " + block.cid(), block);
        }
    }

    /** Refuses an event that no message can carry, in words that name the document. */
    void requireFit(Event event, int roots) {
        if (CarWriter.headerSize(roots) + CarBytes.framedSize(event.block()) > carMax) {
            String id = ControlText.printable(Keys.toId(event.key()), 100);
            throw tooLarge("document \"" + id + "\" (event " + event.cid() + ")", event.block());
        }
    }

    private SyncException tooLarge(String what, Block block) {
        return new SyncException(
                ErrorKind.LIMIT_EXCEEDED,
                what + " has " + block.size() + " bytes; with its header (" + (Cid.BYTES + 1)
                        + " bytes or more) that is over the " + carMax
                        + " bytes that one message to this peer carries");
    }
}
