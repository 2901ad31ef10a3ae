package dev.livesync.database.replica;

import dev.livesync.car.Limits;
import dev.livesync.database.query.FieldIndex;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a replica.
 *
 * @param limits what documents and events must keep to be taken
 * @param maxBatchEvents events of a batch
 * @param maxBatchBytes bytes of a batch, unless it is a single event
 * @param mostHeads how many heads may stay, and how many parents a merging event has at most; 3 or more
 * @param headsPerPeer quota of heads
 * @param pendingBytesPerPeer quota of incomplete events
 * @param pendingMaxAge how long those are kept
 * @param segmentBytes size of a log file
 * @param cacheBytes blocks kept in memory
 * @param checkpoints whether to write down what was worked out, so that opening again is fast
 * @param clock the time
 * @param random identities and salts
 * @param maintenance where compaction and checkpoints run; null for a thread of the replica's own
 * @param indexes what is kept in order, beside the ids
 * @param parts what the replica is put together from
 */
public record Settings(
        Limits limits,
        int maxBatchEvents,
        int maxBatchBytes,
        int mostHeads,
        int headsPerPeer,
        long pendingBytesPerPeer,
        Duration pendingMaxAge,
        long segmentBytes,
        long cacheBytes,
        boolean checkpoints,
        InstantSource clock,
        RandomGenerator random,
        @Nullable Executor maintenance,
        List<FieldIndex> indexes,
        ReplicaParts parts) {}
