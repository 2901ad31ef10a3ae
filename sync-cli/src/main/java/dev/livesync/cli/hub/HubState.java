package dev.livesync.cli.hub;

import java.util.List;

/** What a hub is doing. Any thread. */
interface HubState {
    /**
     * What is served.
     *
     * @return each database, by its directory
     */
    List<ServedEntry> served();

    /**
     * What is in the way of serving.
     *
     * @return nothing if all is well
     */
    List<String> problems();
}
