package dev.livesync.tck;

/**
 * What a {@link ReplicaStore} can do to its replica beyond opening and closing it. Each constant names the method that it is about and the
 * rules that cannot run without it; the report names them as not applicable.
 */
public enum StoreFeature {
    /** {@link ReplicaStore#open} after {@link ReplicaStore#close} finds what was committed: the store outlives the process. */
    RESTART,
    /** {@link ReplicaStore#crash}: the store can end as a process that was killed, or a machine that lost its power. */
    CRASH,
    /** {@link ReplicaStore#failWrites}: the store can refuse to write, as a full disk does. */
    FAILING_WRITES,
    /** {@link ReplicaStore#damage}: bytes of a stored block can change behind the replica's back. */
    DAMAGE,
    /** {@link ReplicaStore#expireCursors}: the feed can lose its beginning, as by a compaction. */
    EXPIRING_CURSORS
}
