/**
 * Several named databases over one connection, each with a channel, a secret or grants, and sessions of its own. Start at {@link
 * dev.livesync.group.SyncGroup}; how it works is in {@code docs/several-databases.md}.
 */
@NullMarked
package dev.livesync.group;

import org.jspecify.annotations.NullMarked;
