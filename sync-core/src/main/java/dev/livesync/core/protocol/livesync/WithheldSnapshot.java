package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Summary;
import dev.livesync.api.replica.Tree;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a peer that may not read is shown: an empty history, whatever is here. */
final class WithheldSnapshot implements Snapshot {
    private final Snapshot real;

    /** Takes the place of a snapshot, which is closed with this. */
    WithheldSnapshot(Snapshot real) {
        this.real = real;
    }

    @Override
    public Cursor cursor() {
        return real.cursor();
    }

    @Override
    public List<Cid> heads() {
        return List.of();
    }

    @Override
    public @Nullable Event event(Cid cid) {
        return null;
    }

    @Override
    public @Nullable Block block(Cid cid) {
        return null;
    }

    @Override
    public List<Cid> missing(Collection<Cid> cids) {
        return cids.stream().distinct().toList();
    }

    @Override
    public Iterator<Cid> storedCids() {
        return Collections.emptyIterator();
    }

    @Override
    public Tree tree(Cid event) {
        throw nothing();
    }

    @Override
    public Tree canonicalTree(Collection<Cid> clock) {
        throw nothing();
    }

    private static SyncException nothing() {
        return new SyncException(ErrorKind.NOT_FOUND, "nothing here is shown to this peer");
    }

    @Override
    public Summary summary() {
        return new Summary(0, 0, 0, 0, 0);
    }

    @Override
    public void close() {
        real.close();
    }
}
