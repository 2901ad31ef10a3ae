package dev.livesync.core.engine;

import dev.livesync.api.Block;
import dev.livesync.api.Event;
import java.util.List;

/**
 * A CAR that arrived whole, every block checked.
 *
 * @param rooted whether it names a root
 * @param blocks those that are no events, each once, in their order
 * @param events the events, each once, in their order
 * @param bytes the size of the message
 */
record ReceivedCar(boolean rooted, List<Block> blocks, List<Event> events, long bytes) {}
