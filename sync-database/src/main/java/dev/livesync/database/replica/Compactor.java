package dev.livesync.database.replica;

import dev.livesync.api.Reason;
import dev.livesync.api.internal.LogLine;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.log.BlockStore;
import dev.livesync.database.log.SegmentLog;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.util.BitSet;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Removes what is dead, and writes checkpoints: in use, without the writer's lock but for moments. Any thread; one works at a time.
 *
 * <p>Finds out what is dead, and prepares a store without it. What is written meanwhile is taken over in rounds, each of which has
 * less to do than the one before, and the lock is held for the last of them. Then the segments in which much is dead are
 * written anew, one by one.
 */
final class Compactor {
    private static final System.Logger LOG = System.getLogger(Compactor.class.getName());

    /** How far sessions may be behind and still find the nodes that were written with an event. */
    private static final int RECENT_EVENTS = 1_024;
    /** Takes over what is written meanwhile, until little is left or this often. */
    private static final int MOST_ROUNDS = 8;
    /** How much of a segment must be dead for it to be written anew without being asked. */
    private static final double WORTH_WHILE = 0.125;

    /** Held by whoever compacts, writes a checkpoint or makes a tree anew; taken before the writer's lock. */
    final ReentrantLock working = new ReentrantLock();

    private final SegmentLog log;
    private final Settings settings;
    private final Versions versions;
    private final MaintenancePolicy policy;

    /** One for a database whose last checkpoint was written when it had so many bytes. */
    Compactor(SegmentLog log, Settings settings, Versions versions, long checkpointed) {
        this.log = log;
        this.settings = settings;
        this.versions = versions;
        this.policy = new MaintenancePolicy(settings, checkpointed);
    }

    /** Whether {@link #runIfDue} has something to do. */
    boolean isDue() {
        StoredView now = versions.published();
        return policy.compactionIsDue(now) || policy.checkpointIsDue(now);
    }

    /** Compacts or writes a checkpoint, if that is due and nobody is at it. A failure is logged, and puts it off. */
    void runIfDue() {
        StoredView now = versions.published();
        boolean compact = policy.compactionIsDue(now);
        if (versions.isClosed() || !compact && !policy.checkpointIsDue(now) || !working.tryLock()) {
            return;
        }
        try {
            if (compact) {
                measured(RECENT_EVENTS, WORTH_WHILE);
            } else {
                checkpoint();
            }
        } catch (RuntimeException e) {
            failed(e, now);
        } catch (IOException | OutOfMemoryError e) {
            failed(e, now);
        } finally {
            working.unlock();
        }
    }

    private void failed(Throwable e, StoredView now) {
        if (!versions.isClosed()) {
            log.counts().maintenanceFailures.increment();
            LOG.log(Level.WARNING, "tidying up a database: {0}", Reason.of(e));
            policy.postpone(now);
        }
    }

    /** Removes all that is dead; throws as {@link LocalReplica#compact} does. */
    SegmentSizes compact() {
        working.lock();
        try {
            versions.requireOpen();
            return measured(0, 0);
        } catch (IOException e) {
            versions.requireOpen();
            throw StorageFailures.storage("cannot compact the database", e);
        } catch (OutOfMemoryError e) {
            throw StorageFailures.memory("cannot compact the database", e);
        } finally {
            working.unlock();
        }
    }

    private SegmentSizes measured(int recentEvents, double worthWhile) throws IOException {
        long begun = log.counts().compactions.begin();
        SegmentSizes done = compact(recentEvents, worthWhile);
        long took = log.counts().compactions.done(begun);
        LOG.log(
                Level.DEBUG,
                () -> LogLine.of("compacted")
                        .and("bytes_before", done.before())
                        .and("bytes_after", done.after())
                        .and("millis", took / 1_000_000)
                        .toString());
        return done;
    }

    private SegmentSizes compact(int recentEvents, double worthWhile) throws IOException {
        long before = log.bytes();
        MaintenanceView moment;
        int segments;
        versions.lock.lock();
        try {
            StoredView now = versions.latest();
            if (!versions.quiesce() || versions.isEarlierRead()) {
                return new SegmentSizes(before, before);
            }
            moment = MaintenanceView.of(now, versions::requireOpen);
            segments = log.segments();
        } finally {
            versions.lock.unlock();
        }
        WriterState writer = moment.view().writer;
        BlockStore old = moment.view().store;
        Liveness alive = settings.parts().liveness(moment, recentEvents);
        BitSet worthIt = worthIt(old, alive, segments, worthWhile);
        StoreCompaction storeCompaction = alive.deadBytes() > 0 ? new StoreCompaction(moment, alive) : null;
        for (int round = 0; storeCompaction != null && storeCompaction.isBehind() && round < MOST_ROUNDS; round++) {
            MaintenanceView later = publishedMoment(writer);
            if (later == null) {
                return new SegmentSizes(before, before);
            }
            storeCompaction.catchUp(later);
        }
        versions.lock.lock();
        try {
            // A writer state that was read anew does not know what is dead.
            if (!versions.isCurrent(writer) || !versions.quiesce()) {
                return new SegmentSizes(before, before);
            }
            succeed(writer, alive, storeCompaction, worthIt.get(segments) && log.segments() == segments);
        } finally {
            versions.lock.unlock();
        }
        try {
            int segment = worthIt.nextSetBit(0);
            while (segment >= 0 && rewrite(segment, writer)) {
                segment = worthIt.nextSetBit(segment + 1);
            }
        } finally {
            if (old != writer.store) {
                old.whenReleased(this::releaseReplaced);
            }
        }
        checkpoint();
        return new SegmentSizes(before, log.bytes());
    }

