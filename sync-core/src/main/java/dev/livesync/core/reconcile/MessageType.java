package dev.livesync.core.reconcile;

/** The first byte of a message. */
final class MessageType {
    static final int OPENING = 1;
    static final int REPLY = 2;
    /** The initiator asks for symbols, or for the responder's list. */
    static final int MORE = 3;

    static final int SYMBOLS = 4;
    /** A part of the responder's list, which HAVE answers. */
    static final int LIST = 5;
    /** Which events of the last list the sender has. */
    static final int HAVE = 6;
    /** The initiator's last word after a sketch: what it lacks. */
    static final int WANT = 7;
    /** The initiator's list in place of the responder's, which HAVE answers. */
    static final int MINE = 8;

    private MessageType() {}
}
