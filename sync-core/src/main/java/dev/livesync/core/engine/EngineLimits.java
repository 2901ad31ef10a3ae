package dev.livesync.core.engine;

/**
 * How much a session takes at once. Each is checked before memory is taken for it; see {@code docs/adr/0008}.
 *
 * @param window credit that we grant a peer, and how many bytes may wait here to be committed, in bytes
 * @param messageBytes the largest logical message (CAR), in one channel message or in pieces
 * @param diffCids the largest diff, in CIDs
 * @param controlBytes the largest control message
 * @param sectionBytes where a section of a CAR stream ends; more only to keep a batch or a block whole
 * @param pieceBytes the largest piece of a fragmented message
 */
public record EngineLimits(
        long window, long messageBytes, int diffCids, int controlBytes, int sectionBytes, int pieceBytes) {
    /** The defaults: 4 MiB, 64 MiB, 4,000,000, 64 KiB, 512 KiB and 256 KiB. */
    public static final EngineLimits DEFAULT =
            new EngineLimits(4 << 20, 64 << 20, 4_000_000, 64 << 10, 512 << 10, 256 << 10);
}
