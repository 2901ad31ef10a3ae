package dev.livesync.core.protocol;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Whether what both ends had at open has been exchanged; ADR 5. The peer's part: it has answered our diff, everything up to its answer is
 * durable, and the heads that it announced are complete here. Our part: the answer to its diff was handed to the channel and, if both speak
 * acks, acknowledged.
 */
final class Backlog {
    private @Nullable List<Cid> clock;
    private List<Cid> absent = List.of();
    private boolean asked;

    /** How many CARs have to be durable here and at the peer; -1 while that is not known. */
    private long theirs = -1;

    private long ours = -1;
    private long stored;
    private long acknowledged;
    private boolean look;
    private boolean over;

    /** Records that our diff was sent. */
    void asked() {
        asked = true;
    }

    /** Records that the peer's answer left something out, and that another is to come. */
    void askedAgain() {
        theirs = -1;
    }

    /** Records the heads of the peer's first diff. */
    void announced(List<Cid> heads) {
        if (clock == null) {
            clock = heads;
            absent = heads;
            look = true;
        }
    }

    /** Records that both ends had the same, so that nothing is to be exchanged. */
    void nothing() {
        asked = true;
        clock = List.of();
        theirs = 0;
        ours = 0;
    }

    @Nullable
    List<Cid> clock() {
        return clock;
    }

    /** Records that the peer's answer to our diff is complete, if we have sent one. */
    void peerAnswered(long cars) {
        if (asked && theirs < 0) {
            theirs = cars;
        }
    }

    boolean hasAsked() {
        return asked;
    }

    /** Whether our diff was sent and its answer isn't complete. */
    boolean awaitsAnswer() {
        return asked && theirs < 0;
    }

    /** Records that our answer was handed to the channel. */
    void answered(long cars, boolean acks) {
        if (ours < 0) {
            ours = acks ? cars : 0;
        }
    }

    void stored(long cars) {
        stored = cars;
        look = true;
    }

    void acknowledged(long cars) {
        acknowledged = cars;
    }

    boolean isOver() {
        return over;
    }

    /** Ends the backlog, whether it was exchanged or not. */
    void end() {
        over = true;
        absent = List.of();
    }

    boolean isDone(Replica replica) {
        boolean theirsStored = clock != null && theirs >= 0 && stored >= theirs;
        if (!theirsStored || !headsHere(replica)) {
            return false;
        }
        return ours >= 0 && acknowledged >= ours;
    }

    /** Waits no more for heads of the peer's that are not here: something was refused. */
    void expectNoHeads() {
        absent = List.of();
    }

    /** Whether the peer has answered and its heads are still incomplete here. */
    boolean lacksAncestors() {
        return clock != null && theirs >= 0 && stored >= theirs && !absent.isEmpty();
    }

    private boolean headsHere(Replica replica) {
        if (look && !absent.isEmpty()) {
            List<Cid> left = new ArrayList<>();
            try (Snapshot snapshot = replica.snapshot()) {
                for (Cid head : absent) {
                    if (!snapshot.isComplete(head)) {
                        left.add(head);
                    }
                }
            }
            absent = left;
        }
        look = false;
        return absent.isEmpty();
    }
}
