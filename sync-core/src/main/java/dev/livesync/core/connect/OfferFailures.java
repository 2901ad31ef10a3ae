package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;

/** How offers, answers and dials fail that nobody hears of again. */
final class OfferFailures {
    private OfferFailures() {}

    static SyncException foreign() {
        return new SyncException(
                ErrorKind.NOT_FOUND,
                "the answer belongs to no open offer here: it is to another one, or its offer was used, withdrawn or too old");
    }

    static SyncException late(String what) {
        return new SyncException(ErrorKind.TIMEOUT, what + " took too long");
    }
}
