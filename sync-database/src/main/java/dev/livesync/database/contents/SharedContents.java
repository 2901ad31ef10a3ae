package dev.livesync.database.contents;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.BlockRequests;
import dev.livesync.database.pieces.SharedPieces;
import dev.livesync.database.replica.SharedView;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The contents of attachments of a database that several processes share: what its sessions ask for and hand out. One for each process.
 *
 * <p>Any thread.
 */
public final class SharedContents implements BlockExchange {
    private static final int MOST_ABSENT = 100_000;

    private final SharedPieces pieces;
    private final SharedEvents events;
    private final SharedErasures erasures;
    private final SharedNames names;
    private final AttachmentFetches fetches;
    /** What was not here when the store's blocks were last known to have changed. Guarded by itself. */
    private final Set<Cid> absent = new HashSet<>();

    private long additions;

    /** The events of the database. */
    public interface SharedEvents {
        /**
         * What is known of them.
         *
         * @return as of the last time that this process looked
         * @throws dev.livesync.api.SyncException {@link dev.livesync.api.ErrorKind#CLOSED}
         */
        SharedView view();

        /**
         * Looks.
         *
         * @return as of now, or later
         */
        SharedView follow();

        /**
         * Reads those that wait for others.
         *
         * @param action called for each
         */
        void forEachPending(Consumer<Block> action);
    }

    /**
     * Makes one.
     *
     * @param pieces where the blocks are
     * @param events what names them
     * @param most the longest content, in bytes
     */
    public SharedContents(SharedPieces pieces, SharedEvents events, long most) {
        this.pieces = pieces;
        this.events = events;
        this.erasures = new SharedErasures(events::view, pieces);
        this.names = new SharedNames(events::view, pieces);
        this.fetches = new AttachmentFetches(this::open, names, erasures, most);
        erasures.tell(fetches::contentsErased);
    }

    /** Called when there are more events; looks at nothing, and waits for nobody. */
    public void eventsChanged() {
        fetches.namesChanged();
    }

    /**
     * Called when another process has added blocks, or found that some are lost.
     *
     * @param lost whether some are lost, so that contents which were here may be missing
     */
    public void blocksChanged(boolean lost) {
        erasures.lookAgain();
        if (lost) {
            names.lookAgain();
        }
        fetches.changed();
    }

    /** Called when the database was closed: nobody waits any more. */
    public void closed() {
        fetches.changed();
    }

    private SharedPieces open() {
        var unused = events.view(); // refuses to go on when the database is closed
        return pieces;
    }

    SharedPieces pieces() {
        return pieces;
    }

    SharedEvents events() {
        return events;
    }

    SharedErasures erasures() {
        return erasures;
    }

    AttachmentFetches fetches() {
        return fetches;
    }

    @Override
    public @Nullable Block block(Cid cid) {
        return fetches.block(cid);
    }

    @Override
    public boolean has(Cid cid) {
        return !present(Set.of(cid)).isEmpty();
    }

    /** Each session asks this whenever it is woken: the store is asked when something has come since. */
    @Override
    public Set<Cid> present(Collection<Cid> cids) {
        long now = pieces.additions();
        Set<Cid> unknown = new HashSet<>(cids);
        synchronized (absent) {
            if (now != additions) {
                absent.clear();
                additions = now;
            }
            unknown.removeAll(absent);
        }
        if (unknown.isEmpty()) {
            return Set.of();
        }
        Set<Cid> here = fetches.present(unknown);
        unknown.removeAll(here);
        synchronized (absent) {
            if (now == additions && absent.size() < MOST_ABSENT) {
                absent.addAll(unknown);
            }
        }
        return here;
    }

    @Override
    public BlockRequests requests(Runnable wakeUp) {
        return fetches.requests(wakeUp);
    }
}
