package dev.livesync.database;

import dev.livesync.database.order.IdOrder;
import dev.livesync.database.query.PageKey;
import dev.livesync.database.query.Query;
import dev.livesync.database.query.ResultPage;
import dev.livesync.database.replica.ReadView;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Spliterator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A query on a view: looks at the documents of a range of ids one after another. */
final class QueryRun {
    private final Database database;
    private final ReadView view;
    private final Query query;
    private final long limit;

    QueryRun(Database database, ReadView view, Query query) {
        this.database = database;
        this.view = view;
        this.query = query;
        this.limit = query.limit().orElse(Long.MAX_VALUE);
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
        return query.order().isEmpty()
                ? scan().limit(limit)
                : StreamSupport.stream(() -> sorted().spliterator(), Spliterator.ORDERED, false);
    }

    /** The matching documents by id. */
    private Stream<Document> scan() {
        return candidates().mapToObj(this::document).filter(document -> query.matches(document.id(), document.value()));
    }

    private IntStream candidates() {
        String from = query.firstId().map(IdOrder::bound).orElse(null);
        String below = query.endId().map(IdOrder::bound).orElse(null);
        if (query.order().isEmpty() && query.after().isPresent()) {
            String last = IdOrder.bound(query.after().get().id());
            if (query.isDescending()) {
                below = below == null || last.compareTo(below) < 0 ? last : below;
            } else if (from == null || from.compareTo(last) <= 0) {
                from = last + '\0'; // no key has that, so this comes right behind
            }
        }
        return view.documents(from, below, query.isDescending());
    }

    private Document document(int event) {
        return database.document(view, event, view.heads());
    }

    private PageKey keyOf(Document document) {
        return query.keyOf(document.id(), document.value());
    }

    /** A document that matches: its place, and the event to read it from when its turn comes. */
    private record Match(PageKey key, int event) {}

    private Stream<Document> sorted() {
        Comparator<Match> order = Comparator.comparing(Match::key);
        PriorityQueue<Match> last = new PriorityQueue<>(order.reversed());
        for (var events = candidates().iterator(); events.hasNext(); ) {
            int event = events.nextInt();
            Document document = document(event);
            if (query.matches(document.id(), document.value())) {
                last.add(new Match(keyOf(document), event));
                if (last.size() > limit) {
                    last.remove();
                }
            }
        }
        List<Match> matches = new ArrayList<>(last);
        matches.sort(order);
        return matches.stream().map(match -> document(match.event));
    }
}
