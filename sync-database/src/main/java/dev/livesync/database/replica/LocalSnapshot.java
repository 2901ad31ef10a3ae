package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Summary;
import dev.livesync.database.log.BlockIndex;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** A {@link StoredView} as sessions see it. Keeps its blocks from compaction. */
final class LocalSnapshot extends ViewSnapshot {
    private final StoredView view;

    /** Of a view whose store was pinned for this snapshot. */
    LocalSnapshot(StoredView view, Cursor cursor, Runnable requireOpen) {
        super(view, cursor, requireOpen);
        this.view = view;
    }

    private StoredView view() {
        requireOpen();
        return view;
    }

    @Override
    public boolean isComplete(Cid cid) {
        return view().index(cid) >= 0;
    }

    @Override
    public @Nullable Block block(Cid cid) {
        return view().block(cid);
    }

    @Override
    public int size(Cid cid) {
        return view().size(cid);
    }

    @Override
    public List<Cid> missing(Collection<Cid> cids) {
        StoredView s = view();
        Set<Cid> missing = new LinkedHashSet<>();
        for (Cid cid : cids) {
            if (!s.isStored(cid)) {
                missing.add(cid);
            }
        }
        return List.copyOf(missing);
    }

    @Override
    public Iterator<Cid> storedCids() {
        StoredView s = view();
        BlockIndex index = s.store.index();
        return checked(IntStream.range(0, s.blocks())
                .filter(number -> !s.isEvicted(number))
                .mapToObj(index::cid)
                .iterator());
    }

    @Override
    public Summary summary() {
        return view().summary();
    }

    @Override
    protected void released() {
        view.store.unpin();
    }
}
