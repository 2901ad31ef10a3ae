package dev.livesync.it.alpha;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext.Scheduler;
import dev.livesync.car.CarReader;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.transport.memory.MemoryNetwork;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;

/**
 * Alphas in one Node process and LiveSync peers in the test's own thread. Nothing happens by itself: {@link #settle} lets
 * everything run until nothing moves on either side, and time passes when it is told to, so a seed decides all.
 */
final class Bench implements AutoCloseable {
    private record Timer(long at, long number, Runnable task) {}

    private static final SyncLimits LIMITS =
            SyncLimits.builder().closeTime(Duration.ofMillis(20)).build();

    private final NodeProcess node;
    private final Deque<Runnable> tasks = new ArrayDeque<>();
    private final PriorityQueue<Timer> timers =
            new PriorityQueue<>(Comparator.comparingLong(Timer::at).thenComparingLong(Timer::number));
    private final Map<String, PipeChannel> channels = new HashMap<>();
    private final Map<String, PipeChannel> waiting = new HashMap<>();
    private final Map<String, CompletableFuture<Channel>> connected = new HashMap<>();
    private final List<AutoCloseable> belongings = new ArrayList<>();
    private final SplittableRandom random;
    private final Map<String, List<Event>> bridges = new HashMap<>();
    private final MemoryNetwork network = new MemoryNetwork();
    private long now = 1_000_000_000L;
    private long numbers;
    private boolean moved;

    private Bench(String version, long seed) {
        node = NodeProcess.start(version, this::event);
        random = new SplittableRandom(seed);
        ask(command("seed").put("seed", (int) seed));
    }

    static Bench open(long seed) {
        return new Bench("0.8.0", seed);
    }

    static Bench open(String version, long seed) {
        return new Bench(version, seed);
    }

    // ---- the alphas

    /** A new alpha with an empty memory database. */
    Alpha alpha(String name) {
        ask(command("open").put("db", name));
        return new Alpha(this, name);
    }

    /** A new alpha that keeps its database in (a stand-in for) the browser's IndexedDB. */
    Alpha named(String name) {
        ask(command("open").put("db", name).put("named", true));
        return new Alpha(this, name);
    }

    /** What the handlers of a Sync have thrown so far. */
    List<String> faults(String sync) {
        List<String> faults = new ArrayList<>();
        ask(command("faults").put("sync", sync)).forEach(f -> faults.add(f.asText()));
        return faults;
    }

    /** Keeps what a Sync sends from now on. */
    void hold(String sync) {
        ask(command("hold").put("sync", sync));
    }

    /** What is being kept. */
    List<byte[]> held(String sync) {
        List<byte[]> held = new ArrayList<>();
        ask(command("held").put("sync", sync))
                .forEach(h -> held.add(Base64.getDecoder().decode(h.asText())));
        return held;
    }

    /** Lets go of what was kept, or drops it, and keeps nothing more. */
    void release(String sync, boolean drop) {
        ask(command("release").put("sync", sync).put("drop", drop).put("end", true));
        settle();
    }

    /** Lets go of the first messages that were kept, and goes on keeping. */
    void releaseFirst(String sync, int count) {
        ask(command("release").put("sync", sync).put("count", count));
        settle();
    }

    /** Hands a message to a Sync as if its peer had sent it. */
    void receive(String sync, byte[] car) {
        ask(command("receive").put("sync", sync).put("bin", Base64.getEncoder().encodeToString(car)));
        settle();
    }

    /** Hands a message to a hub as if the alpha at the other end of a link had sent it. */
    void forge(Link link, byte[] car) {
        String peer = link.session().peer().remote(); // the channel's name, and that nothing is proved
        channels.entrySet().stream()
                .filter(each -> peer.startsWith(each.getKey() + " "))
                .findFirst()
                .orElseThrow()
                .getValue()
                .arrived(Message.binary(car));
        settle();
    }

    void cut(String link) {
        ask(command("cut").put("sync", link + ".a"));
        settle();
    }

    static ObjectNode command(String what) {
        return NodeProcess.JSON.createObjectNode().put("do", what);
    }

    JsonNode ask(ObjectNode command) {
        moved = true;
        return node.ask(command);
    }

    private void event(JsonNode line) {
        String from = line.path("from").asText();
        moved = true;
        if (line.has("connect")) {
            PipeChannel channel = waiting.remove(line.get("connect").asText());
            if (channel != null) {
                channel.connected(from);
                channels.put(from, channel);
                connected.remove(channel.id()).complete(channel);
            }
            return;
        }
        PipeChannel channel = channels.get(from);
        if (channel == null) {
            return;
        }
        if (line.has("closed")) {
            channel.ended(CloseReason.REMOTE);
        } else if (line.has("text")) {
            // As through simple-peer: whatever it was, it arrives as text or as binary; the alpha's texts are ASCII.
            channel.arrived(Message.text(line.get("text").asText()));
        } else {
            channel.arrived(
                    Message.binary(Base64.getDecoder().decode(line.get("bin").asText())));
        }
    }

    // ---- the transport

    void tell(String alpha, Message message) {
        ObjectNode line = NodeProcess.JSON.createObjectNode().put("to", alpha);
        if (message.kind() == Message.Kind.TEXT) {
            line.put("text", new String(message.payload(), StandardCharsets.UTF_8));
        } else {
            line.put("bin", Base64.getEncoder().encodeToString(message.payload()));
        }
        moved = true;
        node.tell(line);
    }