    /** Null if the writer state is another by now. */
    private @Nullable MaintenanceView publishedMoment(WriterState writer) {
        versions.lock.lock();
        try {
            StoredView now = versions.published();
            return versions.isClosed() || now.writer != writer || now.store != writer.store
                    ? null
                    : MaintenanceView.of(now, versions::requireOpen);
        } finally {
            versions.lock.unlock();
        }
    }

    /** Publishes a view without what is dead. Under the lock; nothing is on its way. */
    private void succeed(
            WriterState writer, Liveness alive, @Nullable StoreCompaction storeCompaction, boolean rollOver)
            throws IOException {
        StoredView now = versions.published();
        if (storeCompaction == null) {
            writer.usedNodeBytes = alive.nodeBytes();
            versions.republish(now);
            return;
        }
        storeCompaction.catchUp(MaintenanceView.of(now, versions::requireOpen));
        if (rollOver) {
            versions.rollOver();
        }
        versions.moveTo(writer, () -> storeCompaction.install(writer));
    }

    /** The segments in which so much is dead that they are written anew. What is dead in others stays, and counts the next time. */
    private BitSet worthIt(BlockStore store, Liveness alive, int segments, double worthWhile) throws IOException {
        long[] dead = new long[segments + 1];
        for (int number = 0; number < alive.bound(); number++) {
            if (!alive.blocks().get(number)) {
                dead[SegmentLog.segmentOf(store.location(number))] +=
                        store.index().length(number);
            }
        }
        BitSet worthIt = new BitSet();
        for (int segment = 1; segment < dead.length; segment++) {
            worthIt.set(segment, dead[segment] > worthWhile * log.bytes(segment));
        }
        alive.spare(number -> !worthIt.get(SegmentLog.segmentOf(store.location(number))));
        return worthIt;
    }

    private boolean rewrite(int segment, WriterState writer) throws IOException {
        try (SegmentCompaction compaction =
                SegmentCompaction.write(log, writer.store, segment, versions::requireOpen)) {
            return replace(compaction, writer);
        }
    }

    private boolean replace(SegmentCompaction compaction, WriterState writer) throws IOException {
        versions.lock.lock();
        try {
            // A writer state that was read anew does not know what is dead.
            if (!versions.isCurrent(writer)) {
                return false;
            }
            compaction.replace();
            return true;
        } finally {
            versions.lock.unlock();
        }
    }

    /** Removes files that were replaced, as nobody reads them any more. */
    private void releaseReplaced() {
        try {
            log.releaseReplaced();
        } catch (IOException e) {
            LOG.log(Level.WARNING, "removing files that compaction has replaced: {0}", Reason.of(e));
        }
    }

    private void checkpoint() throws IOException {
        long begun = log.counts().checkpoints.begin();
        Checkpoint checkpoint;
        StoredView view;
        versions.lock.lock();
        try {
            if (!settings.checkpoints() || versions.isClosed() || !versions.quiesce()) {
                return;
            }
            view = versions.published();
            checkpoint = Checkpoint.of(log, view);
        } finally {
            versions.lock.unlock();
        }
        checkpoint.save(versions::requireOpen);
        policy.checkpointed(view);
        long took = log.counts().checkpoints.done(begun);
        LOG.log(
                Level.DEBUG,
                () -> LogLine.of("checkpoint_written")
                        .and("millis", took / 1_000_000)
                        .toString());
    }

    /** Leaves everything in order: a checkpoint, if one pays, and no replaced files. Under both locks, after {@link Versions#close}. */
    void end(boolean whole) {
        StoredView now = versions.published();
        if (whole && policy.isWorthACheckpoint(now)) {
            try {
                Checkpoint.of(log, now).save(() -> {});
            } catch (IOException e) {
                LOG.log(Level.WARNING, "writing a checkpoint, without which opening takes longer: {0}", Reason.of(e));
            }
        }
        releaseReplaced();
    }
}
