package dev.livesync.database;

/**
 * What becomes of content that cannot be kept as it is. Documents are what JavaScript makes of JSON, so that all peers write the same bytes for the
 * same document; JavaScript has 64-bit floats for all numbers, no halves of characters, and one value for a key.
 *
 * <p>In either case 1.0 is 1 and −0 is 0, which are equal numbers, and the order of keys is not kept. Numbers beyond the range of floats are refused,
 * and so are objects that JSON does not have.
 */
public enum Fidelity {
    /**
     * What would come back different is refused: numbers that would be printed as other numbers, such as 9007199254740993 or
     * 0.12345678901234567890; lone surrogates; a key that is there twice.
     */
    EXACT,

    /** What JavaScript does: numbers are rounded, lone surrogates become U+FFFD, of repeated keys the last counts. */
    JAVASCRIPT
}
