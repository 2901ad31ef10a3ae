package dev.livesync.core.presence;

/**
 * How much presence there may be.
 *
 * @param keyBytes the longest key, as UTF-8: a word
 * @param valueBytes the largest value, as dag-cbor: a cursor, a selection, a name and a colour
 * @param ownEntries how many keys a program may set at a time
 * @param entriesOfPeer how many entries of one peer are kept, removed ones among them as long as they are remembered
 * @param entriesOfSession how many new ones may come over one session: a hub brings those of all others
 * @param entries how many are kept in all: at most about 5 MB
 * @param messageBytes the longest message
 */
record PresenceLimits(
        int keyBytes,
        int valueBytes,
        int ownEntries,
        int entriesOfPeer,
        int entriesOfSession,
        int entries,
        int messageBytes) {
    static final PresenceLimits DEFAULT = new PresenceLimits(64, 2_048, 16, 64, 1_024, 2_048, 16 << 10);

    /** What an update takes in a message, with the largest key and value. */
    int updateBytes() {
        return keyBytes + valueBytes + 64;
    }
}
