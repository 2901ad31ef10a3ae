package dev.livesync.database.query;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.DagCbor;
import dev.livesync.car.Limits;
import dev.livesync.database.order.IdOrder;
import dev.livesync.database.order.JsonPointer;
import dev.livesync.database.order.ValueOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A place in the order of a query: what the next page begins after. It stays what it is while documents come, change and go: a page that
 * begins after it holds what lies there then, nothing twice and nothing left out that was there all the time.
 *
 * <p>It consists of the id of the document that was there and its values of the fields that say the order; {@link #toString} is not encrypted.
 *
 * <p>Immutable; any thread. Compares in the order of its query.
 */
public final class PageKey implements Comparable<PageKey> {
    private static final long FORMAT = 1;
    private static final Limits ANY = Limits.DEFAULT.toBuilder()
            .documentBytes(Integer.MAX_VALUE)
            .blockBytes(Integer.MAX_VALUE)
            .depth(Limits.MAX_DEPTH)
            .items(Integer.MAX_VALUE)
            .build();

    private final List<JsonPointer> order;
    private final boolean descending;
    private final List<@Nullable Value> values;
    private final String id;

    PageKey(List<JsonPointer> order, boolean descending, List<@Nullable Value> values, String id) {
        this.order = order;
        this.descending = descending;
        this.values = values;
        this.id = id;
    }

    static List<@Nullable Value> values(List<JsonPointer> order, Value.Mapping document) {
        List<@Nullable Value> values = new ArrayList<>(order.size());
        for (JsonPointer pointer : order) {
            values.add(pointer.find(document));
        }
        return values;
    }

    /**
     * Reads a key back.
     *
     * @param text as {@link #toString} wrote it; may come from anybody, and takes as much memory as it is long, some dozen times
     * @return the key
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if it is none
     */
    public static PageKey parse(String text) {
        try {
            if (DagCbor.decode(Base64.getUrlDecoder().decode(text), ANY) instanceof Value.Sequence parts
                    && parts.items().size() == 5
                    && parts.items().get(0).equals(new Value.Int(FORMAT))
                    && parts.items().get(1) instanceof Value.Sequence order
                    && parts.items().get(2) instanceof Value.Bool descending
                    && parts.items().get(3) instanceof Value.Sequence values
                    && parts.items().get(4) instanceof Value.Text id
                    && order.items().size() == values.items().size()) {
                return new PageKey(pointers(order), descending.value(), unwrapped(values), id.value());
            }
        } catch (IllegalArgumentException | SyncException e) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "not a page key", e);
        }
        throw new SyncException(ErrorKind.INVALID_ARGUMENT, "not a page key");
    }

    private static List<JsonPointer> pointers(Value.Sequence order) {
        List<JsonPointer> pointers = new ArrayList<>();
        for (Value pointer : order.items()) {
            if (!(pointer instanceof Value.Text text)) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a pointer that is no text");
            }
            pointers.add(JsonPointer.parse(text.value()));
        }
        return List.copyOf(pointers);
    }

    private static List<@Nullable Value> unwrapped(Value.Sequence values) {
        List<@Nullable Value> unwrapped = new ArrayList<>();
        for (Value value : values.items()) {
            if (!(value instanceof Value.Sequence wrapped) || wrapped.items().size() > 1) {
                throw new SyncException(ErrorKind.INVALID_ARGUMENT, "a value that is no array of one or none");
            }
            unwrapped.add(wrapped.items().isEmpty() ? null : wrapped.items().get(0));
        }
        return unwrapped;
    }

    boolean isOf(List<JsonPointer> pointers, boolean inReverse) {
        return order.equals(pointers) && descending == inReverse;
    }

    /**
     * The id of the document that is or was at this place.
     *
     * @return its id
     */
    public String id() {
        return id;
    }

    /**
     * The document's values of the fields that say the order.
     *
     * @return as many as there are fields, each in an array of its own, which is empty where the document has no such field
     */
    public List<Value.Sequence> values() {
        List<Value.Sequence> wrapped = new ArrayList<>();
        for (Value value : values) {
            wrapped.add(new Value.Sequence(value == null ? List.of() : List.of(value)));
        }
        return List.copyOf(wrapped);
    }

    /**
     * Compares two places of one order.
     *
     * @param other of a query with the same order
     * @return negative if this one comes before the other
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} if it is of another order
     */
    @Override
    public int compareTo(PageKey other) {
        if (!other.isOf(order, descending)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "places in different orders can't be compared");
        }
        int compared = 0;
        for (int i = 0; i < values.size() && compared == 0; i++) {
            compared = ValueOrder.compare(values.get(i), other.values.get(i));
        }
        compared = compared == 0 ? IdOrder.compare(id, other.id) : compared;
        return descending ? -Integer.signum(compared) : compared;
    }

    /** Whether the place is the same, in the same order. Values count as equal if nothing comes between them: 1 and 1.0 are. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof PageKey key && key.isOf(order, descending) && compareTo(key) == 0;
    }

    @Override
    public int hashCode() {
        return Objects.hash(order, descending, id);
    }

    /** The key as text of letters, digits, {@code -} and {@code _}, for an address or a form. */
    @Override
    public String toString() {
        Value key = new Value.Sequence(List.of(
                new Value.Int(FORMAT),
                new Value.Sequence(order.stream()
                        .<Value>map(pointer -> new Value.Text(pointer.toString()))
                        .toList()),
                new Value.Bool(descending),
                new Value.Sequence(List.copyOf(values())),
                new Value.Text(id)));
        return Base64.getUrlEncoder().withoutPadding().encodeToString(DagCbor.encode(key, ANY));
    }
}
