package dev.livesync.simulation.world;

import dev.livesync.Sync;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.car.CarDecoder;
import dev.livesync.car.CarWriter;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.TreeNode;
import dev.livesync.car.TreeNodes;
import dev.livesync.core.protocol.NaiveReplicaMerge;
import dev.livesync.transport.memory.MemoryNetwork;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * An alpha as its definitions say: it tells all CIDs that it stores, answers a diff with all blocks that it does not name, applies the roots of
 * a CAR to its clock by dropping their direct parents and no others, checks nothing, relays nothing, and never reconnects by itself.
 */
final class PlayedAlpha {
    /** The largest message of a data channel. */
    private static final int MOST_BYTES = 262_144;

    private static final Pattern CIDS = Pattern.compile("\"cids\":\\[([^]]*)]");
    private static final Pattern QUOTED = Pattern.compile("\"([a-z2-7]{59})\"");
    private static final Pattern SDP = Pattern.compile("\"sdp\":\"([^\"]*)\"");

    private final SignallingTransport transport;
    private final Consumer<Cid> born;
    private final Map<Cid, Block> blocks = new LinkedHashMap<>();
    private final Map<Cid, Event> events = new LinkedHashMap<>();
    private final TreeSet<Cid> clock = new TreeSet<>();
    private final Deque<Message> unsent = new ArrayDeque<>();
    private @Nullable Channel channel;
    private @Nullable AssertionError thrown;
    private @Nullable CloseReason ended;
    private int meetings;

    /** One without documents. */
    PlayedAlpha(MemoryNetwork network, Clockwork.Life life, Consumer<Cid> born) {
        this.born = born;
        transport = (SignallingTransport) network.signalling().open(new Context(life));
    }

    /** Throws what would have broken it. */
    void check() {
        if (thrown != null) {
            throw thrown;
        }
    }

    /** How its channel is, for people. */
    String connection() {
        return channel == null ? "not connected: " + ended : "connected";
    }

    Map<Cid, Event> events() {
        return events;
    }

    Set<Cid> clock() {
        return clock;
    }

    /** Leaves whom it had a channel with, and makes an offer, which somebody carries to a machine and back. */
    void meet(Sync hub) {
        Channel before = channel;
        channel = null;
        if (before != null) {
            before.abort(new SyncException(ErrorKind.CANCELLED, "the page was loaded again"));
        }
        int meeting = ++meetings;
        var unused = transport.offer().whenComplete((offer, failure) -> {
            if (offer != null) {
                var unusedAnswer =
                        hub.accept(text(offer.signal())).thenAccept(answer -> connect(offer, answer, meeting));
            }
        });
    }

    private void connect(SignallingTransport.Offer offer, String answer, int meeting) {
        String json = new String(Base64.getDecoder().decode(answer), StandardCharsets.ISO_8859_1);
        Matcher sdp = SDP.matcher(json);
        if (!sdp.find()) {
            thrown = new AssertionError("an answer without sdp: " + json);
            return;
        }
        var unused = offer.connect(new Signal(Signal.Kind.ANSWER, Map.of("sdp", sdp.group(1))))
                .thenAccept(opened -> {
                    if (meeting == meetings) {
                        open(opened);
                    } else {
                        opened.abort(new SyncException(ErrorKind.CANCELLED, "another one was opened"));
                    }
                });
    }

