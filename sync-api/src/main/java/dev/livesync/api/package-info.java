/**
 * The words that every module shares: {@link dev.livesync.api.Cid}, {@link dev.livesync.api.Block}, {@link
 * dev.livesync.api.Event}, {@link dev.livesync.api.Value} and {@link dev.livesync.api.SyncException}.
 *
 * <p>All types here are immutable and safe for use by any number of threads, except where a type says otherwise.
 * Parameters and results are never null unless marked {@link org.jspecify.annotations.Nullable}; passing null throws
 * {@link java.lang.NullPointerException}.
 */
@NullMarked
package dev.livesync.api;

import org.jspecify.annotations.NullMarked;
