package dev.livesync.database;

import dev.livesync.api.Value;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * What a query should find, worked out from a list of all documents by nothing that the database does: fields are looked up in plain maps, values are compared as text of digits and
 * letters that sorts like them.
 */
final class NaiveQuery {
    private static final BigDecimal SHIFT = new BigDecimal("1e400");
    private static final Map<BigDecimal, String> DIGITS = new ConcurrentHashMap<>();

    final List<Predicate<Document>> tests = new ArrayList<>();
    List<List<String>> order = List.of();
    boolean descending;

    List<String> ids(List<Document> all) {
        Comparator<Document> places = Comparator.comparing(document -> id(document.id()));
        for (int i = order.size() - 1; i >= 0; i--) {
            List<String> path = order.get(i);
            places = Comparator.<Document, String>comparing(document -> sortable(field(document, path)))
                    .thenComparing(places);
        }
        return all.stream()
                .filter(document -> tests.stream().allMatch(test -> test.test(document)))
                .sorted(descending ? places.reversed() : places)
                .map(Document::id)
                .toList();
    }

    /** Ids as keys write them. */
    private static String id(String id) {
        return id.replace("\1", "\1\1").replace('\0', '\1');
    }

    /** The value at a path; null for none. */
    static Object field(Document document, List<String> path) {
        Object at = document.value();
        for (String name : path) {
            Object next = null;
            if (at instanceof Value.Mapping map) {
                next = map.entries().get(name);
            } else if (at instanceof Value.Sequence list && name.matches("0|[1-9][0-9]{0,5}")) {
                int index = Integer.parseInt(name);
                next = index < list.items().size() ? list.items().get(index) : null;
            }
            if (next == null) {
                return null;
            }
            at = next;
        }
        return at;
    }

    /** A text that sorts as its value does. */
    static String sortable(Object value) {
        if (value == null) {
            return "a";
        } else if (value instanceof Value.Null) {
            return "b";
        } else if (value instanceof Value.Bool bool) {
            return bool.value() ? "d" : "c";
        } else if (value instanceof Value.Int number) {
            return "e" + digits(BigDecimal.valueOf(number.value()));
        } else if (value instanceof Value.BigInt number) {
            return "e" + digits(new BigDecimal(number.value()));
        } else if (value instanceof Value.Real number) {
            return "e" + digits(new BigDecimal(number.value()));
        } else if (value instanceof Value.Text text) {
            return "f" + hex(text.value());
        } else if (value instanceof Value.Bytes bytes) {
            StringBuilder text = new StringBuilder("g");
            for (byte b : bytes.toByteArray()) {
                text.append(String.format("%02x", b));
            }
            return text.append(' ').toString();
        } else if (value instanceof Value.Link link) {
            return "h" + hex(link.cid().toString());
        } else if (value instanceof Value.Sequence list) {
            StringBuilder text = new StringBuilder("i");
            list.items().forEach(item -> text.append(sortable(item)));
            return text.append(' ').toString();
        }
        StringBuilder text = new StringBuilder("j");
        SortedMap<String, Value> entries = new TreeMap<>(((Value.Mapping) value).entries());
        for (Map.Entry<String, Value> entry : entries.entrySet()) {
            text.append('!').append(hex(entry.getKey())).append(sortable(entry.getValue()));
        }
        return text.append(' ').toString();
    }

    /** As many digits before the point and after it for each, so that text sorts as numbers do. */
    private static String digits(BigDecimal number) {
        return DIGITS.computeIfAbsent(
                number,
                n -> String.format("%0402d", n.add(SHIFT).toBigInteger())
                        + n.add(SHIFT).remainder(BigDecimal.ONE).setScale(1_100).toPlainString());
    }

    private static String hex(String text) {
        StringBuilder hex = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            hex.append(Integer.toHexString(0x10000 + text.charAt(i)));
        }
        return hex.append(' ').toString();
    }
}
