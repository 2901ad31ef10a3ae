/**
 * Runs sessions: one protocol on one channel, from the channel's first message to its last. A {@link
 * dev.livesync.core.session.SyncContext} per {@code Sync} brings threads, timers, limits and the registry of its sessions.
 *
 * <p>Everything about one channel happens in one {@link dev.livesync.core.session.Mailbox}, on whatever thread the executor
 * has free; no thread belongs to a session. A {@link dev.livesync.core.session.SerialChannel} is a channel and its mailbox;
 * first a {@link dev.livesync.core.session.HandshakeRunner} listens to it, then a {@link
 * dev.livesync.core.session.SessionRunner}.
 *
 * <p>How the channel came about is the concern of {@link dev.livesync.core.connect}, which uses this package and is not used
 * by it.
 *
 * <p>Lock order: what is {@code synchronized} here is short and calls nothing foreign.
 */
@NullMarked
package dev.livesync.core.session;

import org.jspecify.annotations.NullMarked;