    private static String text(Signal signal) {
        String json = "{\"type\":\"offer\",\"sdp\":\"" + signal.field("sdp") + "\"}";
        return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void open(Channel opened) {
        channel = opened;
        unsent.clear();
        opened.start(new ChannelListener() {
            @Override
            public void onMessage(Message message) {
                if (channel == opened) {
                    hear(message);
                }
            }

            @Override
            public void onClosed(CloseReason reason) {
                if (channel == opened) {
                    channel = null;
                    ended = reason;
                }
            }
        });
        opened.request(Long.MAX_VALUE);
        say(Message.text("{\"clock\":" + quoted(clock) + ",\"cids\":" + quoted(blocks.keySet()) + "}"));
    }

    private static String quoted(Collection<Cid> cids) {
        List<String> texts = cids.stream().map(cid -> "\"" + cid + "\"").toList();
        return "[" + String.join(",", texts) + "]";
    }

    private void say(Message message) {
        Channel to = channel;
        if (to == null) {
            return;
        }
        if (message.size() > MOST_BYTES) {
            channel = null;
            to.abort(new SyncException(ErrorKind.DISCONNECTED, "a data channel closes over that"));
            return;
        }
        unsent.add(message);
        if (unsent.size() == 1) {
            sendNext(to);
        }
    }

    private void sendNext(Channel to) {
        Message next = unsent.peek();
        if (next != null) {
            var unused = to.send(next).whenComplete((nothing, failure) -> {
                if (channel == to && failure == null) {
                    unsent.remove();
                    sendNext(to);
                }
            });
        }
    }

    private void hear(Message message) {
        if (message.kind() == Message.Kind.BINARY) {
            take(message);
            return;
        }
        Matcher cids = CIDS.matcher(new String(message.payload(), StandardCharsets.UTF_8));
        if (!cids.find()) {
            return; // an ok, or what it does not know
        }
        Set<Cid> theirs = new HashSet<>();
        for (Matcher each = QUOTED.matcher(cids.group(1)); each.find(); ) {
            theirs.add(Cid.parse(each.group(1)));
        }
        List<Block> lacking = blocks.values().stream()
                .filter(block -> !theirs.contains(block.cid()))
                .toList();
        if (lacking.isEmpty()) {
            say(Message.text("{\"ok\":true}"));
            return;
        }
        // Its heads are in it, whether or not they are lacking.
        Map<Cid, Block> car = new LinkedHashMap<>();
        lacking.forEach(block -> car.put(block.cid(), block));
        clock.forEach(head -> car.put(head, blocks.get(head)));
        say(Message.binary(CarWriter.encode(List.copyOf(clock), car.values())));
    }

    private void take(Message car) {
        List<Cid> roots = new ArrayList<>();
        Map<Cid, Block> brought = new LinkedHashMap<>();
        CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
            @Override
            public void roots(List<Cid> named) {
                roots.addAll(named);
            }

            @Override
            public void block(Block block) {
                brought.put(block.cid(), block);
            }
        });
        decoder.feed(car.payload(), 0, car.size());
        decoder.finish();
        if (brought.isEmpty() || !brought.keySet().containsAll(roots)) {
            thrown = new AssertionError("an alpha throws: a CAR of " + brought.size() + " blocks with roots " + roots);
            return;
        }
        brought.values().forEach(this::store);
        for (Cid root : roots) {
            Event event = events.get(root);
            if (event == null) {
                thrown = new AssertionError("an alpha throws: root " + root + " is no event");
                return;
            }
            event.parents().forEach(clock::remove);
        }
        clock.addAll(roots);
    }

    private void store(Block block) {
        blocks.put(block.cid(), block);
        if (Events.looksLikeEvent(block)) {
            events.put(block.cid(), Events.decode(block));
        }
    }

    /** Whether it has all that its clock descends from; its reads fail otherwise. */
    boolean isComplete() {
        Set<Cid> seen = new HashSet<>();
        Deque<Cid> todo = new ArrayDeque<>(clock);
        while (!todo.isEmpty()) {
            Cid cid = todo.pop();
            Event event = events.get(cid);
            if (event == null) {
                return false;
            }
            if (seen.add(cid)) {
                todo.addAll(event.parents());
            }
        }
        return true;
    }

    /** What it shows, by the definitions of the merge. */
    SortedMap<String, Value> documents() {
        return new NaiveReplicaMerge(events).documents(clock);
    }

    /**
     * Whether of each document it shows what somebody wrote last. Bridges in its clock add paths, so among those who wrote at the same time it may
     * take another one than the definitions do without them.
     */
    boolean showsWhatHolds() {
        SortedMap<String, Value> shown = documents();
        Map<String, List<Event>> writes = new TreeMap<>();
        events.values()
                .forEach(event -> writes.computeIfAbsent(event.key(), key -> new ArrayList<>())
                        .add(event));
        return writes.entrySet().stream().allMatch(entry -> {
            Value value = shown.get(Keys.toId(entry.getKey()));
            return entry.getValue().stream()
                    .filter(write -> entry.getValue().stream().noneMatch(later -> descends(later, write)))
                    .anyMatch(write -> value == null
                            ? write.type() == Event.Type.DELETE
                            : write.type() == Event.Type.PUT && write.value().equals(value));
        });
    }

    private boolean descends(Event later, Event earlier) {
        Set<Cid> seen = new HashSet<>();
        Deque<Cid> todo = new ArrayDeque<>(later.parents());
        while (!todo.isEmpty()) {
            Cid cid = todo.pop();
            if (cid.equals(earlier.cid())) {
                return true;
            }
            if (seen.add(cid)) {
                todo.addAll(events.get(cid).parents());
            }
        }
        return false;
    }

    /**
     * What is wrong with the tree that it reads from; null if nothing is. Of one head that is its own, of several that of their common ancestor, after which it
     * replays the events.
     */
    @Nullable
    String unreadable() {
        if (clock.isEmpty()) {
            return null;
        }
        NaiveReplicaMerge merge = new NaiveReplicaMerge(events);
        Cid base = merge.commonAncestor(clock);
        if (base == null) {
            return null; // it reads from the events alone
        }
        SortedMap<String, Value> expected = merge.documents(List.of(base));
        SortedMap<String, Value> found = new TreeMap<>();
        Cid root = events.get(base).root();
        Deque<Cid> todo = new ArrayDeque<>(root == null ? List.of() : List.of(root));
        while (!todo.isEmpty()) {
            Cid cid = todo.pop();
            Block block = blocks.get(cid);
            if (block == null) {
                return "node " + cid + " of the tree of " + base + " is not there";
            }
            if (TreeNodes.decode(block) instanceof TreeNode.Leaf leaf) {
                leaf.entries()
                        .forEach(entry ->
                                found.put(Keys.toId(entry.key()), entry.value().value()));
            } else if (TreeNodes.decode(block) instanceof TreeNode.Branch branch) {
                branch.entries().forEach(entry -> todo.push(entry.child()));
            }
        }
        return found.equals(expected)
                ? null
                : "the tree of " + base + " holds " + found.keySet() + ", not " + expected.keySet();
    }

    /** Puts a document and tells it, if there is anybody to tell; false if it can't read what it has. */
    boolean put(String id, Value document) {
        if (!isComplete()) {
            return false;
        }
        TreeMap<String, Encoded> entries = new TreeMap<>();
        documents().forEach((key, value) -> entries.put(Keys.ofId(key), Encoded.of(value)));
        Encoded encoded = Encoded.of(document);
        entries.put(Keys.ofId(id), encoded);
        List<TreeNode.LeafEntry> leaf = new ArrayList<>();
        entries.forEach((key, value) -> leaf.add(new TreeNode.LeafEntry(key, value)));
        // One leaf for all is a tree that any reader takes, whatever its own would be.
        Block node = TreeNodes.leaf(leaf, false).block();
        Event event = Events.put(Keys.ofId(id), encoded, node.cid(), clock);
        born.accept(event.cid());
        store(node);
        store(event.block());
        clock.clear();
        clock.add(event.cid());
        say(Message.binary(CarWriter.encode(List.of(event.cid()), List.of(node, event.block()))));
        return true;
    }

    private record Context(Clockwork.Life life) implements TransportContext {
        @Override
        public Executor executor() {
            return life.executor();
        }

        @Override
        public Scheduler scheduler() {
            return life.scheduler();
        }

        @Override
        public int maxMessageBytes() {
            return MOST_BYTES;
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ofSeconds(30);
        }

        @Override
        public Duration closeTimeout() {
            return Duration.ofSeconds(5);
        }
    }
}
