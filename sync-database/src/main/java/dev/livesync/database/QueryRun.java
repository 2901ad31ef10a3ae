package dev.livesync.database;

import dev.livesync.car.Keys;
import dev.livesync.database.columns.IntSort;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.index.IndexScan;
import dev.livesync.database.index.Planner;
import dev.livesync.database.order.IdOrder;
import dev.livesync.database.query.PageKey;
import dev.livesync.database.query.Query;
import dev.livesync.database.query.QueryPlan;
import dev.livesync.database.query.ResultPage;
import dev.livesync.database.replica.ReadView;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** A query on a view: looks at the documents that an index names, or at those of a range of ids, one after another. */
final class QueryRun {
    private final Database database;
    private final ReadView view;
    private final Query query;
    private final long limit;
    /** The range of keys; null for no bound. */
    private final @Nullable String from;

    private final @Nullable String below;
    private final @Nullable IndexScan scan;

    QueryRun(Database database, ReadView view, Query query) {
        this.database = database;
        this.view = view;
        this.query = query;
        this.limit = query.limit().orElse(Long.MAX_VALUE);
        String first = query.firstId().map(IdOrder::bound).orElse(null);
        String end = query.endId().map(IdOrder::bound).orElse(null);
        if (query.order().isEmpty() && query.after().isPresent()) {
            String last = IdOrder.bound(query.after().get().id());
            if (query.isDescending()) {
                end = end == null || last.compareTo(end) < 0 ? last : end;
            } else if (first == null || first.compareTo(last) <= 0) {
                first = last + '\0'; // no key has that, so this comes right behind
            }
        }
        this.from = first;
        this.below = end;
        this.scan =
                view.indexes().all().isEmpty() ? null : Planner.choose(query, view.indexes(), view::key, this::inRange);
    }

    QueryPlan plan() {
        return new Results.Planned(
                Optional.ofNullable(scan).map(chosen -> chosen.index().definition()),
                scan == null ? inRange() : scan.size(),
                scan == null ? !query.order().isEmpty() : !scan.isOrdered(),
                view.count());
    }

    /** How many documents there are in the range of ids, or keys, some of which may have none. */
    private long inRange() {
        return from == null && below == null ? view.count() : view.count(from, below);
    }

    ResultPage<Document> page() {
        if (limit == Long.MAX_VALUE) {
            return new Results.Paged(documents().toList(), Optional.empty());
        }
        List<Document> found =
                new QueryRun(database, view, query.limit(limit + 1)).documents().toList();
        if (found.size() <= limit || limit == 0) {
            return new Results.Paged(found.subList(0, Math.min(found.size(), (int) limit)), Optional.empty());
        }
        List<Document> page = found.subList(0, (int) limit);
        return new Results.Paged(page, Optional.of(keyOf(page.get(page.size() - 1))));
    }

    Stream<Document> documents() {
        if (scan != null && scan.isOrdered()) {
            return stream(() -> new InOrder(scan)).flatMap(this::matching).limit(limit);
        }
        return query.order().isEmpty()
                ? lazy(() -> (scan == null ? candidates() : byId(scan))
                                .mapToObj(this::document)
                                .filter(this::matches))
                        .limit(limit)
                : lazy(() -> sorted(
                        scan == null ? candidates() : Arrays.stream(scan.keys()).map(view::document), limit));
    }

    private static <T> Stream<T> stream(Supplier<Iterator<T>> elements) {
        return StreamSupport.stream(
                () -> Spliterators.spliteratorUnknownSize(elements.get(), Spliterator.ORDERED),
                Spliterator.ORDERED,
                false);
    }

    /** A stream that does nothing before its first element is asked for. */
    private static <T> Stream<T> lazy(Supplier<Stream<T>> elements) {
        return StreamSupport.stream(() -> elements.get().spliterator(), Spliterator.ORDERED, false);
    }

    /** The events of the range of ids, in order. */
    private IntStream candidates() {
        return view.documents(from, below, query.isDescending());
    }

    /** The events of an index's documents by id. */
    private IntStream byId(IndexScan entries) {
        int[] keys = Arrays.stream(entries.keys()).filter(this::isInRange).toArray();
        int direction = query.isDescending() ? -1 : 1;
        IntSort.sort(keys, (a, b) -> direction * view.key(a).compareTo(view.key(b)));
        return Arrays.stream(keys).map(view::document);
    }

    private boolean isInRange(int key) {
        String name = view.key(key);
        return (from == null || name.compareTo(from) >= 0) && (below == null || name.compareTo(below) < 0);
    }

    /** The groups of keys of an index that has the query's order. */
    private final class InOrder implements Iterator<int[]> {
        private final IndexScan entries;
        private int done;

        InOrder(IndexScan entries) {
            this.entries = entries;
        }

        @Override
        public boolean hasNext() {
            return done < entries.size();
        }

        @Override
        public int[] next() {
            int[] keys = entries.group(done, query.isDescending());
            done += keys.length;
            return keys;
        }
    }

    private Stream<Document> matching(int[] keys) {
        if (keys.length > 1) {
            return sorted(Arrays.stream(keys).map(view::document), Long.MAX_VALUE);
        }
        // Where only ids decide, the document needn't be read.
        return query.matchesId(Keys.toId(view.key(keys[0])))
                ? Stream.of(document(view.document(keys[0]))).filter(this::matches)
                : Stream.empty();
    }

    private boolean matches(Document document) {
        return query.matches(document.id(), document.value());
    }

    private Document document(int event) {
        return database.document(view, event, view.heads());
    }

    private PageKey keyOf(Document document) {
        return query.keyOf(document.id(), document.value());
    }

    /** A document that matches: its place, and the event to read it from when its turn comes. */
    private record Match(PageKey key, int event) {}

    private Stream<Document> sorted(IntStream events, long most) {
        Comparator<Match> order = Comparator.comparing(Match::key);
        PriorityQueue<Match> last = new PriorityQueue<>(order.reversed());
        events.filter(event -> event != EventGraph.NONE).forEach(event -> {
            Document document = document(event);
            if (matches(document)) {
                last.add(new Match(keyOf(document), event));
                if (last.size() > most) {
                    last.remove();
                }
            }
        });
        List<Match> matches = new ArrayList<>(last);
        matches.sort(order);
        return matches.stream().map(match -> document(match.event));
    }
}
