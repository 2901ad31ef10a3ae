package dev.livesync.it.hubs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.api.transport.TransportContext.Scheduler;
import dev.livesync.database.Database;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Three PostgreSQL nodes, three hubs behind HAProxy, many sessions, and kills of primaries and hubs in turn. Prints what it has seen. */
@Tag("soak")
class HubsSoakTest {
    private static final int SESSIONS = Integer.getInteger("livesync.hubs.sessions", 300);
    private static final int KILLS = Integer.getInteger("livesync.hubs.kills", 100);
    private static final int HUBS = 3;
    private static final int WRITERS = 10;
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    private Path folder;

    private final ExecutorService executor = Executors.newFixedThreadPool(8);
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();
    private final Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    private final Set<String> written = ConcurrentHashMap.newKeySet();
    /** When each writer was told last that something is stored. */
    private final Map<Member, Long> last = new ConcurrentHashMap<>();

    private final CountDownLatch stop = new CountDownLatch(1);

    /** The longest time from a write until it is stored, in nanoseconds. */
    private final AtomicLong longest = new AtomicLong();

    private final List<String> figures = new ArrayList<>();

    private final class Member implements AutoCloseable {
        private final Database database = Database.inMemory();
        private final Sync sync;
        private final KeptPeer peer;

        Member(String address) {
            Scheduler scheduler = (delay, task) -> {
                ScheduledFuture<?> future = timer.schedule(task, delay.toNanos(), TimeUnit.NANOSECONDS);
                return () -> future.cancel(false);
            };
            sync = Sync.builder(database)
                    .executor(executor)
                    .time(scheduler, System::nanoTime)
                    .build();
            peer = sync.keep(address, HubCluster.SECRET);
        }

        /** Writes, and waits until a hub says that it is stored, whichever hub that is. */
        void write(String id) {
            database.put(id, "{\"text\":\"" + "x".repeat(100) + "\"}");
            written.add(id);
            while (true) {
                try {
                    CompletableFuture<Void> stored =
                            peer.connected().get(5, TimeUnit.MINUTES).delivered();
                    stored.get(1, TimeUnit.MINUTES);
                    acknowledged.add(id);
                    return;
                } catch (ExecutionException e) {
                    // The session ended before; the next one goes on from there.
                } catch (TimeoutException e) {
                    throw new AssertionError("nothing is stored for minutes", e);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
            }
        }

        @Override
        public void close() {
            sync.close();
            database.close();
        }
    }

    /** A second between two writes of one writer; false when it is to end. */
    private boolean rest() {
        try {
            return !stop.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void say(String pattern, Object... arguments) {
        String line = String.format(Locale.ROOT, pattern, arguments);
        figures.add(line);
        System.out.println("hubs: " + line);
    }

    @Test
    void nothingIsLostWhateverIsKilled() throws Exception {
        List<Member> members = new ArrayList<>();
        List<Thread> writers = new ArrayList<>();
        try (PostgresNodes nodes = PostgresNodes.start(3).supervised();
                HubCluster hubs = HubCluster.start(folder, nodes, HUBS)) {
            for (int n = 0; n < SESSIONS; n++) {
                members.add(new Member(hubs.address()));
            }
            for (Member member : members) {
                member.peer.connected().get(5, TimeUnit.MINUTES).backlog().get(5, TimeUnit.MINUTES);
            }
            AtomicInteger number = new AtomicInteger();
            for (int n = 0; n < WRITERS; n++) {
                Member member = members.get(n * members.size() / WRITERS);
                Thread writer = new Thread(
                        () -> {
                            do {
                                long begun = System.nanoTime();
                                member.write("w" + number.incrementAndGet());
                                long now = System.nanoTime();
                                last.put(member, now);
                                longest.accumulateAndGet(now - begun, Math::max);
                            } while (rest());
                        },
                        "writer-" + n);
                writers.add(writer);
                writer.start();
            }
            kills(hubs, nodes);
            stop.countDown();
            for (Thread writer : writers) {
                writer.join(LONG.toMillis());
                assertThat(writer.isAlive()).isFalse();
            }
            for (Member member : members) {
                await().atMost(LONG)
                        .pollInterval(Duration.ofMillis(100))
                        .until(() -> member.database
                                        .clock()
                                        .equals(members.get(0).database.clock())
                                && member.database.summary().documents() == written.size());
            }
            Set<String> stored = ConcurrentHashMap.newKeySet();
            try (Member fresh = new Member(hubs.address())) {
                fresh.peer.connected().get(5, TimeUnit.MINUTES).backlog().get(5, TimeUnit.MINUTES);
                fresh.database.forEach(document -> stored.add(document.id()));
            }
            long lost = acknowledged.stream().filter(id -> !stored.contains(id)).count();
            String feed = nodes.query(
                    nodes.primary(),
                    "select max(position) - count(*), count(*) - count(distinct cid), count(*) from livesync_events");
            say(
                    "%d sessions, %d documents acknowledged, %d lost; gaps, repeats, events in the feed: %s; all equal",
                    SESSIONS, acknowledged.size(), lost, feed);
            assertThat(lost).isZero();
            assertThat(feed).startsWith("0|0|");
        } finally {
            stop.countDown();
            writers.forEach(Thread::interrupt);
            members.forEach(Member::close);
            executor.shutdownNow();
            timer.shutdownNow();
            figures.forEach(System.err::println);
        }
    }

    /** After each kill all three nodes and all hubs are there again, and every writer has been told that something is stored. */
    private void kills(HubCluster hubs, PostgresNodes nodes) throws Exception {
        Random random = new Random(21);
        List<Double> ofPrimaries = new ArrayList<>();
        List<Double> ofHubs = new ArrayList<>();
        awaitAcknowledgements();
        for (int n = 0; n < KILLS; n++) {
            longest.set(0);
            if (n % 2 == 0) {
                nodes.failover();
                awaitAcknowledgements();
                ofPrimaries.add(longest.get() / 1e9);
            } else {
                int hub = random.nextInt(HUBS);
                hubs.kill(hub);
                hubs.begin(hub);
                hubs.awaitServing(hub);
                awaitAcknowledgements();
                ofHubs.add(longest.get() / 1e9);
            }
            if (n % 10 == 9) {
                say("%d kills, %d acknowledged", n + 1, acknowledged.size());
            }
        }
        say("longest wait of a writer, primary killed: %s", seconds(ofPrimaries));
        say("longest wait of a writer, hub killed: %s", seconds(ofHubs));
    }

    private static String seconds(List<Double> pauses) {
        double[] sorted =
                pauses.stream().mapToDouble(Double::doubleValue).sorted().toArray();
        return String.format(
                Locale.ROOT,
                "p50 %.1f s, most %.1f s, of %d",
                sorted[sorted.length / 2],
                sorted[sorted.length - 1],
                sorted.length);
    }

    private void awaitAcknowledgements() {
        long now = System.nanoTime();
        await().atMost(LONG)
                .pollInterval(Duration.ofMillis(50))
                .until(() -> last.size() == WRITERS && last.values().stream().allMatch(time -> time - now > 0));
    }
}
