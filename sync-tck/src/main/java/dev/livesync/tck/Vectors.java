package dev.livesync.tck;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.car.Events;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Histories with answers that owe nothing to the oracle. docs/merge.md says what the files hold and who wrote them. */
final class Vectors {
    static final List<String> FILES = List.of("clocks", "merges", "trees", "alpha");

    private Vectors() {}

    /** One history. Its CIDs are checked against the blocks as they are read. */
    record Vector(
            String name,
            List<Event> events,
            Set<Cid> complete,
            List<Cid> heads,
            @Nullable Cid commonAncestor,
            List<Cid> documents,
            List<Cid> nodes,
            Map<Cid, @Nullable Cid> treesAfter) {
        @Override
        public String toString() {
            return "history \"" + name + "\" of docs/merge.md#vectors";
        }
    }

    static List<Vector> all() throws IOException {
        List<Vector> all = new ArrayList<>();
        for (String file : FILES) {
            try (InputStream in = Vectors.class.getResourceAsStream("vectors/" + file + ".json");
                    JsonParser json = new JsonFactory().createParser(Objects.requireNonNull(in, file))) {
                json.nextToken();
                for (Object history :
                        list(map(Objects.requireNonNull(read(json))).get("histories"))) {
                    all.add(vector(map(Objects.requireNonNull(history))));
                }
            }
        }
        return all;
    }

    private static Vector vector(Map<?, ?> history) {
        List<Event> events = new ArrayList<>();
        for (Object event : list(history.get("events"))) {
            byte[] bytes = Base64.getDecoder().decode(String.valueOf(map(event).get("block")));
            events.add(Events.decode(Block.verified(cid(map(event).get("cid")), bytes)));
        }
        Map<Cid, @Nullable Cid> treesAfter = new LinkedHashMap<>();
        map(history.get("treesAfter")).forEach((event, root) -> treesAfter.put(cid(event), cidOrNull(root)));
        return new Vector(
                String.valueOf(history.get("name")),
                events,
                new HashSet<>(cids(history.get("complete"))),
                cids(history.get("heads")),
                cidOrNull(history.get("commonAncestor")),
                cids(history.get("documents")),
                cids(map(history.get("tree")).get("nodes")),
                treesAfter);
    }

    private static Cid cid(@Nullable Object text) {
        return Cid.parse(String.valueOf(text));
    }

    private static @Nullable Cid cidOrNull(@Nullable Object text) {
        return text == null ? null : cid(text);
    }

    private static List<Cid> cids(@Nullable Object list) {
        List<Cid> cids = new ArrayList<>();
        list(list).forEach(text -> cids.add(cid(text)));
        return cids;
    }

    private static List<?> list(@Nullable Object value) {
        return (List<?>) Objects.requireNonNull(value);
    }

    private static Map<?, ?> map(@Nullable Object value) {
        return (Map<?, ?>) Objects.requireNonNull(value);
    }

    /** The value that begins at the current token: maps, lists, texts and nulls. */
    private static @Nullable Object read(JsonParser json) throws IOException {
        switch (json.currentToken()) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (json.nextToken() != JsonToken.END_OBJECT) {
                    String name = json.currentName();
                    json.nextToken();
                    map.put(name, read(json));
                }
                return map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (json.nextToken() != JsonToken.END_ARRAY) {
                    list.add(read(json));
                }
                return list;
            }
            case VALUE_NULL -> {
                return null;
            }
            default -> {
                return json.getText();
            }
        }
    }
}