    void tellConnected(String alpha, PipeChannel channel) {
        channel.connected(alpha);
        channels.put(alpha, channel);
        moved = true;
        node.tell(NodeProcess.JSON.createObjectNode().put("to", alpha).put("connect", channel.id()));
    }

    void tellClosed(String alpha) {
        moved = true;
        node.tell(NodeProcess.JSON.createObjectNode().put("to", alpha).put("closed", true));
    }

    CompletableFuture<Channel> awaitConnected(String alpha, PipeChannel channel) {
        CompletableFuture<Channel> future = new CompletableFuture<>();
        waiting.put(channel.id(), channel);
        connected.put(channel.id(), future);
        return future;
    }

    void forget(String alpha) {
        channels.remove(alpha);
    }

    // ---- LiveSync peers

    /** A LiveSync peer with an empty database in memory. */
    Hub hub(String name) {
        Hub hub = new Hub(this, name);
        belongings.add(hub);
        return hub;
    }

    Sync.Builder sync(Hub hub) {
        return Sync.builder(hub)
                .executor(tasks::add)
                .time(scheduler(), () -> now)
                .random(random.split())
                .limits(LIMITS)
                .allowAlpha(true)
                .transport(PipeTransport.provider(this, message -> note(hub, message)))
                .transport(network.provider());
    }

    /** The deletes of the reserved id on top of one head that a hub has sent to alphas, in their order. */
    List<Event> sentBridges(Hub hub) {
        return bridges.getOrDefault(hub.name(), List.of());
    }

    private void note(Hub hub, Message message) {
        if (message.kind() == Message.Kind.BINARY) {
            try (CarReader reader = new CarReader(new ByteArrayInputStream(message.payload()))) {
                List<Cid> roots = reader.roots();
                for (Block block = reader.next(); block != null; block = reader.next()) {
                    if (roots.contains(block.cid())) {
                        Event event = Events.decode(block);
                        if (event.key().equals(Keys.RESERVED) && event.parents().size() == 1) {
                            bridges.computeIfAbsent(hub.name(), n -> new ArrayList<>())
                                    .add(event);
                        }
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private Scheduler scheduler() {
        return (delay, task) -> {
            Timer timer = new Timer(now + delay.toNanos(), numbers++, task);
            timers.add(timer);
            return () -> timers.remove(timer);
        };
    }

    // ---- what happens when

    /** Runs everything on both sides until nothing moves. */
    void settle() {
        for (int rounds = 0; ; rounds++) {
            if (rounds > 100_000) {
                throw new AssertionError("it never settles");
            }
            for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                task.run();
            }
            if (!moved) {
                return;
            }
            moved = false;
            node.ask(command("settle"));
        }
    }

    /** Lets time pass for the LiveSync peers, with everything that falls due. */
    void pass(Duration time) {
        settle();
        long end = now + time.toNanos();
        while (!timers.isEmpty() && timers.peek().at() <= end) {
            Timer timer = timers.poll();
            now = Math.max(now, timer.at());
            timer.task().run();
            settle();
        }
        now = end;
    }

    /** Settles and answers with the outcome. */
    <T> T get(CompletableFuture<T> future) {
        settle();
        if (!future.isDone()) {
            throw new AssertionError("nothing left to do, and the stage is pending");
        }
        try {
            return future.join();
        } catch (java.util.concurrent.CompletionException e) {
            if (e.getCause() instanceof SyncException failure) {
                throw failure;
            }
            throw e;
        }
    }

    /** Joins an alpha and a hub; the alpha offers. */
    Link join(Alpha alpha, Hub hub) {
        return join(alpha, hub, true);
    }

    Link join(Alpha alpha, Hub hub, boolean alphaOffers) {
        String name = alpha.name() + "-" + hub.name() + "-" + numbers++;
        Session session;
        if (alphaOffers) {
            String offer = ask(alpha.command("offer").put("sync", name)).asText();
            String answer = get(hub.sync().accept(offer));
            ask(command("connect").put("sync", name).put("answer", answer));
            settle();
            session = hub.latest();
        } else {
            String offer = get(hub.sync().offer("pipe"));
            String answer = ask(alpha.command("accept").put("sync", name).put("offer", offer))
                    .asText();
            session = get(hub.sync().connect(answer));
        }
        settle();
        return new Link(this, name, session);
    }

    /** Joins a hub to an alpha whose messages are kept from the first one on. */
    Link joinHeld(Alpha alpha, Hub hub) {
        String name = alpha.name() + "-" + hub.name() + "-" + numbers++;
        String offer = get(hub.sync().offer("pipe"));
        String answer = ask(alpha.command("accept").put("sync", name).put("offer", offer))
                .asText();
        hold(name);
        Session session = get(hub.sync().connect(answer));
        settle();
        return new Link(this, name, session);
    }

    /** Joins a hub to an alpha that is gone before it has said a word. */
    Link joinDead(Alpha alpha, Hub hub) {
        String name = alpha.name() + "-" + hub.name() + "-" + numbers++;
        String offer = get(hub.sync().offer("pipe"));
        String answer = ask(alpha.command("accept").put("sync", name).put("offer", offer))
                .asText();
        ask(command("mute").put("sync", name));
        Session session = get(hub.sync().connect(answer));
        return new Link(this, name, session);
    }

    /** Joins two hubs. */
    Session join(Hub one, Hub other) {
        dev.livesync.Endpoint endpoint = get(one.sync().listen("memory:hub-" + numbers++));
        Session session = get(other.sync().dial(endpoint.address()));
        settle();
        return session;
    }

    @Override
    public void close() {
        for (AutoCloseable belonging : belongings) {
            try {
                belonging.close();
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
        node.close();
    }
}
