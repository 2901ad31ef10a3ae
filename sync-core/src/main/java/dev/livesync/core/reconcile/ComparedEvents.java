package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import java.util.function.Predicate;

/** The events of a snapshot since a frontier, as they are listed to the peer or held against its list. */
interface ComparedEvents {
    /** How many there are. */
    int size();

    /** The bytes of an id in a list. */
    int idBytes();

    /** Writes the ids of the next so many events. */
    void list(MessageOutput out, int count);

    /** Records that the peer has the event at a place in our list. */
    void mark(int position);

    /** Reads an id of the peer's list and records that it has that event. False if it is none of ours. */
    boolean hear(MessageInput in);

    /** Whether the peer has an event, by what was recorded. */
    Predicate<Cid> marked();
}
