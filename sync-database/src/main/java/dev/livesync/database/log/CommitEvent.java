package dev.livesync.database.log;

import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/** A group of transactions that were written together. */
@Name("dev.livesync.Commit")
@Label("Commit")
@Category("LiveSync")
@Description("Transactions that were written and forced to the disk together")
@StackTrace(false)
final class CommitEvent extends Event implements CommitRecorder {
    @Label("Transactions")
    int transactions;

    @Label("Bytes")
    @DataAmount
    long bytes;

    @Label("Force")
    @Description("How long the force to the disk took")
    @Timespan
    long force;

    @Label("Durable")
    boolean durable;

    @Override
    public void begun() {
        begin();
    }

    @Override
    public void ended(int count, long size, long forceNanos, boolean success) {
        end();
        if (shouldCommit()) {
            transactions = count;
            bytes = size;
            force = forceNanos;
            durable = success;
            commit();
        }
    }
}
