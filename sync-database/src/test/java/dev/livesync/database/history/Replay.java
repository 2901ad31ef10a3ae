package dev.livesync.database.history;

import dev.livesync.api.Cid;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.columns.IntSort;
import dev.livesync.database.columns.KeyTable;
import dev.livesync.database.history.NaiveMerge.Written;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** One replica's graph and documents, fed with written events. */
final class Replay {
    final KeyTable keys = new KeyTable(42);
    final EventGraph graph = new EventGraph(42);
    final CurrentDocuments documents = new CurrentDocuments(graph);
    final PastDocuments past = new PastDocuments(keys, graph);

    /** Another one that goes on from what this one writes down. */
    Replay restarted() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        ImageWriter out = new ImageWriter(part -> {
            byte[] copy = new byte[part.remaining()];
            part.get(copy);
            bytes.write(copy, 0, copy.length);
        });
        graph.save(out);
        keys.save(out);
        documents.save(out);
        out.finish();
        ByteBuffer image = ByteBuffer.wrap(bytes.toByteArray());
        ImageReader in = new ImageReader(
                target -> {
                    int n = Math.min(target.remaining(), image.remaining());
                    target.put(image.slice(image.position(), n));
                    image.position(image.position() + n);
                    return n == 0 ? -1 : n;
                },
                image.remaining());
        Replay next = new Replay();
        next.graph.load(in);
        next.keys.load(in);
        next.documents.load(in);
        in.finish();
        return next;
    }

    int accept(Written e) {
        int[] parents = e.parents().stream().mapToInt(this::index).toArray();
        return accept(Cid.parse(e.cid()), e.key(), e.delete(), parents);
    }

    int accept(Cid cid, String key, boolean delete, int... parents) {
        int index = graph.add(cid, keys.intern(key), delete, parents);
        documents.accept(index);
        return index;
    }

    int index(String cid) {
        return graph.indexOf(Cid.parse(cid));
    }

    String name(int event) {
        return event < 0 ? null : graph.cid(event).toString();
    }

    /** The documents by key, read one by one. */
    Map<String, String> current() {
        Map<String, String> result = new TreeMap<>();
        for (int key = 0; key < keys.size(); key++) {
            int event = documents.document(key);
            if (event >= 0) {
                result.put(keys.name(key), name(event));
            }
        }
        return result;
    }

    /** The puts of all documents, by key. */
    int[] visible() {
        int[] puts = IntStream.range(0, keys.size())
                .map(documents::document)
                .filter(e -> e != EventGraph.NONE)
                .toArray();
        IntSort.sort(puts, (a, b) -> keys.name(graph.key(a)).compareTo(keys.name(graph.key(b))));
        return puts;
    }

    /** Some puts as documents by key. */
    Map<String, String> byKey(int... puts) {
        Map<String, String> result = new TreeMap<>();
        for (int put : puts) {
            result.put(keys.name(graph.key(put)), name(put));
        }
        return result;
    }
}
