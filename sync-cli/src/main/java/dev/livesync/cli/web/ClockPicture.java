package dev.livesync.cli.web;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.Keys;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Describes the latest events and their parents, for a page to draw. */
final class ClockPicture {
    private ClockPicture() {}

    /**
     * Describes a clock.
     *
     * @param snapshot of the database
     * @param limit how many events at most
     * @return heads, the number of documents and of events, and the events nearest to the heads, each before its parents
     */
    static JsonNode of(Snapshot snapshot, int limit) {
        ObjectNode picture = JsonNodeFactory.instance.objectNode();
        List<Cid> heads = snapshot.heads();
        addAll(picture.putArray("heads"), heads);
        picture.put("documents", snapshot.summary().documents());
        picture.put("total", snapshot.summary().events());
        ArrayNode events = picture.putArray("events");
        Set<Cid> seen = new HashSet<>(heads);
        ArrayDeque<Cid> next = new ArrayDeque<>(heads);
        while (!next.isEmpty() && events.size() < limit) {
            Event event = snapshot.event(next.remove());
            if (event == null) {
                continue;
            }
            ObjectNode node = events.addObject();
            node.put("cid", event.cid().toString());
            node.put("id", Keys.toId(event.key()));
            node.put("delete", event.type() == Event.Type.DELETE);
            addAll(node.putArray("parents"), event.parents());
            for (Cid parent : event.parents()) {
                if (seen.add(parent)) {
                    next.add(parent);
                }
            }
        }
        return picture;
    }

    private static void addAll(ArrayNode array, List<Cid> cids) {
        cids.forEach(cid -> array.add(cid.toString()));
    }
}
