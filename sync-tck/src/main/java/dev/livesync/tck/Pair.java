package dev.livesync.tck;

import dev.livesync.api.transport.Channel;

/** Two ends of a connection: who dialled or proposed, and who listened or accepted. */
record Pair(Channel near, Channel far) {}
