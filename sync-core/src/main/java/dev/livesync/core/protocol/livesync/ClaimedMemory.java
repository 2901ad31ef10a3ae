package dev.livesync.core.protocol.livesync;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.protocol.DialectHost;
import dev.livesync.core.reconcile.TableMemory;

/** The tables of one reconciliation: a little of them is the session's own, so that ordinary ones ask nobody. */
final class ClaimedMemory implements TableMemory {
    private static final long OWN = 64 << 10;

    private final DialectHost session;
    private long asked;
    private long claimed;

    ClaimedMemory(DialectHost session) {
        this.session = session;
    }

    @Override
    public void claim(long bytes) {
        long more = Math.min(bytes, asked + bytes - OWN);
        if (more > 0) {
            if (!session.claim(more)) {
                throw new SyncException(
                        ErrorKind.REFUSED,
                        "there is no memory now to compare so many events; others are being compared");
            }
            claimed += more;
        }
        asked += bytes;
    }

    void release() {
        session.release(claimed);
        claimed = 0;
        asked = 0;
    }
}
