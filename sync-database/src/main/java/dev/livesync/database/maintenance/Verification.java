package dev.livesync.database;

import java.util.List;

/**
 * What {@link Database#verify()} found.
 *
 * @param blocks blocks that were read and hashed
 * @param bytes their content, in bytes
 * @param events complete events whose ancestors were looked up
 * @param pending events that wait for something
 * @param trees events whose own tree is stored whole
 * @param problems one line for each thing that is wrong, naming the CID or the file and the offset; at most 1,000
 */
public record Verification(long blocks, long bytes, long events, long pending, long trees, List<String> problems) {
    /** Copies the list. */
    public Verification {
        problems = List.copyOf(problems);
    }

    /**
     * Whether all is well.
     *
     * @return true if there are no problems
     */
    public boolean ok() {
        return problems.isEmpty();
    }
}
