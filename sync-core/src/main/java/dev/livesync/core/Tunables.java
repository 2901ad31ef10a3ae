package dev.livesync.core;

/**
 * Limits that no user turns, each with the reason for its value. Tests make others, to meet a limit with little data. What users turn
 * is in {@code SyncLimits}; {@code docs/limits.md} has all of them.
 *
 * @param window how many bytes of data a peer may have under way to us by its credit, and how many may wait here to be committed. 4 MiB
 *     fill a link of 40 MB/s and 100 ms, and hold eight sections, so that the disk has the next one while the network brings more
 * @param messageBytes the largest logical message (a CAR), whole or in pieces; where the largest document needs more, a message may have
 *     that. 64 MiB are four of the largest documents, and more than any answer of ours, which is cut to sections
 * @param carBlocks the largest number of blocks in a CAR. A small block costs some hundred bytes of heap however short it is: 100,000 of
 *     them are tens of MB at most, and ten times what a full batch of ours has
 * @param diffCids how many CIDs of a diff are kept; the rest is read and let go. 4,000,000 are 128 MiB in a table of 32 bytes each, which a
 *     replica with millions of events needs to be told apart by at all
 * @param controlBytes the largest control message. Ours have at most 16 KiB; four times as much leaves room for later versions
 * @param sectionBytes where a section of a CAR stream ends; more only to keep a batch or a block whole. Half a MiB is enough to make its
 *     frame, its commit and its ack cheap, and little enough that progress shows and a broken connection loses little
 * @param pieceBytes the largest piece of a message that is cut; less where the channel carries less. 256 KiB is what a data channel
 *     carries, and short enough that a control message between two pieces need not wait
 * @param signalChars the longest offer or answer that is read, with the blanks in it. Ours have a few thousand characters; a browser's with
 *     many network interfaces has some ten thousand
 * @param unproved how many channels without a proof a listener has at once. One more puts out the oldest that has said nothing. Each is some
 *     kilobytes, so a thousand are little; and the more there are, the longer somebody honest has for a first message while strangers
 *     come without end
 * @param unprovedOfAddress how many of those may be of one address, so that one machine puts out its own callers first. Half of them, since
 *     behind a proxy or a router everybody has the same address, and a hub that has just started hears from all at once
 * @param firstMessageMillis how long a caller may take for its first message, which depends on nothing but the network: a dialler sends it as
 *     soon as it is connected. 2 s are six times the round trip by satellite
 * @param refusals how many who are turned away are told so at a time; others hear nothing. Being told takes a round trip, or as long as
 *     whoever doesn't read makes it
 * @param callersOfOffer how many who say that they have an offer may wait for the choice between them. An offer is for one; some more may have
 *     tried before, or be strangers, who put out each other
 * @param openOffers how many offers may be open at once. Each is a secret and a timer; a program that has made a thousand has lost count
 */
public record Tunables(
        long window,
        long messageBytes,
        int carBlocks,
        int diffCids,
        int controlBytes,
        int sectionBytes,
        int pieceBytes,
        int signalChars,
        int unproved,
        int unprovedOfAddress,
        int firstMessageMillis,
        int refusals,
        int callersOfOffer,
        int openOffers) {
    /** The values that every {@code Sync} outside of tests uses. */
    public static final Tunables DEFAULT = new Tunables(
            4 << 20, 64 << 20, 100_000, 4_000_000, 64 << 10, 512 << 10, 256 << 10, 64 << 10, 1_024, 512, 2_000, 32, 8,
            1_000);
}
