package dev.livesync.core.multiplex;

/** What stands first in a frame. */
final class MuxType {
    static final int OPEN = 1;
    static final int OPENED = 2;
    static final int PART = 3;
    static final int TEXT = 4;
    static final int BINARY = 5;
    static final int CREDIT = 6;
    static final int END = 7;
    static final int RESET = 8;

    private MuxType() {}
}
