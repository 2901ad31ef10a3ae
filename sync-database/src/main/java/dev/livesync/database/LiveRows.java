package dev.livesync.database;

import dev.livesync.car.Keys;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.live.LiveChange;
import dev.livesync.database.live.LiveChangeKind;
import dev.livesync.database.query.PageKey;
import dev.livesync.database.query.Query;
import dev.livesync.database.replica.ReadView;
import dev.livesync.database.replica.ViewChange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The result of a query, kept in step with the views: of each document its place and the event to read it from.
 *
 * <p>A query with a limit keeps some rows more, so that one that goes is replaced without a query. Only when these have been used up, it is asked again. One thread at a time.
 */
final class LiveRows {
    /** How many rows more than a limit are kept at most, unless it is small. */
    private static final int RESERVE = 256;

    /** Up to so many changes are applied one by one. */
    private static final int FEW = 8;

    private static final Comparator<Row> ORDER = Comparator.comparing(Row::key);

    /** A document that matches. */
    private record Row(PageKey key, int event) {}

    /** A document that was written: its row before and now. */
    private record Touch(@Nullable Row before, @Nullable Row after) {}

    private final Database database;
    private final Query query;
    /** How many rows belong to the result. */
    private final int visible;
    /** How many are kept. */
    private final int kept;

    private final Map<String, Row> byId = new HashMap<>();
    private List<Row> rows = new ArrayList<>();
    /** Whether the rows are all that match. */
    private boolean complete;

    LiveRows(Database database, Query query) {
        this.database = database;
        this.query = query;
        this.visible = (int) Math.min(query.limit().orElse(Integer.MAX_VALUE), Integer.MAX_VALUE);
        this.kept = visible == Integer.MAX_VALUE ? visible : visible + Math.min(Integer.MAX_VALUE - visible, RESERVE);
    }

    /** Finds the result in a view: all of it as added. */
    List<LiveChange<Document>> begin(ReadView view) {
        load(view);
        List<LiveChange<Document>> changes = new ArrayList<>();
        int count = Math.min(visible, rows.size());
        for (int i = 0; i < count; i++) {
            changes.add(new RowChange(LiveChangeKind.ADDED, -1, i, view, rows.get(i).event));
        }
        return changes;
    }

    private void load(ReadView view) {
        rows = new ArrayList<>();
        byId.clear();
        if (visible > 0) {
            new QueryRun(database, view, kept == Integer.MAX_VALUE ? query : query.limit(kept))
                    .documents()
                    .forEach(document -> rows.add(row(document, view.document(Database.key(document.id())))));
        }
        rows.forEach(row -> byId.put(row.key.id(), row));
        complete = visible == 0 || rows.size() < kept;
    }

    private Row row(Document document, int event) {
        return new Row(query.keyOf(document.id(), document.value()), event);
    }

    /** Goes on to a later view. Nothing if the result is the same. */
    List<LiveChange<Document>> advance(ViewChange change) {
        List<Touch> touches = touches(change);
        if (touches.isEmpty()) {
            return List.of();
        }
        if (visible == Integer.MAX_VALUE) {
            int[] from = touches.stream().mapToInt(t -> index(t.before)).toArray();
            apply(touches);
            return differences(change, touches, from);
        }
        List<Row> before = List.copyOf(rows.subList(0, Math.min(visible, rows.size())));
        applyWithin(touches, change.after());
        return differences(change, before, rows.subList(0, Math.min(visible, rows.size())));
    }

    private List<Touch> touches(ViewChange change) {
        List<Touch> touches = new ArrayList<>();
        if (visible == 0) {
            return touches;
        }
        for (ViewChange.KeyChange written : change.changes()) {
            String id = Keys.toId(written.key());
            if (query.matchesId(id)) {
                Row before = byId.get(id);
                Row after = null;
                if (written.after() != EventGraph.NONE) {
                    Document document = read(change.after(), written.after());
                    after = query.matches(id, document.value()) ? row(document, written.after()) : null;
                }
                if (before != null || after != null) {
                    touches.add(new Touch(before, after));
                }
            }
        }
        return touches;
    }

    private Document read(ReadView view, int event) {
        return database.document(view, event, view.heads());
    }

    private int index(@Nullable Row row) {
        return row == null ? -1 : Collections.binarySearch(rows, row, ORDER);
    }

