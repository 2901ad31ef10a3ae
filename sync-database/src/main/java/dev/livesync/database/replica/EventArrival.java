package dev.livesync.database.replica;

import dev.livesync.api.Event;
import dev.livesync.api.replica.Origin;

/**
 * An event on its way into a {@link FeedHistory}.
 *
 * @param event decoded
 * @param origin the origin of the commit that brought it
 * @param own whether the user of this process wrote it
 */
public record EventArrival(Event event, Origin origin, boolean own) {}
