package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.log.KnownEnd;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.log.SegmentRepair;
import dev.livesync.database.log.Transaction;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Works on a database that is not open: finds damage, mends it, and begins a database for restoring a backup. One caller at a time. */
public final class Salvage {
    private Salvage() {}

    /**
     * Finds all damage in a database, even in one that can't be opened. Changes nothing.
     *
     * @param disk where; not closed
     * @return a line for each damage
     */
    public static List<String> inspect(Disk disk) {
        List<String> problems = new ArrayList<>();
        try {
            SegmentRepair.inspect(disk, Checkpoint.known(disk), problems::add);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot read database " + disk.describe(""), e);
        }
        return problems;
    }

    /**
     * The findings of a repair.
     *
     * @param problems a line for each damage
     * @param segments how many segments were written anew
     * @param salvaged intact blocks out of damaged records, to be committed again
     */
    public record Mended(List<String> problems, long segments, List<Block> salvaged) {}

    /**
     * Mends a database so that it can be opened: keeps every intact record, and marks the log as repaired if anything is missing.
     *
     * @param disk where; closed when this returns
     * @param settings how
     * @return what was found
     * @throws SyncException {@link ErrorKind#STORAGE}; it can be done again then
     */
    public static Mended repair(Disk disk, Settings settings) {
        List<String> problems = new ArrayList<>();
        List<Block> salvaged = new ArrayList<>();
        SegmentLog log = null;
        try {
            KnownEnd noted = SegmentLog.noted(disk);
            long segments =
                    SegmentRepair.mend(disk, Checkpoint.known(disk), settings.random(), problems::add, salvaged::add);
            log = settings.parts().log(disk, settings.segmentBytes(), settings.random());
            WriterState writer = WriterState.loadIncomplete(log, settings);
            if (segments > 0 || writer.isIncomplete() || lacksItsTree(writer)) {
                log.append(Transaction.repairMark(settings.clock().millis()));
                log.force();
            }
            if (segments > 0 && noted != null && noted.database().equals(log.database())) {
                problems.add(disk.describe("") + ": " + (writer.graph.size() + writer.pending.size()) + " of "
                        + noted.events() + " events are in intact records");
            }
            log.close();
            log = null;
            return new Mended(problems, segments, salvaged);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot repair database " + disk.describe(""), e);
        } finally {
            LocalReplica.abandon(disk, log);
        }
    }

    /**
     * Removes the checkpoint of a database that has been mended and still can't be opened: what is wrong is the checkpoint then.
     *
     * @param disk where; closed when this returns
     * @return whether there was one
     * @throws SyncException {@link ErrorKind#STORAGE}
     */
    public static boolean removeCheckpoint(Disk disk) {
        try {
            return Checkpoint.remove(disk);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot repair database " + disk.describe(""), e);
        } finally {
            LocalReplica.abandon(disk, null);
        }
    }

    /**
     * Marks a new database as one that is restored from a backup.
     *
     * @param disk where, without a database so far; closed when this returns
     * @param settings how
     * @throws SyncException {@link ErrorKind#STORAGE}
     */
    public static void beginRestored(Disk disk, Settings settings) {
        SegmentLog log = null;
        try {
            log = settings.parts().log(disk, settings.segmentBytes(), settings.random());
            log.scan(payload -> {});
            log.append(Transaction.restoreMark(settings.clock().millis()));
            log.force();
            log.close();
            log = null;
        } catch (IOException e) {
            throw StorageFailures.storage("cannot restore database " + disk.describe(""), e);
        } finally {
            LocalReplica.abandon(disk, log);
        }
    }

    /** A repair may have been broken off before it left its mark. */
    private static boolean lacksItsTree(WriterState writer) {
        StoredView view = StoredView.of(writer);
        try {
            return writer.baseRoot != null && !view.isWhole(writer.baseRoot);
        } catch (SyncException e) {
            return true;
        }
    }
}
