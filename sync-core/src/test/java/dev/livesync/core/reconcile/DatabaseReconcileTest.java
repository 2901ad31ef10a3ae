package dev.livesync.core.reconcile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.Document;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Real databases, with batches and merges. */
class DatabaseReconcileTest {
    private static void write(Database database, Random random, int events) {
        int left = events;
        while (left > 0) {
            int batch = Math.min(left, random.nextInt(3) == 0 ? 1 + random.nextInt(30) : 1);
            database.write(b -> {
                for (int i = 0; i < batch; i++) {
                    b.put(Document.of("d" + random.nextInt(500), Map.of("v", random.nextInt())));
                }
            });
            left -= batch;
        }
    }

    /** Sends and commits what one lacks. */
    private static int deliver(Reconciliation from, Replica to) {
        List<Cid> events = Exchange.toSend(from);
        List<Event> sent = new ArrayList<>();
        events.forEach(cid -> sent.add(from.snapshot().event(cid)));
        CommitResult result = to.commit(new Commit(List.of(), sent, Origin.LOCAL));
        assertThat(result.pending()).isEmpty();
        return events.size();
    }

    private static Exchange reconcile(Database a, Database b, int attempt) {
        Exchange exchange = new Exchange(a.replica().snapshot(), b.replica().snapshot(), attempt).run();
        assertThat(exchange.isSettled()).isTrue();
        deliver(exchange.initiator, b.replica());
        deliver(exchange.responder, a.replica());
        exchange.initiator.close();
        exchange.responder.close();
        return exchange;
    }

    private static Map<String, Object> documents(Database database) {
        Map<String, Object> documents = new TreeMap<>();
        database.forEach(d -> documents.put(d.id(), d.value()));
        return documents;
    }

    @Test
    void databasesThatWriteApartAreEqualAfterEachReconciliation() {
        for (long seed = 1; seed <= 12; seed++) {
            Random random = new Random(seed);
            try (Database a = Database.inMemory(DatabaseOptions.defaults());
                    Database b = Database.inMemory(DatabaseOptions.defaults());
                    Database c = Database.inMemory(DatabaseOptions.defaults())) {
                for (int round = 0; round < 12; round++) {
                    write(a, random, random.nextInt(60));
                    write(b, random, random.nextInt(random.nextInt(4) == 0 ? 400 : 20));
                    write(c, random, random.nextInt(20));
                    int attempt = random.nextInt(4) % Reconciliations.ATTEMPTS;
                    Database x = random.nextBoolean() ? a : c;
                    reconcile(x, b, attempt);
                    assertThat(x.clock()).as("seed " + seed).isEqualTo(b.clock());
                    assertThat(documents(x)).as("seed " + seed).isEqualTo(documents(b));
                }
            }
        }
    }

    /** The snapshot, and the number of its calls and of the events that it iterates over. */
    private static final class Counted {
        private long calls;

        Snapshot of(Snapshot real) {
            return (Snapshot) Proxy.newProxyInstance(
                    Snapshot.class.getClassLoader(), new Class<?>[] {Snapshot.class}, (proxy, method, args) -> {
                        calls++;
                        try {
                            Object result = method.invoke(real, args);
                            if (result instanceof java.util.Iterator<?> events) {
                                return new java.util.Iterator<Object>() {
                                    @Override
                                    public boolean hasNext() {
                                        return events.hasNext();
                                    }

                                    @Override
                                    public Object next() {
                                        calls++;
                                        return events.next();
                                    }
                                };
                            }
                            return result;
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    });
        }
    }

    @Test
    void anEndReadsAboutWhatDiffersHoweverLongTheHistory() {
        try (Database a = Database.inMemory(DatabaseOptions.defaults());
                Database b = Database.inMemory(DatabaseOptions.defaults())) {
            for (int i = 0; i < 3; i++) {
                a.write(batch -> {
                    for (int n = 0; n < 10_000; n++) {
                        batch.put(Document.of("d" + n, Map.of("v", n)));
                    }
                });
            }
            write(a, new Random(1), 2_000);
            reconcile(a, b, 0);
            write(a, new Random(2), 10);
            write(b, new Random(3), 10);
            Counted ofA = new Counted();
            Counted ofB = new Counted();
            Exchange exchange = new Exchange(
                            ofA.of(a.replica().snapshot()), ofB.of(b.replica().snapshot()), 0)
                    .run();
            assertThat(exchange.isSettled()).isTrue();
            assertThat(exchange.bytes).isLessThan(700);
            assertThat(ofA.calls).isLessThan(30);
            assertThat(ofB.calls)
                    .as("some events more than differ are looked at")
                    .isLessThan(700);
            exchange.initiator.close();
            exchange.responder.close();
        }
    }
}
