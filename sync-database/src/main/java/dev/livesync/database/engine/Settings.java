package dev.livesync.database.engine;

import dev.livesync.car.Limits;
import java.time.Duration;
import java.time.InstantSource;
import java.util.random.RandomGenerator;

/**
 * What an engine is told from outside.
 *
 * @param limits what documents and events must keep to be taken
 * @param maxBatchEvents events of a batch
 * @param maxBatchBytes bytes of a batch, unless it is a single event
 * @param pendingBytesPerPeer quota of incomplete events
 * @param pendingMaxAge how long those are kept
 * @param segmentBytes size of a log file
 * @param cacheBytes blocks kept in memory
 * @param clock the time
 * @param random identities and salts
 */
public record Settings(
        Limits limits,
        int maxBatchEvents,
        int maxBatchBytes,
        long pendingBytesPerPeer,
        Duration pendingMaxAge,
        long segmentBytes,
        long cacheBytes,
        InstantSource clock,
        RandomGenerator random) {}
