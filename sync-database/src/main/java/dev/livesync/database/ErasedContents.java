package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.database.contents.AttachmentFetches;
import dev.livesync.database.pieces.PieceStore;
import dev.livesync.database.pieces.PieceTrees;
import dev.livesync.database.replica.ErasureRecords;
import dev.livesync.database.replica.LocalReplica;
import dev.livesync.database.replica.ReadView;
import dev.livesync.database.replica.SideWork;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is erased, and what of it is still here. The blocks of an erased content are <em>withheld</em> from the moment when its record is here: no peer gets them. A collection removes
 * them, or finds that another content needs them, too, and they are given out again.
 *
 * <p>Any thread. The order of locks: that of following, the attachments', the store's. Fetches are told with none of them held.
 */
final class ErasedContents implements AttachmentFetches.Erased, SideWork {
    private static final System.Logger LOG = System.getLogger(ErasedContents.class.getName());

    private final LocalReplica replica;
    private final Supplier<PieceStore> store;
    private final Runnable collect;
    private final ErasureRecords records = new ErasureRecords();
    private final Set<Cid> withheld = ConcurrentHashMap.newKeySet();
    private final Object following = new Object();
    /** Roots whose blocks are still to be withheld. Guarded by following. */
    private final List<Cid> fresh = new ArrayList<>();

    private volatile @Nullable ReadView followed;
    private volatile boolean due;
    private Runnable told = () -> {};

    /**
     * Creates it.
     *
     * @param replica whose records
     * @param store where the blocks are
     * @param collect removes what nobody needs
     */
    ErasedContents(LocalReplica replica, Supplier<PieceStore> store, Runnable collect) {
        this.replica = replica;
        this.store = store;
        this.collect = collect;
    }

    /** Sets who is told when something was erased; before anybody else has this. */
    void tell(Runnable listener) {
        told = listener;
    }

    /** Takes what is new among the records. What was published before this was called counts when it returns. */
    void follow() {
        ReadView view = replica.view();
        if (view == followed) {
            return;
        }
        synchronized (following) {
            fresh.addAll(records.follow(view));
            if (fresh.isEmpty()) {
                followed = view;
                return;
            }
            withhold(fresh);
            fresh.clear();
            followed = view;
        }
        told.run();
        replica.requestSideWork();
    }

    private void withhold(Collection<Cid> roots) {
        PieceStore pieces = store.get();
        if (pieces.isLoose() && roots.stream().anyMatch(root -> !pieces.contains(root))) {
            // There may be pieces of it all the same, from a put that was cut off: which, the collection finds out.
            pieces.forEach(cid -> {
                withheld.add(cid);
                due = true;
            });
            return;
        }
        for (Cid cid : PieceTrees.reachable(pieces, roots)) {
            if (pieces.contains(cid)) {
                withheld.add(cid);
                due = true;
            }
        }
    }

    /** Called when blocks were added without a look at what is erased. */
    void look() {
        follow();
        withhold(records.all());
    }

    /** Called when an erased content has been put again: it goes again. */
    void cameBack(Cid root) {
        withhold(Set.of(root));
        replica.requestSideWork();
    }

    /** Whether a content is erased. */
    boolean isErased(Cid root) {
        follow();
        return records.contains(root);
    }

    /** The roots of all that is erased; may grow while it is gone through. */
    Set<Cid> roots() {
        return records.all();
    }

    @Override
    public boolean isKnown(Cid root) {
        return records.contains(root);
    }

    @Override
    public boolean withholds(Cid cid) {
        follow();
        return withheld.contains(cid);
    }

    /** Whether there is anything left to remove, or to find out about. */
    boolean isAnythingLeft() {
        return !withheld.isEmpty();
    }

    /** What is withheld and not needed by anything else. */
    Set<Cid> dead(Set<Cid> live) {
        Set<Cid> dead = ConcurrentHashMap.newKeySet();
        withheld.stream().filter(cid -> !live.contains(cid)).forEach(dead::add);
        return dead;
    }

    /** A collection; before it finds out what is needed. */
    Sweep begin() {
        follow();
        return new Sweep();
    }

    /** What a collection knows of erased contents. */
    final class Sweep {
        private final Set<Cid> before = Set.copyOf(withheld);
        private final Set<Cid> erased = Set.copyOf(records.all());

        boolean isErased(Cid root) {
            return erased.contains(root);
        }

        /** Whether a block may be of an erased content. */
        boolean isWithheld(Cid cid) {
            return before.contains(cid);
        }

        /** Called when it has removed what isn't live: gives out again what is. */
        void done(Predicate<Cid> live) {
            synchronized (following) {
                if (records.all().size() == erased.size()) { // else what was live may have been erased meanwhile
                    PieceStore pieces = store.get();
                    before.stream()
                            .filter(cid -> live.test(cid) || !pieces.contains(cid))
                            .forEach(withheld::remove);
                } else {
                    due = true;
                }
            }
        }
    }

    /** The bytes of what is withheld and here. */
    long bytes() {
        follow();
        PieceStore pieces = store.get();
        return withheld.stream().mapToLong(cid -> Math.max(0, pieces.size(cid))).sum();
    }

    @Override
    public void released() {
        try {
            if (!withheld.isEmpty() && withheld.stream().anyMatch(store.get()::isFree)) {
                due = true;
                replica.requestSideWork();
            }
        } catch (SyncException e) {
            warn(e);
        }
    }

    @Override
    public boolean isDue() {
        try {
            follow();
        } catch (SyncException e) {
            warn(e);
        }
        return due;
    }

    @Override
    public void run() {
        if (due) {
            due = false;
            try {
                collect.run();
            } catch (SyncException e) {
                warn(e);
            }
        }
    }

    private static void warn(SyncException e) {
        if (e.kind() != ErrorKind.CLOSED) {
            LOG.log(
                    Level.WARNING,
                    "what was erased is not given out, but some of it is still on the disk until a compaction: {0}",
                    Reason.of(e));
        }
    }
}
