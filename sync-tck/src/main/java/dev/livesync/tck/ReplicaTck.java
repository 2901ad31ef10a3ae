package dev.livesync.tck;

/** TODO. */
public abstract class ReplicaTck extends ReplicaWakeUpRules {
    /** For subclasses. */
    protected ReplicaTck() {}
}
