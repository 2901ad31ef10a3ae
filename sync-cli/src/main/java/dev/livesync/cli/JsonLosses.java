package dev.livesync.cli;

import dev.livesync.api.Value;
import dev.livesync.database.Document;
import java.util.List;
import java.util.Set;

/** Finds the documents that an import of their exported JSON would not restore unchanged. One thread. */
final class JsonLosses {
    private static final long MAX_SAFE = (1L << 53) - 1;

    /** Fields that an import takes for CouchDB's own. */
    private static final Set<String> COUCH = Set.of("_deleted", "_rev", "_attachments");

    private long count;
    private String first = "";

    void look(Document document) {
        boolean lost =
                document.value().entries().keySet().stream().anyMatch(COUCH::contains) || loses(document.value());
        if (lost && count++ == 0) {
            first = document.id();
        }
    }

    /** One line; empty if nothing is lost. */
    String message() {
        return count == 0
                ? ""
                : count + (count == 1 ? " document holds" : " documents hold")
                        + " what an import of JSON makes something else of (bytes, links, 64-bit integers, CouchDB's fields)"
                        + (count == 1 ? ": " : ", the first of them ") + "\"" + first + "\"; export --car keeps all";
    }

    private static boolean loses(Value value) {
        if (value instanceof Value.Mapping m) {
            return m.entries().values().stream().anyMatch(JsonLosses::loses);
        }
        if (value instanceof Value.Sequence s) {
            List<Value> items = s.items();
            return items.stream().anyMatch(JsonLosses::loses);
        }
        return value instanceof Value.Bytes
                || value instanceof Value.Link
                || value instanceof Value.BigInt
                || value instanceof Value.Int i && Math.abs(i.value()) > MAX_SAFE;
    }
}
