package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Summary;
import dev.livesync.database.replica.ViewSnapshot;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A state of the database: complete events up to a position, which are in memory, and blocks up to a commit, which are read as they are asked for. Nothing is held on the server: rows
 * don't change but to be hidden from later snapshots.
 */
final class PostgresSnapshot extends ViewSnapshot {
    private final Followed.Published published;

    PostgresSnapshot(Followed.Published published, Cursor cursor, Runnable requireOpen) {
        super(published.view(), cursor, requireOpen);
        this.published = published;
    }

    @Override
    public @Nullable Block block(Cid cid) {
        requireOpen();
        int event = published.view().index(cid);
        return event >= 0
                ? published.blocks().event(event, cid)
                : published.blocks().read(List.of(cid)).get(cid);
    }

    @Override
    public int size(Cid cid) {
        requireOpen();
        int event = published.view().index(cid);
        if (event >= 0) { // who asks is about to read it
            return published.blocks().event(event, cid).size();
        }
        return published.blocks().sizes(List.of(cid)).getOrDefault(cid, -1);
    }

    @Override
    public List<Cid> missing(Collection<Cid> cids) {
        requireOpen();
        Set<Cid> unknown = new LinkedHashSet<>();
        for (Cid cid : cids) {
            if (published.view().index(cid) < 0) {
                unknown.add(cid);
            }
        }
        unknown.removeAll(published.blocks().stored(unknown));
        return List.copyOf(unknown);
    }

    @Override
    public Iterator<Cid> storedCids() {
        requireOpen();
        return checked(new Iterator<>() {
            private List<Map.Entry<Cid, StoreBlocks.Place>> page = new ArrayList<>();
            private StoreBlocks.Place last = new StoreBlocks.Place(0, -1);
            private int next;
            private boolean ended;

            @Override
            public boolean hasNext() {
                if (next == page.size() && !ended) {
                    page = published.blocks().after(last);
                    next = 0;
                    ended = page.isEmpty();
                }
                return next < page.size();
            }

            @Override
            public Cid next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                Map.Entry<Cid, StoreBlocks.Place> entry = page.get(next++);
                last = entry.getValue();
                return entry.getKey();
            }
        });
    }

    @Override
    public Summary summary() {
        requireOpen();
        return published.view().summary();
    }
}
