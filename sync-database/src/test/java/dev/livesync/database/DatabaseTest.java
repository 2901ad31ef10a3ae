package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What a user of a database relies on. */
@ExtendWith(Quiet.class)
@Timeout(120)
class DatabaseTest {
    @Nested
    class InMemory extends Rules {
        InMemory() {
            super(false);
        }
    }

    @Nested
    class InDirectory extends Rules {
        InDirectory() {
            super(true);
        }
    }

    private static void assertKind(ErrorKind kind, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(SyncException.class, e -> {
            assertThat(e.kind()).isEqualTo(kind);
            assertThat(e.getMessage()).isNotBlank().doesNotContain("\n");
        });
    }

    private static Map<String, String> documents(Database database) {
        Map<String, String> documents = new TreeMap<>();
        database.forEach(d -> documents.put(d.id(), d.json()));
        return documents;
    }

    abstract static class Rules extends Modes {
        Rules(boolean inDirectory) {
            super(inDirectory);
        }

        @Test
        void aNewDatabaseIsEmpty() {
            Database db = restarted(database());
            assertThat(db.clock()).isEmpty();
            assertThat(db.all()).isEmpty();
            assertThat(db.get("x")).isEmpty();
            assertThat(db.summary().blocks()).isZero();
            assertThat(db.verify().ok()).isTrue();
            assertThat(db.directory().isPresent()).isEqualTo(inDirectory);
            assertThat(db.replica()).isSameAs(db.replica());
        }

        @Test
        void putGetReplaceDelete() {
            Database db = database();
            Cid first = db.put("x", "{\"n\":1}");
            assertThat(db.clock()).containsExactly(first);
            assertThat(db.get("x").orElseThrow().toMap()).isEqualTo(Map.of("n", 1L));
            Cid second = db.put("x", Map.of("n", 2));
            db.put("y", "{}");
            db = restarted(db);
            assertThat(documents(db)).isEqualTo(Map.of("x", "{\"n\":2}", "y", "{}"));
            Cid last = db.delete("x");
            assertThat(db.clock()).containsExactly(last);
            assertThat(db.get("x")).isEmpty();
            db.delete("y");
            db = restarted(db);
            assertThat(db.all()).isEmpty();
            assertThat(db.summary().documents()).isZero();
            assertThat(db.summary().events()).isEqualTo(5);
            db.put("x", "{}");
            assertThat(documents(db)).isEqualTo(Map.of("x", "{}"));
            assertThat(first).isNotEqualTo(second);
        }

        @Test
        void documentsComeInTheOrderOfTheirIds() {
            Database db = database();
            List<String> ids =
                    new ArrayList<>(List.of("b", "a", "\u0001", "Z", "ab", "\ud83d\ude00", "\uffee", "10", "9"));
            ids.forEach(id -> db.put(id, Map.of("id", id)));
            ids.sort(null);
            assertThat(db.all()).extracting(Document::id).isEqualTo(ids);
            assertThat(db.all()).allSatisfy(d -> assertThat(d.toMap()).isEqualTo(Map.of("id", d.id())));
            db.put("aa", "{}");
            assertThat(db.documents().map(Document::id).limit(4)).containsExactly("\u0001", "10", "9", "Z");
            assertThat(restarted(db).all()).hasSize(10);
        }

