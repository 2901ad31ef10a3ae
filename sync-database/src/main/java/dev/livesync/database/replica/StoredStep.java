package dev.livesync.database.replica;

/** A step of an embedded database. */
final class StoredStep extends ViewStep {
    /** The view. */
    final StoredView stored;

    StoredStep(StoredView view, int[] keys, ChangeSource source) {
        super(view, keys, source);
        this.stored = view;
    }
}
