package dev.livesync.tck.replica;

/** TODO. */
public abstract class ReplicaTck extends WakeUpRules {
    /** For subclasses. */
    protected ReplicaTck() {}
}
