package dev.livesync.database.tree;

import org.jspecify.annotations.Nullable;

/**
 * A change to the entries of one level.
 *
 * @param key where
 * @param entry the new entry with that key, or null to have none
 */
record EntryChange<E>(String key, @Nullable E entry) {}
