package dev.livesync.database.contents;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.pieces.PieceLink;
import dev.livesync.database.pieces.SharedPieces;
import dev.livesync.database.replica.SharedView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * What the documents of a shared database name: first those that there are, then each event that comes. All sessions go through it together, from where the last one was, and what is known to be here as a
 * whole is left out. Guarded by whoever goes through it.
 */
final class SharedNames implements AttachmentFetches.ContentNames {
    private static final int AT_ONCE = 64;

    private final Supplier<SharedView> view;
    private final SharedPieces pieces;
    private final Deque<List<PieceLink>> found = new ArrayDeque<>();
    /** The events of documents that are still to be looked at. */
    private int[] documents = {};

    private int next;
    private int events;
    private @Nullable Cid last;
    private volatile boolean again = true;

    SharedNames(Supplier<SharedView> view, SharedPieces pieces) {
        this.view = view;
        this.pieces = pieces;
    }

    /** Begins anew. */
    void lookAgain() {
        again = true;
    }

    @Override
    public boolean areShared() {
        return true;
    }

    @Override
    public Iterator<List<PieceLink>> all() {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return !found.isEmpty() || look();
            }

            @Override
            public List<PieceLink> next() {
                if (!hasNext()) {
                    throw new NoSuchElementException();
                }
                return found.remove();
            }
        };
    }

    @Override
    public Subscription subscribe(Consumer<List<PieceLink>> listener) {
        return () -> {}; // what is new comes at the end of all
    }

    /** Looks at some more events; false if there are none. */
    private boolean look() {
        SharedView now = view.get();
        if (again || isOther(now)) {
            again = false;
            documents = now.documents().toArray();
            next = 0;
            reach(now, now.events());
        }
        if (next < documents.length) {
            int to = Math.min(documents.length, next + AT_ONCE);
            look(now.read(Arrays.copyOfRange(documents, next, to)));
            next = to;
            return true;
        }
        if (events < now.events()) {
            int to = Math.min(now.events(), events + AT_ONCE);
            look(IntStream.range(events, to).mapToObj(now::event).toList());
            reach(now, to);
            return true;
        }
        return false;
    }

    private void reach(SharedView now, int to) {
        events = to;
        last = to == 0 ? null : now.cid(to - 1);
    }

    /** Whether the feed is not the one any more of which some was looked at: a backup may have been restored. */
    private boolean isOther(SharedView now) {
        return events > now.events() || events > 0 && !Objects.equals(now.cid(events - 1), last);
    }

    private void look(List<Event> some) {
        List<List<PieceLink>> named = new ArrayList<>();
        for (Event event : some) {
            named.add(NamedAttachments.of(event.value()));
        }
        List<Cid> roots = named.stream()
                .flatMap(List::stream)
                .map(PieceLink::cid)
                .distinct()
                .toList();
        Set<Cid> whole = roots.isEmpty() ? Set.of() : pieces.whole(roots);
        for (List<PieceLink> links : named) {
            found.add(links.stream().filter(link -> !whole.contains(link.cid())).toList());
        }
    }
}
