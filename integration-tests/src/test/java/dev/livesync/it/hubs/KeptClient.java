package dev.livesync.it.hubs;

import static org.awaitility.Awaitility.await;

import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A client with a database of its own that keeps a hub. */
final class KeptClient implements AutoCloseable {
    static final Duration LONG = Duration.ofMinutes(5);

    final Database database = Database.inMemory();
    final Sync sync = new Sync(database);
    final KeptPeer peer;

    KeptClient(String address) {
        peer = sync.keep(address, HubCluster.SECRET);
    }

    void put(String id) {
        database.put(id, "{\"text\":\"" + "x".repeat(100) + "\"}");
    }

    /** Writes, and waits until a hub says that it is stored, in whichever session that is. */
    void store(String id) throws Exception {
        put(id);
        stored();
    }

    /** Waits until a hub says that all of it is stored. */
    void stored() throws Exception {
        for (long until = System.nanoTime() + LONG.toNanos(); System.nanoTime() < until; ) {
            try {
                peer.connected()
                        .get(LONG.toSeconds(), TimeUnit.SECONDS)
                        .delivered()
                        .get(LONG.toSeconds(), TimeUnit.SECONDS);
                return;
            } catch (ExecutionException e) {
                // That session is over; the next one goes on from there.
            }
        }
        throw new AssertionError("nothing is stored for minutes");
    }

    /** What a hub is about to say of what was written up to now, in this session. */
    CompletableFuture<Void> delivered() throws Exception {
        return peer.connected().get(LONG.toSeconds(), TimeUnit.SECONDS).delivered();
    }

    Set<String> ids() {
        Set<String> ids = new TreeSet<>();
        database.forEach(document -> ids.add(document.id()));
        return ids;
    }

    static void inStep(Collection<KeptClient> clients, Set<String> written, String when) {
        KeptClient first = clients.iterator().next();
        for (KeptClient client : clients) {
            await(when)
                    .atMost(LONG)
                    .pollInterval(Duration.ofMillis(50))
                    .until(() -> client.database.clock().equals(first.database.clock())
                            && client.ids().equals(written));
        }
    }

    @Override
    public void close() {
        sync.close();
        database.close();
    }
}
