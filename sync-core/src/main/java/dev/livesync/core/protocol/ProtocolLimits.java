package dev.livesync.core.protocol;

import dev.livesync.car.Limits;
import dev.livesync.core.Tunables;

/**
 * The limits of one session. Each is checked before memory is allocated; see {@code docs/adr/0008}.
 *
 * @param window credit that we grant a peer, and how many bytes may wait here to be committed, in bytes
 * @param messageBytes the largest logical message (CAR), in one channel message or in pieces
 * @param carBlocks the largest number of blocks in a CAR: small ones cost more memory than their bytes
 * @param diffCids the largest diff, in CIDs
 * @param controlBytes the largest control message
 * @param sectionBytes where a section of a CAR stream ends; more only to keep a batch or a block whole
 * @param pieceBytes the largest piece of a fragmented message
 * @param blocks limits of blocks, events and CAR headers; how many heads a clock may have is {@link Limits#roots}
 */
public record ProtocolLimits(
        long window,
        long messageBytes,
        int carBlocks,
        int diffCids,
        int controlBytes,
        int sectionBytes,
        int pieceBytes,
        Limits blocks) {
    /** The defaults: those of {@link Tunables#DEFAULT} and {@link Limits#DEFAULT}. */
    public static final ProtocolLimits DEFAULT = of(Tunables.DEFAULT, Limits.DEFAULT);

    /**
     * The limits of a session. A message has room for the largest block, whatever else is set.
     *
     * @param tunables how much at once
     * @param blocks limits of blocks, events and CAR headers
     * @return the limits
     */
    public static ProtocolLimits of(Tunables tunables, Limits blocks) {
        return new ProtocolLimits(
                tunables.window(),
                Math.max(tunables.messageBytes(), blocks.blockBytes()),
                tunables.carBlocks(),
                tunables.diffCids(),
                tunables.controlBytes(),
                tunables.sectionBytes(),
                tunables.pieceBytes(),
                blocks);
    }
}
