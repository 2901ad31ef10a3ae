package dev.livesync.tck;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Origin;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Events and blocks as peers make them. */
final class Make {
    static final Origin ALICE = new Origin("session-of-alice", "alice");
    static final Origin BOB = new Origin("session-of-bob", "bob");

    /** A tree that nobody has: trees need not travel, so whoever names one may keep it to himself. */
    static final Cid SOME_TREE = absent("some tree");

    private Make() {}

    /** A CID under which nothing is stored. */
    static Cid absent(String what) {
        return Block.of(Cid.DAG_CBOR, what.getBytes(StandardCharsets.UTF_8)).cid();
    }

    static Block raw(String content) {
        return Block.of(Cid.RAW, content.getBytes(StandardCharsets.UTF_8));
    }

    /** A put that is no part of a batch, or the last of one. */
    static Event put(String id, Event... parents) {
        return put(id, "", SOME_TREE, parents);
    }

    /** A put inside a batch. */
    static Event interior(String id, Event... parents) {
        return put(id, "", null, parents);
    }

    static Event put(String id, String text, @Nullable Cid tree, Event... parents) {
        Value.Mapping document = new Value.Mapping(Map.of("text", new Value.Text(text)));
        return Events.put(Keys.ofId(id), Encoded.of(document), tree, clock(parents));
    }

    static Event delete(String id, @Nullable Cid tree, Event... parents) {
        return Events.delete(Keys.ofId(id), tree, clock(parents));
    }

    private static List<Cid> clock(Event... parents) {
        return Arrays.stream(parents).map(Event::cid).sorted().toList();
    }

    /** A put of a document of about so many bytes. */
    static Event large(String id, int bytes, Event... parents) {
        return put(id, "x".repeat(bytes), SOME_TREE, parents);
    }

    /** Puts on top of each other, the first on some parents. */
    static List<Event> chain(String ids, int length, Event... parents) {
        List<Event> chain = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            chain.add(i == 0 ? put(ids + i, parents) : put(ids + i, chain.get(i - 1)));
        }
        return chain;
    }

    static List<Cid> cids(Event... events) {
        return cids(Arrays.asList(events));
    }

    static List<Cid> cids(List<Event> events) {
        return events.stream().map(Event::cid).toList();
    }
}
