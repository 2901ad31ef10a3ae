package dev.livesync.database.contents;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.car.DagCbor;
import dev.livesync.car.Events;
import dev.livesync.car.Limits;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.pieces.PieceLink;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;

/** Finds the attachments that the events of a database name, those that wait for others included. */
public final class NamedAttachments {
    /** As dag-cbor has the member's name. */
    private static final byte[] NAME = name();

    /** More than any event that was taken may need. */
    public static final Limits LIMITS = Limits.DEFAULT.toBuilder()
            .blockBytes(Integer.MAX_VALUE)
            .documentBytes(Integer.MAX_VALUE)
            .depth(1_000)
            .items(Integer.MAX_VALUE)
            .build();

    private NamedAttachments() {}

    private static byte[] name() {
        byte[] text = Attachment.ROOT.getBytes(StandardCharsets.US_ASCII);
        byte[] encoded = new byte[text.length + 1];
        encoded[0] = (byte) (0x60 + text.length);
        System.arraycopy(text, 0, encoded, 1, text.length);
        return encoded;
    }

    /**
     * The attachments that a document names, wherever in it; what is none of that shape is left out.
     *
     * @param value its content
     * @return their roots and sizes
     */
    public static List<PieceLink> of(Value value) {
        List<PieceLink> found = new ArrayList<>();
        forEachMapping(
                value,
                map -> Attachment.of(map)
                        .ifPresent(attachment -> found.add(new PieceLink(attachment.root(), attachment.size()))));
        return found;
    }

    /**
     * The roots that any event names, whatever else is wrong with the object around them.
     *
     * @param snapshot all events of which
     * @return roots
     */
    public static Set<Cid> of(Snapshot snapshot) {
        return of(snapshot, event -> false);
    }

    /**
     * The same without what only some of the events name.
     *
     * @param snapshot all events of which
     * @param without which of them don't count
     * @return roots
     */
    public static Set<Cid> of(Snapshot snapshot, Predicate<Cid> without) {
        Set<Cid> roots = new HashSet<>();
        for (Iterator<Cid> all = snapshot.storedCids(); all.hasNext(); ) {
            Cid cid = all.next();
            if (without.test(cid)) {
                continue;
            }
            Block block = snapshot.block(cid);
            if (block == null) {
                throw new SyncException(ErrorKind.CORRUPT, "block " + cid + " is listed but not stored (see verify)");
            }
            addTo(roots, block);
        }
        return roots;
    }

    /**
     * Adds the roots that a block names if it is an event.
     *
     * @param roots what to add to
     * @param block any
     */
    public static void addTo(Set<Cid> roots, Block block) {
        if (Events.looksLikeEvent(block) && mayName(block.bytes())) {
            addTo(roots, DagCbor.decode(block, LIMITS));
        }
    }

    /** Whether the name occurs: nearly all blocks need not be decoded. */
    private static boolean mayName(ByteBuffer bytes) {
        int last = bytes.limit() - NAME.length;
        for (int at = 0; at <= last; at++) {
            int i = 0;
            while (i < NAME.length && bytes.get(at + i) == NAME[i]) {
                i++;
            }
            if (i == NAME.length) {
                return true;
            }
        }
        return false;
    }

    private static void addTo(Set<Cid> roots, Value value) {
        forEachMapping(value, map -> {
            if (map.entries().get(Attachment.ROOT) instanceof Value.Text text) {
                addTo(roots, text.value());
            }
        });
    }

    private static void forEachMapping(Value value, Consumer<Value.Mapping> action) {
        Deque<Value> todo = new ArrayDeque<>();
        todo.push(value);
        while (!todo.isEmpty()) {
            Value next = todo.pop();
            if (next instanceof Value.Sequence sequence) {
                sequence.items().forEach(todo::push);
            } else if (next instanceof Value.Mapping map) {
                action.accept(map);
                map.entries().values().forEach(todo::push);
            }
        }
    }

    private static void addTo(Set<Cid> roots, String text) {
        try {
            roots.add(Cid.parse(text));
        } catch (SyncException e) {
            return; // an object of the user's own
        }
    }
}
