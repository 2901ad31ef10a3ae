package dev.livesync.car.pack;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/** A block in the making, which grows to what was allowed and no further. */
final class RebuiltBlock extends PackOutput {
    /** Room is made for the longest head, whatever is written. */
    private static final int SPARE = 16;

    private final int most;
    private long left;

    RebuiltBlock(int most) {
        this.most = most;
    }

    /** Begins the next block. */
    void start(long bytesLeft) {
        size = 0;
        left = bytesLeft;
    }

    /** Refuses a block that is larger than what was allowed, although its array was large enough. */
    void requireFit() {
        require(size);
    }

    @Override
    void check(long needed) {
        require(needed - SPARE);
    }

    private void require(long needed) {
        if (needed > most) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED, "pack: a block of " + needed + " bytes is over the limit of " + most);
        }
        if (needed > left) {
            throw new SyncException(ErrorKind.MALFORMED, "pack: its blocks are more bytes than it says");
        }
    }
}
