package dev.livesync.car.pack;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import dev.livesync.car.RandomValues;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;

/** Histories from a seed, with a liking for what packs treat specially. */
final class PackHistory {
    private static final String[] WORDS = {"", "a", "ab", "abc", "Bergen", "Reykjavík", "x".repeat(32), "x".repeat(33)};
    private static final double[] NUMBERS = {
        0,
        -0.0,
        1,
        -1,
        0.1,
        -0.5,
        57.5,
        1e9,
        4294967295.0,
        4294967296.0,
        -4294967296.0,
        1e-9,
        1e-10,
        1e21,
        0.1 + 0.2,
        Double.MIN_VALUE,
        Double.MAX_VALUE,
        123456.789,
        9007199254740992.0
    };

    private final Random random;
    private final RandomValues values;
    private final List<Cid> before = new ArrayList<>();
    private String key = "J";

    PackHistory(long seed) {
        random = new Random(seed);
        values = new RandomValues(seed, RandomValues.Style.ALL);
    }

    List<Block> next(int count) {
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Block block = event().block();
            before.add(block.cid());
            blocks.add(block);
        }
        return blocks;
    }

    private Event event() {
        Event.Type type = random.nextInt(6) == 0 ? Event.Type.DELETE : Event.Type.PUT;
        Encoded value = type == Event.Type.DELETE ? Encoded.NULL : Encoded.of(document());
        return Events.encode(type, key(), value, root(), parents(), Limits.DEFAULT);
    }

    private String key() {
        String next = switch (random.nextInt(8)) {
            case 0 -> key;
            case 1 -> "J";
            case 2 -> "J" + values.text().replace("\0", "");
            case 3 -> "J" + "k".repeat(random.nextInt(600));
            case 4 -> key + "é";
            default -> "Jdoc-" + (1_000_000 + random.nextInt(random.nextBoolean() ? 10 : 100_000));
        };
        key = next;
        return next;
    }

    private Cid root() {
        return switch (random.nextInt(5)) {
            case 0, 1 -> null;
            case 2 -> random.nextInt(4) > 0 ? cid(Cid.DAG_CBOR) : cid(random.nextInt(128));
            default -> cid(Cid.DAG_CBOR);
        };
    }

    private Cid cid(int codec) {
        byte[] digest = new byte[32];
        random.nextBytes(digest);
        return Cid.ofDigest(codec, digest, 0);
    }

    private Set<Cid> parents() {
        Set<Cid> parents = new LinkedHashSet<>();
        int count = switch (random.nextInt(12)) {
            case 0 -> 0;
            case 1 -> 2;
            case 2 -> random.nextInt(40);
            default -> 1;
        };
        for (int i = 0; i < count; i++) {
            int ago = switch (random.nextInt(4)) {
                case 0 -> 1 + random.nextInt(3);
                case 1 -> 1 + random.nextInt(2 * EventRing.EVENTS);
                case 2 -> Integer.MAX_VALUE;
                default -> 1;
            };
            parents.add(ago > before.size() ? cid(Cid.DAG_CBOR) : before.get(before.size() - ago));
        }
        return parents;
    }

    private Value document() {
        Map<String, Value> fields = new LinkedHashMap<>();
        switch (random.nextInt(6)) {
            case 0 -> {
                for (int i = random.nextInt(5); i > 0; i--) {
                    fields.put(values.text(), values.next());
                }
            }
            case 1 -> fields.put("list", new Value.Sequence(List.of(person(), person(), person())));
            case 2 -> {
                // Names that no other document has, some of them too long to be kept.
                for (int i = random.nextInt(6); i > 0; i--) {
                    String name = Integer.toHexString(random.nextInt());
                    fields.put(name.repeat(1 + random.nextInt(random.nextInt(9) == 0 ? 200 : 8)), number());
                }
            }
            case 3 -> {
                fields.put("", Value.Mapping.EMPTY);
                fields.put("ключ", new Value.Mapping(Map.of("innen", person())));
            }
            default -> {
                return person();
            }
        }
        return new Value.Mapping(fields);
    }

    private Value person() {
        return new Value.Mapping(Map.of(
                "name", new Value.Text(WORDS[random.nextInt(WORDS.length)]),
                "city", new Value.Text(WORDS[random.nextInt(WORDS.length)] + random.nextInt(300)),
                "rating", number(),
                "born", new Value.Int(1940 + random.nextInt(70)),
                "link", new Value.Link(cid(random.nextBoolean() ? Cid.DAG_CBOR : random.nextInt(128))),
                "active", new Value.Bool(random.nextBoolean())));
    }

    private Value number() {
        return new Value.Real(
                random.nextBoolean() ? NUMBERS[random.nextInt(NUMBERS.length)] : random.nextInt(100_000) / 100.0);
    }
}