    /** Of what is written behind the last row that is known, nothing needs to be known. */
    private void applyWithin(List<Touch> touches, ReadView view) {
        PageKey last = complete ? null : rows.get(rows.size() - 1).key;
        apply(touches.stream()
                .map(t -> t.after == null || last == null || t.after.key.compareTo(last) <= 0
                        ? t
                        : new Touch(t.before, null))
                .toList());
        if (rows.size() < visible && !complete) {
            load(view);
        } else if (rows.size() > kept) {
            List<Row> surplus = rows.subList(kept, rows.size());
            surplus.forEach(row -> byId.remove(row.key.id()));
            surplus.clear();
            complete = false;
        }
    }

    private void apply(List<Touch> touches) {
        List<Row> gone = new ArrayList<>();
        List<Row> come = new ArrayList<>();
        for (Touch touch : touches) {
            if (touch.before != null) {
                gone.add(touch.before);
                byId.remove(touch.before.key.id());
            }
            if (touch.after != null) {
                come.add(touch.after);
            }
        }
        if (touches.size() <= FEW) {
            gone.forEach(row -> rows.remove(index(row)));
            come.forEach(row -> rows.add(-1 - index(row), row));
        } else {
            Set<Row> leaving = new HashSet<>(gone);
            rows.removeIf(leaving::contains);
            rows.addAll(come);
            rows.sort(ORDER); // two runs that are sorted: it notices
        }
        come.forEach(row -> byId.put(row.key.id(), row));
    }

    /** Where everything counts: nothing moves but what was written. */
    private List<LiveChange<Document>> differences(ViewChange change, List<Touch> touches, int[] from) {
        List<RowChange> changes = new ArrayList<>();
        for (int i = 0; i < from.length; i++) {
            Row before = touches.get(i).before;
            Row after = touches.get(i).after;
            changes.add(difference(change, before, from[i], after, index(after)));
        }
        return inOrder(changes);
    }

    /** Where there is a limit, others come and go. */
    private List<LiveChange<Document>> differences(ViewChange change, List<Row> before, List<Row> after) {
        Map<String, Integer> places = new HashMap<>();
        for (int i = 0; i < before.size(); i++) {
            places.put(before.get(i).key.id(), i);
        }
        List<RowChange> changes = new ArrayList<>();
        for (int i = 0; i < after.size(); i++) {
            Row now = after.get(i);
            Integer place = places.remove(now.key.id());
            Row was = place == null ? null : before.get(place);
            if (was == null || was.event != now.event) {
                changes.add(difference(change, was, place == null ? -1 : place, now, i));
            }
        }
        places.values().forEach(place -> changes.add(difference(change, before.get(place), place, null, -1)));
        return inOrder(changes);
    }

    private RowChange difference(ViewChange change, @Nullable Row before, int from, @Nullable Row after, int to) {
        if (after == null) {
            int event = before == null ? EventGraph.NONE : before.event;
            return new RowChange(LiveChangeKind.REMOVED, from, -1, change.before(), event);
        }
        LiveChangeKind kind = before == null
                ? LiveChangeKind.ADDED
                : ORDER.compare(before, after) == 0 ? LiveChangeKind.CHANGED : LiveChangeKind.MOVED;
        return new RowChange(kind, from, to, change.after(), after.event);
    }

    private List<LiveChange<Document>> inOrder(List<RowChange> changes) {
        changes.sort(Comparator.comparingInt((RowChange change) -> change.to < 0 ? -1 : change.to)
                .thenComparing(Comparator.comparingInt((RowChange change) -> change.from)
                        .reversed()));
        if (changes.size() == 1 && changes.get(0).isInPlace()) {
            RowChange only = changes.get(0);
            changes.set(0, new RowChange(LiveChangeKind.CHANGED, only.from, only.to, only.view, only.event));
        }
        return List.copyOf(changes);
    }

    private final class RowChange implements LiveChange<Document> {
        private final LiveChangeKind kind;
        private final int from;
        private final int to;
        private final ReadView view;
        private final int event;

        RowChange(LiveChangeKind kind, int from, int to, ReadView view, int event) {
            this.kind = kind;
            this.from = from;
            this.to = to;
            this.view = view;
            this.event = event;
        }

        /** Whether its order has changed, but not past another one. */
        boolean isInPlace() {
            return kind == LiveChangeKind.MOVED && from == to;
        }

        @Override
        public LiveChangeKind kind() {
            return kind;
        }

        @Override
        public int from() {
            return from;
        }

        @Override
        public int to() {
            return to;
        }

        @Override
        public Document document() {
            return read(view, event);
        }

        @Override
        public String toString() {
            return kind + " " + from + " -> " + to;
        }
    }
}
