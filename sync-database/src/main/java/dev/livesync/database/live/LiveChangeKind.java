package dev.livesync.database.live;

/** What became of a document of a result. */
public enum LiveChangeKind {
    /** It is in the result now. */
    ADDED,
    /** It was written, and lies where it was among the others. */
    CHANGED,
    /** It was written, and lies elsewhere. */
    MOVED,
    /** It isn't in the result any more. */
    REMOVED
}
