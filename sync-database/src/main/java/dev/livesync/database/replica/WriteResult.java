package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import java.util.List;

/**
 * The result of a local write, which is durable.
 *
 * @param events the new events in their order
 * @param heads the clock after them
 */
public record WriteResult(List<Cid> events, List<Cid> heads) {}
