/**
 * Finds out which events two histories don't share, by messages that cost what the difference costs. Pure logic: bytes in, bytes out. Start at
 * {@link dev.livesync.core.reconcile.Reconciliation}; the bytes are in {@code docs/reconciliation.md}.
 */
@NullMarked
package dev.livesync.core.reconcile;

import org.jspecify.annotations.NullMarked;
