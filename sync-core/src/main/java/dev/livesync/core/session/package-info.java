/**
 * What runs sessions: a {@link dev.livesync.core.session.Node} per {@code Sync} brings transports, proofs, engines, executor
 * and timers together.
 *
 * <p>Everything about one channel happens in one {@link dev.livesync.core.session.Mailbox}, from its first message to its
 * last, on whatever thread the executor has free; no thread belongs to a session. A {@link
 * dev.livesync.core.session.Wire} is a channel and its mailbox; first a {@link dev.livesync.core.session.Proving} listens to
 * it, then a {@link dev.livesync.core.session.SessionRunner}.
 *
 * <p>Lock order: what is {@code synchronized} here is short and calls nothing foreign.
 */
@NullMarked
package dev.livesync.core.session;

import org.jspecify.annotations.NullMarked;
