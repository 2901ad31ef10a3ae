package dev.livesync.database.query;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.database.order.IdOrder;
import dev.livesync.database.order.JsonPointer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Which documents to find, and in what order. Begin with {@link #all()}; each method returns a new query that says more.
 *
 * <pre>{@code
 * Query.all().idPrefix("todo/").where("/done", equalTo(false)).orderBy("/due").limit(20)
 * }</pre>
 *
 * <p><strong>Fields</strong> are named by <a href="https://www.rfc-editor.org/rfc/rfc6901">JSON pointers</a>: {@code /address/city}, {@code /tags/0}, and the empty one for the
 * whole document.
 *
 * <p><strong>Order.</strong> By id, or by fields and then by id, so that no two documents have the same place, and the order is the same on every replica. Ids come in
 * the order of {@link dev.livesync.database.Database#documents()}. Of values of different types: absent, null, false, true, numbers, strings,
 * bytes, links, arrays, objects. Numbers by what they are, strings by UTF-16 code units, arrays item by item, objects by their names and values in the order of the names.
 *
 * <p>Immutable; any thread. Two are equal if they say the same.
 */
public final class Query {
    private static final Query ALL = new Query(new Draft());

    private final @Nullable String from;
    private final @Nullable String below;
    private final List<String> prefixes;
    private final List<FieldCondition> conditions;
    private final List<JsonPointer> order;
    private final boolean descending;
    private final long limit;
    private final @Nullable PageKey after;

    /**
     * A condition and the field that has to meet it.
     *
     * @param pointer the field
     * @param condition what it has to be
     */
    public record FieldCondition(String pointer, Condition condition) {
        /**
         * Checks the pointer.
         *
         * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if it is no JSON pointer
         */
        public FieldCondition {
            JsonPointer.parse(pointer);
        }

        @Override
        public String toString() {
            return pointer + " " + condition;
        }
    }

    /** What the next query says. */
    private static final class Draft {
        private @Nullable String from;
        private @Nullable String below;
        private List<String> prefixes = List.of();
        private List<FieldCondition> conditions = List.of();
        private List<JsonPointer> order = List.of();
        private boolean descending;
        private long limit = Long.MAX_VALUE;
        private @Nullable PageKey after;
    }

    private Query(Draft draft) {
        from = draft.from;
        below = draft.below;
        prefixes = List.copyOf(draft.prefixes);
        conditions = List.copyOf(draft.conditions);
        order = List.copyOf(draft.order);
        descending = draft.descending;
        limit = draft.limit;
        after = draft.after;
        pointers = conditions.stream().map(c -> JsonPointer.parse(c.pointer())).toList();
    }

    private final List<JsonPointer> pointers;

    private Draft draft() {
        Draft draft = new Draft();
        draft.from = from;
        draft.below = below;
        draft.prefixes = prefixes;
        draft.conditions = conditions;
        draft.order = order;
        draft.descending = descending;
        draft.limit = limit;
        draft.after = after;
        return draft;
    }

    /**
     * All documents, by id.
     *
     * @return always the same query
     */
    public static Query all() {
        return ALL;
    }

    /**
     * Only ids that begin so.
     *
     * @param prefix the beginning, by UTF-16 code units
     * @return a new query
     */
    public Query idPrefix(String prefix) {
        Draft draft = draft();
        draft.prefixes = plus(prefixes, prefix);
        raise(draft, prefix);
        String end = IdOrder.after(prefix);
        if (!end.isEmpty()) {
            lower(draft, end);
        }
        return new Query(draft);
    }

    /**
     * Only this id and those after it.
     *
     * @param id any string, be there such a document or not
     * @return a new query
     */
    public Query idFrom(String id) {
        Draft draft = draft();
        raise(draft, id);
        return new Query(draft);
    }

    /**
     * Only ids before this one.
     *
     * @param id any string, be there such a document or not
     * @return a new query
     */
    public Query idBelow(String id) {
        Draft draft = draft();
        lower(draft, id);
        return new Query(draft);
    }

    private static void raise(Draft draft, String id) {
        if (draft.from == null || IdOrder.compare(draft.from, id) < 0) {
            draft.from = id;
        }
    }

    private static void lower(Draft draft, String id) {
        if (draft.below == null || IdOrder.compare(id, draft.below) < 0) {
            draft.below = id;
        }
    }

    /**
     * Only documents with a field that meets a condition, and all the others that were given.
     *
     * @param pointer the field
     * @param condition what it has to be
     * @return a new query
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if that is no JSON pointer
     */
    public Query where(String pointer, Condition condition) {
        Draft draft = draft();
        draft.conditions = plus(conditions, new FieldCondition(pointer, condition));
        return new Query(draft);
    }

    /**
     * In the order of fields, those that agree in all of them by id. Documents without a field come first.
     *
     * @param pointers the fields, the most significant first; none for the order of ids
     * @return a new query
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if one is no JSON pointer
     */
    public Query orderBy(String... pointers) {
        Draft draft = draft();
        draft.order = Stream.of(pointers).map(JsonPointer::parse).toList();
        return new Query(draft);
    }

    /**
     * In the opposite order, that of ids included.
     *
     * @return a new query
     */
    public Query descending() {
        Draft draft = draft();
        draft.descending = !descending;
        return new Query(draft);
    }

    /**
     * The first documents only.
     *
     * @param documents how many at most; 0 or more
     * @return a new query
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for a negative number
     */
    public Query limit(long documents) {
        if (documents < 0) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a limit is 0 or more: " + documents);
        }
        Draft draft = draft();
        draft.limit = documents;
        return new Query(draft);
    }

    /**
     * Only what comes after a place in this order: the next page.
     *
     * @param key the place of the last document of the page before, as {@link #keyOf} or a {@link ResultPage} gives it; that document may have changed or be gone
     *     since
     * @return a new query
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if the key is of a query with another order
     */
    public Query after(PageKey key) {
        if (!key.isOf(order, descending)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "this page key is of a query with another order");
        }
        Draft draft = draft();
        draft.after = key;
        return new Query(draft);
    }

    private static <T> List<T> plus(List<T> list, T last) {
        List<T> longer = new ArrayList<>(list);
        longer.add(last);
        return longer;
    }

    /**
     * Whether a document is among those that are looked for, whatever the {@link #limit} is.
     *
     * @param id its id
     * @param document its content
     * @return true if id and fields meet all conditions, and it comes after the {@linkplain #after page key}
     */
    public boolean matches(String id, Value.Mapping document) {
        return matchesId(id)
                && matchesFields(document)
                && (after == null || keyOf(id, document).compareTo(after) > 0);
    }

    /**
     * Whether an id is among those that are looked for.
     *
     * @param id an id
     * @return true if it meets all that was said of ids
     */
    public boolean matchesId(String id) {
        return (from == null || IdOrder.compare(from, id) <= 0)
                && (below == null || IdOrder.compare(id, below) < 0)
                && prefixes.stream().allMatch(id::startsWith);
    }

    private boolean matchesFields(Value.Mapping document) {
        for (int i = 0; i < pointers.size(); i++) {
            if (!conditions.get(i).condition().test(pointers.get(i).find(document))) {
                return false;
            }
        }
        return true;
    }

    /**
     * The place of a document in the order of this query.
     *
     * @param id its id
     * @param document its content
     * @return what compares with other documents' places, and what the next page begins after
     */
    public PageKey keyOf(String id, Value.Mapping document) {
        return new PageKey(order, descending, PageKey.values(order, document), id);
    }

    /**
     * The first id that is looked for.
     *
     * @return the greatest of what {@link #idFrom} and {@link #idPrefix} were given
     */
    public Optional<String> firstId() {
        return Optional.ofNullable(from);
    }

    /**
     * The first id that isn't looked for any more.
     *
     * @return the least of what {@link #idBelow} was given, and of what follows the prefixes
     */
    public Optional<String> endId() {
        return Optional.ofNullable(below);
    }

    /**
     * How ids begin.
     *
     * @return what {@link #idPrefix} was given; immutable
     */
    public List<String> idPrefixes() {
        return prefixes;
    }

    /**
     * What fields have to be.
     *
     * @return as they were given; immutable
     */
    public List<FieldCondition> conditions() {
        return conditions;
    }

    /**
     * The fields that say the order.
     *
     * @return JSON pointers, the most significant first; empty for the order of ids; immutable
     */
    public List<String> order() {
        return order.stream().map(JsonPointer::toString).toList();
    }

    /**
     * Whether the order is the opposite one.
     *
     * @return true if the greatest comes first
     */
    public boolean isDescending() {
        return descending;
    }

    /**
     * How many documents are wanted at most.
     *
     * @return 0 or more; empty for all
     */
    public OptionalLong limit() {
        return limit == Long.MAX_VALUE ? OptionalLong.empty() : OptionalLong.of(limit);
    }

    /**
     * The place after which the page begins.
     *
     * @return what {@link #after(PageKey)} was given; empty for the first page
     */
    public Optional<PageKey> after() {
        return Optional.ofNullable(after);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Query query
                && firstId().equals(query.firstId())
                && endId().equals(query.endId())
                && prefixes.equals(query.prefixes)
                && conditions.equals(query.conditions)
                && order.equals(query.order)
                && descending == query.descending
                && limit == query.limit
                && after().equals(query.after());
    }

    @Override
    public int hashCode() {
        return List.of(firstId(), endId(), prefixes, conditions, order, descending, limit, after())
                .hashCode();
    }

    /** What it says, for people. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("documents");
        prefixes.forEach(prefix -> text.append(", id starts with ").append(Operands.text(new Value.Text(prefix))));
        if (prefixes.isEmpty()) {
            firstId().ifPresent(id -> text.append(", id >= ").append(Operands.text(new Value.Text(id))));
            endId().ifPresent(id -> text.append(", id < ").append(Operands.text(new Value.Text(id))));
        }
        conditions.forEach(condition -> text.append(", ").append(condition));
        text.append(" by ");
        order.forEach(pointer -> text.append(pointer).append(", "));
        text.append("id").append(descending ? " descending" : "");
        limit().ifPresent(most -> text.append(", at most ").append(most));
        return text.append(after == null ? "" : ", after a page").toString();
    }
}
