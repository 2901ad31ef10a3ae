package dev.livesync.database.replica;

import org.jspecify.annotations.Nullable;

/** Follows the views when it likes, and gets what has happened meanwhile as one change. All but {@link #isWanted} and {@link #urgent} is called on the notifier's thread. */
public interface ViewPull {
    /**
     * Whether it takes something now. Called under the notifier's lock; it may change at any time, {@link LocalReplica#wake} has it asked again.
     *
     * @return false if it is to be left alone
     */
    boolean isWanted();

    /**
     * What is to be done instead of going on. Called under the notifier's lock.
     *
     * @return is run on the notifier's thread; null for nothing
     */
    @Nullable
    Runnable urgent();

    /**
     * Begins.
     *
     * @param view the view of the moment when it was registered
     */
    void begin(ReadView view);

    /**
     * Goes on.
     *
     * @param change from the view before, never none
     */
    void advance(ViewChange change);

    /** The database is closed. */
    void ended();
}
