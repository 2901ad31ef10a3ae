package dev.livesync.core.protocol;

import dev.livesync.api.Value;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Documents for tests. */
final class Docs {
    private Docs() {}

    static Value.Mapping number(long n) {
        return new Value.Mapping(Map.of("n", new Value.Int(n)));
    }

    static Value.Mapping text(String text) {
        return new Value.Mapping(Map.of("text", new Value.Text(text)));
    }

    static Value.Mapping bytes(int size) {
        return text("x".repeat(Math.max(0, size - 12)));
    }

    /** Written as batches of a hundred. */
    static TestDb fill(TestDb db, int count) {
        for (int from = 0; from < count; from += 100) {
            List<TestDb.Op> ops = new ArrayList<>();
            for (int i = from; i < Math.min(count, from + 100); i++) {
                Map<String, Value> document = new LinkedHashMap<>();
                document.put("n", new Value.Int(i));
                document.put("name", new Value.Text("name of number " + i));
                ops.add(new TestDb.Op("doc%06d".formatted(i), new Value.Mapping(document)));
            }
            db.write(ops);
        }
        return db;
    }
}
