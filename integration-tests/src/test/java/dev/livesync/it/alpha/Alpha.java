package dev.livesync.it.alpha;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** One alpha's database. */
record Alpha(Bench bench, String name) {
    ObjectNode command(String what) {
        return Bench.command(what).put("db", name);
    }

    void put(String id, Object value) {
        bench.ask(command("put").set("doc", doc(id, value)));
    }

    /** Puts one after the other. */
    List<String> puts(List<String> ids, Object value) {
        ArrayNode docs = NodeProcess.JSON.createArrayNode();
        ids.forEach(id -> docs.add(doc(id, value)));
        List<String> written = new ArrayList<>();
        bench.ask(command("puts").set("docs", docs)).forEach(id -> written.add(id.asText()));
        return written;
    }

    /** Puts one after the other, each with its number in the list. */
    void putsNumbered(List<String> ids) {
        ArrayNode docs = NodeProcess.JSON.createArrayNode();
        for (int i = 0; i < ids.size(); i++) {
            docs.add(doc(ids.get(i), i));
        }
        bench.ask(command("puts").set("docs", docs));
    }

    private static ObjectNode doc(String id, Object value) {
        ObjectNode doc = NodeProcess.JSON.createObjectNode().putPOJO("v", value);
        return id == null ? doc : doc.put("_id", id);
    }

    void del(String id) {
        bench.ask(command("del").put("id", id));
    }

    /** The documents' {@code v} by id, read with the root cache cleared. */
    SortedMap<String, String> all() {
        return documents(bench.ask(command("all")));
    }

    static SortedMap<String, String> documents(JsonNode all) {
        SortedMap<String, String> documents = new TreeMap<>();
        all.properties()
                .forEach(e -> documents.put(e.getKey(), e.getValue().path("v").asText()));
        return documents;
    }

    /** What the alpha throws when it is read; "" if it does not. */
    String error() {
        try {
            all();
            return "";
        } catch (AlphaError e) {
            return e.getMessage();
        }
    }

    List<Cid> clock() {
        List<Cid> clock = new ArrayList<>();
        bench.ask(command("clock")).forEach(cid -> clock.add(Cid.parse(cid.asText())));
        return clock;
    }

    int cidCount() {
        return bench.ask(command("cids")).size();
    }

    List<Block> blocks() {
        List<Block> blocks = new ArrayList<>();
        bench.ask(command("blocks"))
                .forEach(b ->
                        blocks.add(Block.of(Cid.DAG_CBOR, Base64.getDecoder().decode(b.asText()))));
        return blocks;
    }

    /** Joins two alphas by their own means. */
    static void link(Alpha a, Alpha b, String name) {
        a.bench.ask(Bench.command("link").put("a", a.name).put("b", b.name).put("name", name));
        a.bench.settle();
    }
}
