package dev.livesync.api.replica;

/** Something that can be synchronised: a database with its {@link Replica}. What {@code new Sync(database)} takes. */
public interface Replicated {
    /**
     * The contract that the protocol works against.
     *
     * @return the same replica every time; it lives as long as its database
     */
    Replica replica();
}