        @Test
        void reservedNamesAreNoContent() {
            Database db = database();
            db.put("x", "{\"_id\":\"x\",\"_proof\":{},\"a\":1}");
            assertThat(db.get("x").orElseThrow().json()).isEqualTo("{\"a\":1}");
            assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.put("x", "{\"_id\":\"y\"}"));
            assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.put("x", "{\"_clock\":7}"));
        }

        @Test
        void anIdMayBeEmptyAsAPeersMay() {
            Database db = database(DatabaseOptions.defaults());
            db.put("", "{\"n\":1}");
            assertThat(db.get("").orElseThrow().id()).isEmpty();
            assertThat(db.all()).hasSize(1);
            db.delete("");
            assertThat(db.get("")).isEmpty();
        }

        @Test
        void whatCannotBeADocumentIsRefusedAndChangesNothing() {
            Database db =
                    database(DatabaseOptions.builder().maxDocumentBytes(100).build());
            Cid head = db.put("x", "{}");
            assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.put("\ud800", "{}"));
            assertKind(ErrorKind.MALFORMED, () -> db.put("x", "{"));
            assertKind(ErrorKind.LIMIT_EXCEEDED, () -> db.put("x", Map.of("a", "y".repeat(100))));
            assertKind(ErrorKind.NOT_FOUND, () -> db.delete("absent"));
            assertThat(db.clock()).containsExactly(head);
            assertThat(db.summary().events()).isEqualTo(1);
        }

        @Test
        void aDocumentThatChangedMeanwhileIsAConflict() {
            Database db = database();
            db.put("x", "{\"n\":1}");
            db.put("other", "{}");
            Document read = db.get("x").orElseThrow();
            assertThat(read.clock()).contains(db.clock());
            db.put("other", "{\"n\":2}"); // not this document
            db.put(read.with("{\"n\":2}"));
            assertKind(ErrorKind.CONFLICT, () -> db.put(read.with("{\"n\":3}")));
            assertKind(ErrorKind.CONFLICT, () -> db.delete(read));
            db.put("x", "{\"n\":4}"); // without a clock: overwrite
            assertThat(db.get("x").orElseThrow().json()).isEqualTo("{\"n\":4}");
            Document again = db.get("x").orElseThrow();
            db.delete(again);
            assertKind(ErrorKind.CONFLICT, () -> db.put(again));
            assertKind(ErrorKind.CONFLICT, () -> db.delete(again));
        }

        @Test
        void clocksOfNothingAndOfStrangersSeeNothing() {
            Database db = database();
            Cid stranger = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
            db.put(Document.of("x", "{}").withClock(List.of()));
            assertKind(ErrorKind.CONFLICT, () -> db.put(Document.of("x", "{}").withClock(List.of())));
            assertKind(ErrorKind.CONFLICT, () -> db.put(Document.of("x", "{}").withClock(List.of(stranger))));
            db.put(Document.of("y", "{}").withClock(List.of(stranger)));
        }

        @Test
        void theClockMayComeInTheJsonAsInTheAlpha() {
            Database db = database();
            Cid first = db.put("x", "{\"n\":1}");
            db.put("x", "{\"n\":2,\"_clock\":[\"" + first + "\"]}");
            assertKind(ErrorKind.CONFLICT, () -> db.put("x", "{\"n\":3,\"_clock\":[\"" + first + "\"]}"));
            assertKind(ErrorKind.CONFLICT, () -> db.put("x", Map.of("_clock", List.of(first.toString()))));
            assertKind(ErrorKind.CONFLICT, () -> db.put("x", "{\"_clock\":[]}"));
            assertThat(db.get("x").orElseThrow().json()).isEqualTo("{\"n\":2}");
        }

        @Test
        void aBatchIsOneChange() {
            Database db = database();
            db.put("gone", "{}");
            List<List<String>> heard = new CopyOnWriteArrayList<>();
            try (Subscription s = db.subscribe(heard::add)) {
                BatchResult result = db.write(batch -> {
                    batch.put("a", "{\"n\":0}").put("b", "{}").delete("gone").put("a", "{\"n\":1}");
                    assertThat(batch.size()).isEqualTo(3);
                });
                assertThat(result.events()).hasSize(3);
                assertThat(result.clock())
                        .isEqualTo(db.clock())
                        .containsExactly(result.events().get(2));
                await().until(() -> heard.size() == 1);
                assertThat(heard.get(0)).containsExactlyInAnyOrder("a", "b", "gone");
            }
            assertThat(documents(restarted(db))).isEqualTo(Map.of("a", "{\"n\":1}", "b", "{}"));
        }

        @Test
        void aBatchIsAllOrNothing() {
            Database db = database(DatabaseOptions.builder()
                    .maxBatchEvents(3)
                    .maxBatchBytes(200)
                    .build());
            db.put("x", "{}");
            List<Cid> clock = db.clock();
            Document stale = db.get("x").orElseThrow().withClock(List.of());
            assertKind(ErrorKind.NOT_FOUND, () -> db.write(b -> b.put("y", "{}").delete("absent")));
            assertKind(ErrorKind.CONFLICT, () -> db.write(b -> b.put("y", "{}").put(stale)));
            assertKind(
                    ErrorKind.LIMIT_EXCEEDED,
                    () -> db.write(
                            b -> b.put("1", "{}").put("2", "{}").put("3", "{}").put("4", "{}")));
            assertKind(
                    ErrorKind.LIMIT_EXCEEDED,
                    () -> db.write(b -> b.put("1", Map.of("a", "x".repeat(60))).put("2", Map.of("a", "y".repeat(60)))));
            assertThatThrownBy(() -> db.write(b -> {
                        b.put("y", "{}");
                        throw new IllegalStateException("mine");
                    }))
                    .hasMessage("mine");
            assertThat(db.clock()).isEqualTo(clock);
            db.write(b -> b.put("1", Map.of("a", "x".repeat(600)))); // one alone may be larger
            assertThat(db.write(b -> {}).events()).isEmpty();
            assertThat(db.write(b -> b.put("new", "{}").delete("new")).events()).isEmpty();
            Batch[] escaped = new Batch[1];
            db.write(b -> escaped[0] = b);
            assertKind(ErrorKind.CLOSED, () -> escaped[0].put("late", "{}"));
        }

        @Test
        void aBatchMayEmptyTheDatabase() {
            Database db = database();
            db.write(b -> b.put("a", "{}").put("b", "{}").put("c", "{}"));
            BatchResult result = db.write(b -> b.delete("a").delete("b").delete("c"));
            assertThat(db.all()).isEmpty();
            assertThat(db.clock()).containsExactly(result.events().get(2));
            db = restarted(db);
            assertThat(db.clock()).containsExactly(result.events().get(2));
            db.write(b -> b.put("a", "{}"));
            db.write(b -> b.delete("a").put("b", "{}"));
            assertThat(documents(db)).isEqualTo(Map.of("b", "{}"));
        }

        @Test
        void changesSinceAClock() {
            Database db = database();
            assertThat(db.changesSince(List.of()).changes()).isEmpty();
            db.write(b -> b.put("a", "{}").put("b", "{}").put("c", "{}"));
            db.delete("c");
            ChangesSince first = db.changesSince(List.of());
            assertThat(first.changes()).extracting(DocumentChange::id).containsExactly("a", "b");
            assertThat(first.clock()).isEqualTo(db.clock());
            db.put("b", "{\"n\":1}");
            db.put("b", "{\"n\":2}");
            db.delete("a");
            db.put("d", "{}");
            ChangesSince second = db.changesSince(first.clock());
            assertThat(second.changes())
                    .extracting(DocumentChange::id, DocumentChange::document)
                    .containsExactly(
                            tuple("a", Optional.empty()),
                            tuple("b", Optional.of(Document.of("b", "{\"n\":2}"))),
                            tuple("d", Optional.of(Document.of("d", "{}"))));
            assertThat(db.changesSince(second.clock()).changes()).isEmpty();
        }

        @Test
        void listenersHearOfEveryChangeInOrderAndFailuresAreContained() {
            Database db = database();
            List<String> heard = new CopyOnWriteArrayList<>();
            Subscription bad = db.subscribe(ids -> {
                throw new IllegalStateException("a listener's own problem");
            });
            Subscription good = db.subscribe(heard::addAll);
            for (int i = 0; i < 20; i++) {
                db.put("d" + i, "{}");
            }
            await().until(() -> heard.size() == 20);
            assertThat(heard)
                    .isEqualTo(java.util.stream.IntStream.range(0, 20)
                            .mapToObj(i -> "d" + i)
                            .toList());
            good.close();
            good.close();
            db.put("later", "{}");
            CountDownLatch done = new CountDownLatch(1);
            db.subscribe(ids -> done.countDown());
            db.put("last", "{}");
            await().until(() -> done.getCount() == 0);
            assertThat(heard).hasSize(20);
            bad.close();
        }

        @Test
        void aSlowListenerHearsEverythingInTheEnd() throws InterruptedException {
            Database db = database();
            CountDownLatch busy = new CountDownLatch(1);
            CountDownLatch go = new CountDownLatch(1);
            List<String> heard = new CopyOnWriteArrayList<>();
            AtomicInteger calls = new AtomicInteger();
            db.subscribe(ids -> {
                busy.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                calls.incrementAndGet();
                heard.addAll(ids);
            });
            db.put("first", "{}");
            busy.await();
            for (int i = 0; i < 300; i++) {
                db.put("d" + i, "{}");
            }
            go.countDown();
            await().until(() -> heard.contains("d299"));
            assertThat(heard).doesNotHaveDuplicates().hasSize(301);
            assertThat(calls.get()).isLessThan(100);
        }

        @Test
        void readersSeeOneMomentWhileWritersGoOn() {
            Database db = database();
            for (int i = 0; i < 50; i++) {
                db.put("d" + i, Map.of("v", 0));
            }
            var documents = db.documents().iterator();
            for (int i = 0; i < 50; i++) {
                db.put("d" + i, Map.of("v", 1));
            }
            db.delete("d7");
            int count = 0;
            while (documents.hasNext()) {
                assertThat(documents.next().toMap()).isEqualTo(Map.of("v", 0L));
                count++;
            }
            assertThat(count).isEqualTo(50);
        }

        @Test
        void manyThreadsWriteAtOnceAndNothingIsLost() throws InterruptedException {
            Database db = database();
            List<Thread> threads = new ArrayList<>();
            List<Throwable> failures = new CopyOnWriteArrayList<>();
            for (int t = 0; t < 8; t++) {
                int thread = t;
                threads.add(new Thread(() -> {
                    try {
                        for (int i = 0; i < 25; i++) {
                            db.put("t" + thread + "-" + i, Map.of("i", i));
                            assertThat(db.get("t" + thread + "-" + i)).isPresent();
                        }
                    } catch (Throwable e) {
                        failures.add(e);
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread t : threads) {
                t.join();
            }
            assertThat(failures).isEmpty();
            Database again = restarted(db);
            assertThat(again.all()).hasSize(200);
            assertThat(again.clock()).hasSize(1); // every writer built on the one before
            assertThat(again.verify().problems()).isEmpty();
        }

        @Test
        void noReaderEverSeesHalfABatch() throws InterruptedException {
            Database db = database();
            db.write(b -> b.put("left", "{\"n\":0}").put("right", "{\"n\":0}"));
            List<Throwable> failures = new CopyOnWriteArrayList<>();
            Thread writer = new Thread(() -> {
                for (int i = 1; i <= 100; i++) {
                    Map<String, Integer> fields = Map.of("n", i);
                    db.write(b -> b.put("left", fields).put("right", fields));
                }
            });
            Thread reader = new Thread(() -> {
                try {
                    while (writer.isAlive()) {
                        List<Document> all = db.all();
                        assertThat(all.get(0).json()).isEqualTo(all.get(1).json());
                    }
                } catch (Throwable e) {
                    failures.add(e);
                }
            });
            writer.start();
            reader.start();
            writer.join();
            reader.join();
            assertThat(failures).isEmpty();
        }

        @Test
        void countersIncrementOptimisticallyFromManyThreads() throws InterruptedException {
            Database db = database();
            db.put("counter", Map.of("n", 0));
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                threads.add(new Thread(() -> {
                    for (int i = 0; i < 10; ) {
                        Document read = db.get("counter").orElseThrow();
                        try {
                            db.put(read.with(Map.of("n", (Long) read.toMap().get("n") + 1)));
                            i++;
                        } catch (SyncException e) {
                            if (e.kind() != ErrorKind.CONFLICT) {
                                throw e;
                            }
                        }
                    }
                }));
            }
            threads.forEach(Thread::start);
            for (Thread t : threads) {
                t.join();
            }
            assertThat(db.get("counter").orElseThrow().toMap()).isEqualTo(Map.of("n", 40L));
        }

        @Test
        void everythingEndsWithClose() {
            Database db = database();
            db.put("x", "{}");
            Snapshot snapshot = db.replica().snapshot();
            var documents = db.documents().iterator();
            db.close();
            db.close();
            assertKind(ErrorKind.CLOSED, () -> db.put("x", "{}"));
            assertKind(ErrorKind.CLOSED, () -> db.get("x"));
            assertKind(ErrorKind.CLOSED, db::all);
            assertKind(ErrorKind.CLOSED, db::clock);
            assertKind(ErrorKind.CLOSED, db::verify);
            assertKind(ErrorKind.CLOSED, () -> db.subscribe(ids -> {}));
            assertKind(ErrorKind.CLOSED, () -> db.replica().snapshot());
            assertKind(ErrorKind.CLOSED, snapshot::heads);
            assertKind(ErrorKind.CLOSED, documents::next);
            snapshot.close();
        }

        @Test
        void closingInsideAListenerDoesNotHang() {
            Database db = database();
            CountDownLatch closed = new CountDownLatch(1);
            db.subscribe(ids -> {
                db.close();
                closed.countDown();
            });
            db.put("x", "{}");
            await().until(() -> closed.getCount() == 0);
        }

        @Test
        void randomUseEqualsAMap() {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            Database db = database();
            TreeMap<String, String> model = new TreeMap<>();
            for (int step = 0; step < 150; step++) {
                String id = "k" + random.nextInt(40);
                int what = random.nextInt(10);
                if (what < 5) {
                    String json = "{\"v\":" + random.nextInt() + "}";
                    db.put(id, json);
                    model.put(id, json);
                } else if (what < 7 && model.containsKey(id)) {
                    db.delete(id);
                    model.remove(id);
                } else if (what < 9) {
                    db.write(batch -> {
                        for (int i = 0; i < random.nextInt(30); i++) {
                            String each = "k" + random.nextInt(40);
                            if (random.nextInt(3) > 0 || !model.containsKey(each)) {
                                String json = "{\"b\":" + random.nextInt() + "}";
                                batch.put(each, json);
                                model.put(each, json);
                            } else {
                                batch.delete(each);
                                model.remove(each);
                            }
                        }
                    });
                } else {
                    db = restarted(db);
                }
                if (step % 10 == 0) {
                    assertThat(documents(db)).as("seed %d step %d", seed, step).isEqualTo(model);
                    assertThat(db.summary().documents())
                            .as("seed %d step %d", seed, step)
                            .isEqualTo(model.size());
                }
            }
            db = restarted(db);
            assertThat(documents(db)).as("seed %d", seed).isEqualTo(model);
            assertThat(db.verify().problems()).isEmpty();
        }
    }
}
