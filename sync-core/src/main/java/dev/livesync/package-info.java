/**
 * What a program uses: one {@code Sync} per database, and its sessions with peers.
 *
 * <p>Parameters and results are never null unless marked {@link org.jspecify.annotations.Nullable}; passing null throws
 * {@link java.lang.NullPointerException}.
 */
@NullMarked
package dev.livesync;

import org.jspecify.annotations.NullMarked;
