package dev.livesync.core.reconcile;

/** What a reply tells of the events that the responder has since the frontier. */
final class ReplyForm {
    /** Nothing: the initiator has them, or the responder has none, or it knows that the initiator lacks them all. */
    static final int NOTHING = 0;
    /** The list of them all, and that they are coming unasked. */
    static final int COMING = 1;
    /** The list of them all. */
    static final int LIST = 2;
    /** How many they are and the first symbols of a sketch; none in the last attempt. */
    static final int SYMBOLS = 3;

    /** What the opening remembers is not here: the initiator has to begin without. */
    static final int UNKNOWN = 4;

    private ReplyForm() {}
}
