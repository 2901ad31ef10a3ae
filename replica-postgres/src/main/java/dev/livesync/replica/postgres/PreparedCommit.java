package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** A commit that waits for its turn. What it holds was looked at by the caller's own thread, so that nothing of the caller's runs where others wait. */
final class PreparedCommit {
    final Origin origin;
    final List<Event> events;
    /** All of its blocks: those that are no events, then the events. */
    final List<Block> blocks;

    final long bytes;
    private boolean leads;
    private @Nullable CommitResult result;
    private @Nullable RuntimeException failure;

    /** An event of which everything was asked. */
    private record ReadEvent(
            Block block,
            Cid cid,
            Type type,
            String key,
            @Nullable Cid root,
            List<Cid> parents,
            Event asked) implements Event {
        @Override
        public Value value() {
            return asked.value();
        }
    }

    PreparedCommit(Commit commit) {
        origin = commit.origin();
        events = new ArrayList<>(commit.events().size());
        blocks = new ArrayList<>(commit.blocks());
        for (Event e : commit.events()) {
            Block block = e.block();
            events.add(new ReadEvent(block, block.cid(), e.type(), e.key(), e.root(), List.copyOf(e.parents()), e));
            blocks.add(block);
        }
        bytes = blocks.stream().mapToLong(Block::size).sum();
    }

    /** Whether there is nothing but events that are complete already. */
    boolean isKnown(Predicate<Cid> complete) {
        return blocks.size() == events.size() && events.stream().map(Event::cid).allMatch(complete);
    }

    synchronized void succeed(CommitResult what) {
        result = what;
        notifyAll();
    }

    synchronized void fail(RuntimeException what) {
        failure = what;
        notifyAll();
    }

    synchronized boolean isDone() {
        return result != null || failure != null;
    }

    /** It is this one's turn to commit for all that wait. */
    synchronized void lead() {
        leads = true;
        notifyAll();
    }

    /** Waits until it is done or has to see to that itself; returns whether the latter. An interrupt waits, too: somebody may be storing it. */
    synchronized boolean awaitTurn() {
        boolean interrupted = false;
        while (!leads && !isDone()) {
            try {
                wait();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return leads;
    }

    synchronized CommitResult result() {
        if (failure != null) {
            throw failure;
        }
        if (result == null) {
            throw new IllegalStateException("not done");
        }
        return result;
    }
}
