package dev.livesync.database.contents;

import dev.livesync.api.Cid;
import dev.livesync.database.pieces.PieceBlocks;
import dev.livesync.database.pieces.PieceTrees;
import dev.livesync.database.replica.ErasureRecords;
import dev.livesync.database.replica.ReadView;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is erased of contents in a store that several processes share: from the moment when its record is here, nobody gets or fetches it. What other contents have in common with it is withheld, too,
 * until a collection has removed the rest.
 *
 * <p>Any thread. The lock of following is taken before the fetches', and never with it.
 */
final class SharedErasures implements AttachmentFetches.Erased {
    private final Supplier<? extends ReadView> view;
    private final PieceBlocks pieces;
    private final ErasureRecords records = new ErasureRecords();
    private final Object following = new Object();
    private volatile Set<Cid> withheld = Set.of();
    private volatile @Nullable ReadView followed;
    private final AtomicBoolean stale = new AtomicBoolean();
    /** Whether something was erased that nobody was told of. Guarded by following. */
    private boolean untold;

    private Runnable told = () -> {};

    SharedErasures(Supplier<? extends ReadView> view, PieceBlocks pieces) {
        this.view = view;
        this.pieces = pieces;
    }

    /** Sets who is told when something was erased; before anybody else has this. */
    void tell(Runnable listener) {
        told = listener;
    }

    /** Called when blocks may have come or gone. */
    void lookAgain() {
        stale.set(true);
    }

    @Override
    public void lookForMore() {
        follow();
    }

    void follow() {
        ReadView now = view.get();
        if (now == followed && !stale.get()) {
            return;
        }
        boolean more;
        synchronized (following) {
            untold |= !records.follow(now).isEmpty();
            if (stale.getAndSet(false) || untold) {
                boolean looked = false;
                try {
                    withheld = Set.copyOf(withhold());
                    looked = true;
                } finally {
                    if (!looked) {
                        stale.set(true);
                    }
                }
            }
            followed = now;
            more = untold;
            untold = false;
        }
        if (more) {
            told.run();
        }
    }

    private Set<Cid> withhold() {
        List<Cid> roots = new ArrayList<>(records.all());
        if (roots.isEmpty()) {
            return Set.of();
        }
        Set<Cid> here = pieces.present(roots);
        return here.isEmpty() ? Set.of() : new HashSet<>(PieceTrees.reachable(pieces, here));
    }

    boolean isErased(Cid root) {
        follow();
        return records.contains(root);
    }

    Set<Cid> withheld() {
        follow();
        return withheld;
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

    @Override
    public void released() {
        // Nothing is removed before a collection.
    }
}
