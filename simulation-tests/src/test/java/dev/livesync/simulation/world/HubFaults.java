package dev.livesync.simulation.world;

import dev.livesync.replica.postgres.ModelledLink.Fault;
import dev.livesync.replica.postgres.ModelledLink.Kind;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** What happens at which operation of a hub. */
final class HubFaults {
    private final Map<Integer, Fault> planned = new HashMap<>();
    private final Set<Integer> stalls = new HashSet<>();
    private int commitsLeft;
    private Fault atCommit = Fault.NONE;

    /** At one operation. */
    void plan(int operation, Fault fault) {
        planned.put(operation, fault);
    }

    /** Before one operation it stands still, and others go on. */
    void stall(int operation) {
        stalls.add(operation);
    }

    /** At a commit: the next one, or one after it. */
    void planCommit(int after, Fault fault) {
        commitsLeft = after;
        atCommit = fault;
    }

    boolean stalls(int operation) {
        return stalls.remove(operation);
    }

    Fault at(int operation, Kind kind) {
        Fault fault = planned.remove(operation);
        if (fault != null) {
            return fault;
        }
        if (kind == Kind.COMMIT && atCommit != Fault.NONE && commitsLeft-- == 0) {
            Fault once = atCommit;
            atCommit = Fault.NONE;
            return once;
        }
        return Fault.NONE;
    }
}
