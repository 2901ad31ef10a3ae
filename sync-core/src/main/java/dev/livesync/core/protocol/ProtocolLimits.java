package dev.livesync.core.protocol;

import dev.livesync.car.Limits;

/**
 * How much a session takes at once. Each is checked before memory is taken for it; see {@code docs/adr/0008}.
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
    /** The defaults: 4 MiB, 64 MiB, 100,000, 4,000,000, 64 KiB, 512 KiB, 256 KiB, and {@link Limits#DEFAULT}. */
    public static final ProtocolLimits DEFAULT =
            new ProtocolLimits(4 << 20, 64 << 20, 100_000, 4_000_000, 64 << 10, 512 << 10, 256 << 10, Limits.DEFAULT);
}
