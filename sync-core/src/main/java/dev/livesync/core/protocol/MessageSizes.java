package dev.livesync.core.protocol;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.Limits;
import dev.livesync.core.message.CarBytes;
import dev.livesync.core.message.ControlText;

/**
 * The sizes of outgoing messages, in bytes.
 *
 * @param piece the largest piece of a fragmented message
 * @param whole the largest message that is sent in one
 * @param fragments whether larger ones are possible, in pieces
 * @param carTarget where a CAR ends; larger only to keep together what belongs together
 * @param carMax the largest CAR
 */
public record MessageSizes(int piece, int whole, boolean fragments, long carTarget, long carMax) {
    /** Limits for reading our own blocks, which were checked when they were stored. */
    public static final Limits ANY = Limits.DEFAULT.toBuilder()
            .documentBytes(Integer.MAX_VALUE)
            .blockBytes(Integer.MAX_VALUE)
            .depth(Limits.MAX_DEPTH)
            .items(Integer.MAX_VALUE)
            .build();

    /**
     * How many bytes the blocks of one message may have.
     *
     * @param limits the session's
     * @return the most
     */
    long most(ProtocolLimits limits) {
        return fragments
                ? Math.min(
                        limits.messageBytes(),
                        Math.max(carTarget, limits.blocks().blockBytes()))
                : whole;
    }

    /**
     * Refuses a block that no message can carry. For an event, the error names the document.
     *
     * @param block to be sent
     * @param roots how many the CAR has
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} if it is too large
     */
    public void requireFit(Block block, int roots) {
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
