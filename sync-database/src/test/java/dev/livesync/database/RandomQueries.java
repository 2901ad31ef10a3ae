package dev.livesync.database;

import dev.livesync.api.Value;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.Query;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/** Documents and queries of a seed, so few different values that they meet. */
final class RandomQueries {
    static final List<String> FIELDS = List.of("/a", "/b", "/c", "/n/x", "/l/0", "/l/1", "/~1~0", "");

    private static final List<Value> VALUES = List.of(
            Value.NULL,
            new Value.Bool(true),
            new Value.Bool(false),
            new Value.Int(0),
            new Value.Int(-1),
            new Value.Int(7),
            new Value.Real(7.0),
            new Value.Real(0.5),
            new Value.Real(-0.0),
            new Value.Real(-1e300),
            new Value.Int((1L << 53) + 1),
            new Value.Real(0x1p53),
            new Value.Int(Long.MAX_VALUE),
            new Value.Real(0x1p63),
            new Value.BigInt(BigInteger.ONE.shiftLeft(63).add(BigInteger.ONE)),
            new Value.BigInt(BigInteger.ONE.shiftLeft(64).negate()),
            new Value.Text(""),
            new Value.Text("a"),
            new Value.Text("a\0"),
            new Value.Text("ab"),
            new Value.Text("\uD83D\uDE00"),
            new Value.Text("\uFFFD"),
            new Value.Text("long ".repeat(40) + "a"),
            new Value.Text("long ".repeat(40) + "b"),
            new Value.Text("long ".repeat(40)),
            new Value.Bytes(new byte[] {1}),
            new Value.Bytes(new byte[] {1, (byte) 0xff}));

    private static final List<String> IDS = List.of(
            "", "a", "a/1", "a/2", "a/10", "a/\uD83D\uDE00", "a/\uFFFF", "a\0", "a\1", "b", "b/1", "\uFFFF", "c");

    final Random random;

    RandomQueries(long seed) {
        random = new Random(seed);
    }

    <T> T one(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    String id() {
        String id = one(IDS);
        return random.nextBoolean() ? id : id + random.nextInt(6);
    }

    Value value(int depth) {
        int kind = random.nextInt(12);
        if (kind == 0 && depth > 0) {
            List<Value> items = new ArrayList<>();
            for (int i = random.nextInt(3); i > 0; i--) {
                items.add(value(depth - 1));
            }
            return new Value.Sequence(items);
        } else if (kind == 1 && depth > 0) {
            return mapping(List.of("x", "y", ""), depth - 1);
        }
        return one(VALUES);
    }

    Value.Mapping document() {
        Map<String, Value> fields = new LinkedHashMap<>(
                mapping(List.of("a", "b", "c", "/~", "n", "l"), 2).entries());
        if (random.nextInt(4) == 0) {
            fields.put("l", new Value.Sequence(List.of(value(1), value(1))));
        }
        if (random.nextInt(4) == 0) {
            fields.put("n", mapping(List.of("x", "y"), 1));
        }
        return new Value.Mapping(fields);
    }

    private Value.Mapping mapping(List<String> names, int depth) {
        Map<String, Value> fields = new LinkedHashMap<>();
        for (String name : names) {
            if (random.nextInt(3) > 0) {
                fields.put(name, value(depth));
            }
        }
        return new Value.Mapping(fields);
    }

    /** A query, and the same for the oracle. */
    Query query(NaiveQuery naive) {
        Query query = Query.all();
        if (random.nextInt(4) == 0) {
            String prefix = random.nextBoolean() ? one(IDS) : "a/";
            query = query.idPrefix(prefix);
            naive.tests.add(document -> document.id().startsWith(prefix));
        }
        if (random.nextInt(6) == 0) {
            String from = id();
            query = query.idFrom(from);
            naive.tests.add(document -> key(document.id()).compareTo(key(from)) >= 0);
        }
        if (random.nextInt(6) == 0) {
            String below = id();
            query = query.idBelow(below);
            naive.tests.add(document -> key(document.id()).compareTo(key(below)) < 0);
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            query = condition(query, one(FIELDS), naive);
        }
        int fields = random.nextInt(3);
        List<String> order = new ArrayList<>();
        for (int i = 0; i < fields; i++) {
            order.add(one(FIELDS));
        }
        query = query.orderBy(order.toArray(new String[0]));
        naive.order = order.stream().map(RandomQueries::path).toList();
        if (random.nextBoolean()) {
            query = query.descending();
            naive.descending = true;
        }
        return query;
    }

    private static String key(String id) {
        return id.replace("\1", "\1\1").replace('\0', '\1');
    }

    static List<String> path(String pointer) {
        if (pointer.isEmpty()) {
            return List.of();
        }
        List<String> path = new ArrayList<>();
        for (String token : pointer.substring(1).split("/", -1)) {
            path.add(token.replace("~1", "/").replace("~0", "~"));
        }
        return path;
    }

    private Query condition(Query query, String pointer, NaiveQuery naive) {
        List<String> path = path(pointer);
        Value bound = value(1);
        String sortable = NaiveQuery.sortable(bound);
        Condition condition;
        switch (random.nextInt(9)) {
            case 0, 1 -> {
                condition = Condition.equalTo(bound);
                naive.tests.add(d -> sortable(d, path).equals(sortable));
            }
            case 2 -> {
                List<Value> values = new ArrayList<>();
                for (int i = random.nextInt(4); i > 0; i--) {
                    values.add(value(1));
                }
                condition = Condition.in(values);
                naive.tests.add(d ->
                        values.stream().anyMatch(v -> NaiveQuery.sortable(v).equals(sortable(d, path))));
            }
            case 3 -> {
                condition = Condition.exists();
                naive.tests.add(d -> NaiveQuery.field(d, path) != null);
            }
            case 4 -> {
                condition = Condition.absent();
                naive.tests.add(d -> NaiveQuery.field(d, path) == null);
            }
            case 5 -> {
                String prefix = one(List.of("", "a", "long ".repeat(20), "\uD83D"));
                condition = Condition.startsWith(prefix);
                naive.tests.add(d -> NaiveQuery.field(d, path) instanceof Value.Text t
                        && t.value().startsWith(prefix));
            }
            case 6 -> {
                boolean open = random.nextBoolean();
                condition = open ? Condition.above(bound) : Condition.atLeast(bound);
                naive.tests.add(
                        d -> sameType(d, path, bound) && sortable(d, path).compareTo(sortable) >= (open ? 1 : 0));
            }
            case 7 -> {
                boolean open = random.nextBoolean();
                condition = open ? Condition.below(bound) : Condition.atMost(bound);
                naive.tests.add(
                        d -> sameType(d, path, bound) && sortable(d, path).compareTo(sortable) <= (open ? -1 : 0));
            }
            default -> {
                Value end = value(1);
                condition = Condition.range(bound, end);
                naive.tests.add(d -> sameType(d, path, bound)
                        && sameType(d, path, end)
                        && sortable(d, path).compareTo(sortable) >= 0
                        && sortable(d, path).compareTo(NaiveQuery.sortable(end)) < 0);
            }
        }
        return query.where(pointer, condition);
    }

    private static String sortable(Document document, List<String> path) {
        return NaiveQuery.sortable(NaiveQuery.field(document, path));
    }

    private static boolean sameType(Document document, List<String> path, Value bound) {
        Object field = NaiveQuery.field(document, path);
        return field != null && Objects.equals(type(field), type(bound));
    }

    private static String type(Object value) {
        return value instanceof Value.Int || value instanceof Value.Real || value instanceof Value.BigInt
                ? "number"
                : value.getClass().getName();
    }
}
