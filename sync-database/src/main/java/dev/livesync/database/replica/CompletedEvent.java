package dev.livesync.database.replica;

import dev.livesync.api.Cid;

/**
 * An event that became complete in a {@link FeedHistory}.
 *
 * @param event its CID
 * @param interior whether its batch goes on after it
 */
public record CompletedEvent(Cid event, boolean interior) {}
