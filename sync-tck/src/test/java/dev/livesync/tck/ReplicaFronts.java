package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Replicated;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** What broken replicas are made of: a right one behind a front that gets one thing wrong. */
final class ReplicaFronts {
    private ReplicaFronts() {}

    /** Another store whose replica has a front. */
    static ReplicaStore behind(ReplicaStore store, UnaryOperator<Replica> front) {
        return new FrontStore(store, front);
    }

    private static final class FrontStore implements ReplicaStore {
        private final ReplicaStore store;
        private final UnaryOperator<Replica> front;

        FrontStore(ReplicaStore store, UnaryOperator<Replica> front) {
            this.store = store;
            this.front = front;
        }

        @Override
        public Replicated open() throws Exception {
            return front.apply(store.open().replica());
        }

        @Override
        public void close() throws Exception {
            store.close();
        }

        @Override
        public long pendingBytesPerPeer() {
            return store.pendingBytesPerPeer();
        }

        @Override
        public Set<StoreFeature> features() {
            return store.features();
        }

        @Override
        public void crash() throws Exception {
            store.crash();
        }

        @Override
        public void failWrites(boolean failing) throws Exception {
            store.failWrites(failing);
        }

        @Override
        public void damage(Cid block) throws Exception {
            store.damage(block);
        }

        @Override
        public void expireCursors() throws Exception {
            store.expireCursors();
        }
    }

    /** Passes everything on. */
    static class Front implements Replica {
        final Replica right;

        Front(Replica right) {
            this.right = right;
        }

        @Override
        public Snapshot snapshot() {
            return right.snapshot();
        }

        @Override
        public CommitResult commit(Commit commit) {
            return right.commit(commit);
        }

        @Override
        public Changes changes(Cursor after, int maxEvents) {
            return right.changes(after, maxEvents);
        }

        @Override
        public Subscription onChange(Runnable wakeUp) {
            return right.onChange(wakeUp);
        }
    }

    /** Passes everything on. */
    static class FrontSnapshot implements Snapshot {
        final Snapshot right;

        FrontSnapshot(Snapshot right) {
            this.right = right;
        }

        @Override
        public Cursor cursor() {
            return right.cursor();
        }

        @Override
        public List<Cid> heads() {
            return right.heads();
        }

        @Override
        public @Nullable Event event(Cid cid) {
            return right.event(cid);
        }

        @Override
        public @Nullable Block block(Cid cid) {
            return right.block(cid);
        }

        @Override
        public List<Cid> missing(Collection<Cid> cids) {
            return right.missing(cids);
        }

        @Override
        public Iterator<Cid> storedCids() {
            return right.storedCids();
        }

        @Override
        public Tree tree(Cid event) {
            return right.tree(event);
        }

        @Override
        public Tree canonicalTree(Collection<Cid> clock) {
            return right.canonicalTree(clock);
        }

        @Override
        public @Nullable Cid commonAncestor(Collection<Cid> events) {
            return right.commonAncestor(events);
        }

        @Override
        public List<Block> newNodes(Cid event) {
            return right.newNodes(event);
        }

        @Override
        public Iterator<Cid> eventsSince(Collection<Cid> frontier) {
            return right.eventsSince(frontier);
        }

        @Override
        public boolean isAncestor(Cid ancestor, Cid descendant) {
            return right.isAncestor(ancestor, descendant);
        }

        @Override
        public Summary summary() {
            return right.summary();
        }

        @Override
        public void close() {
            right.close();
        }
    }
}
