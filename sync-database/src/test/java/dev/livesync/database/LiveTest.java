package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.live.LiveChange;
import dev.livesync.database.live.LiveChangeKind;
import dev.livesync.database.live.LiveUpdate;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.Query;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Live queries: what they publish makes what the query finds, and they keep the rules of Reactive Streams. */
class LiveTest {
    private final Database database = Database.inMemory();

    /** Looks often: most of what is waited for is there at once. */
    private static ConditionFactory await() {
        return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
    }

    @AfterEach
    void close() {
        database.close();
    }

    /** Takes updates as it is told to, and applies them. */
    private static class Taker implements Flow.Subscriber<LiveUpdate<Document>> {
        final List<LiveUpdate<Document>> updates = new CopyOnWriteArrayList<>();
        final List<Document> result = new ArrayList<>();
        final AtomicReference<List<Cid>> clock = new AtomicReference<>();
        final AtomicReference<Throwable> failure = new AtomicReference<>();
        final AtomicBoolean complete = new AtomicBoolean();
        final AtomicInteger inside = new AtomicInteger();
        final AtomicBoolean overlapped = new AtomicBoolean();
        volatile Flow.Subscription subscription;

        @Override
        public void onSubscribe(Flow.Subscription given) {
            subscription = given;
        }

        @Override
        public void onNext(LiveUpdate<Document> update) {
            overlapped.compareAndSet(false, inside.incrementAndGet() != 1);
            update.applyTo(result);
            updates.add(update);
            clock.set(update.clock());
            inside.decrementAndGet();
        }

        @Override
        public void onError(Throwable thrown) {
            overlapped.compareAndSet(false, inside.get() != 0);
            failure.set(thrown);
        }

        @Override
        public void onComplete() {
            complete.set(true);
        }
    }

    private Taker take(Query query) {
        Taker taker = new Taker();
        database.live(query).subscribe(taker);
        return taker;
    }

    private static List<String> texts(List<Document> documents) {
        return documents.stream()
                .map(document -> document.id() + " " + document.json())
                .toList();
    }

    /** What the next document is told by: everything before it has been. */
    private void settle(List<Taker> takers) {
        Taker mark = take(Query.all().limit(0));
        mark.subscription.request(1);
        await().until(() -> mark.updates.size() == 1);
        mark.subscription.cancel();
        takers.forEach(taker -> assertThat(taker.failure.get()).isNull());
    }

    private static Query query(Random random) {
        Query query = Query.all();
        if (random.nextInt(3) == 0) {
            query = query.idPrefix("a");
        }
        if (random.nextInt(2) == 0) {
            query = query.where("/n", Condition.below(random.nextInt(6)));
        }
        if (random.nextInt(3) > 0) {
            query = random.nextBoolean() ? query.orderBy("/n") : query.orderBy("/m", "/n");
        }
        query = random.nextBoolean() ? query.descending() : query;
        return random.nextBoolean() ? query.limit(random.nextInt(5)) : query;
    }

    private static Map<String, Object> content(Random random) {
        Map<String, Object> content = new HashMap<>();
        content.put("n", random.nextInt(6));
        if (random.nextBoolean()) {
            content.put("m", random.nextBoolean() ? "x" : random.nextInt(3));
        }
        return content;
    }

    @Test
    void updatesMakeWhatTheQueryFinds() {
        for (int seed = 0; seed < 40; seed++) {
            Random random = new Random(seed);
            List<Query> queries = new ArrayList<>();
            List<Taker> takers = new ArrayList<>();
            try (Database db = Database.inMemory()) {
                for (int i = random.nextInt(8); i > 0; i--) {
                    db.put(id(random), content(random));
                }
                for (int i = 0; i < 6; i++) {
                    Query query = query(random);
                    queries.add(query);
                    Taker taker = new Taker();
                    db.live(query).subscribe(taker);
                    taker.subscription.request(Long.MAX_VALUE);
                    takers.add(taker);
                }
                for (int step = 0; step < 25; step++) {
                    write(db, random);
                    if (random.nextInt(4) == 0) {
                        judge(db, queries, takers, seed);
                    }
                }
                judge(db, queries, takers, seed);
            }
        }
    }

    private static String id(Random random) {
        return (random.nextBoolean() ? "a" : "b") + random.nextInt(8);
    }

    private static void write(Database db, Random random) {
        String id = id(random);
        switch (random.nextInt(4)) {
            case 0 ->
                db.write(batch -> {
                    for (int i = random.nextInt(14); i >= 0; i--) {
                        batch.put(id(random), content(random));
                    }
                });
            case 1 -> db.get(id).ifPresent(document -> db.delete(id));
            default -> db.put(id, content(random));
        }
    }

    private static void judge(Database db, List<Query> queries, List<Taker> takers, int seed) {
        Taker mark = new Taker();
        db.live(Query.all().idPrefix("mark")).subscribe(mark);
        mark.subscription.request(Long.MAX_VALUE);
        db.put("mark", "{}");
        await().until(() -> db.clock().equals(mark.clock.get()));
        // Registered last, so told last: all the others have been told.
        for (int i = 0; i < queries.size(); i++) {
            Taker taker = takers.get(i);
            assertThat(texts(taker.result))
                    .as("seed %s, %s", seed, queries.get(i))
                    .isEqualTo(texts(db.query(queries.get(i)).toList()));
            assertThat(taker.overlapped).isFalse();
            for (LiveUpdate<Document> update : taker.updates) {
                List<String> ids = update.changes().stream()
                        .filter(change -> change.kind() != LiveChangeKind.REMOVED)
                        .map(change -> change.document().id())
                        .toList();
                assertThat(ids).as("seed %s", seed).doesNotHaveDuplicates();
                assertThat(update.isFirst() || !update.changes().isEmpty()).isTrue();
            }
        }
        mark.subscription.cancel();
        db.delete("mark");
    }

    private static List<String> kinds(LiveUpdate<Document> update) {
        return update.changes().stream().map(Object::toString).toList();
    }

    @Test
    void aDifferenceSaysWhereADocumentWasAndIs() {
        database.put("a", "{\"n\":1}");
        database.put("b", "{\"n\":2}");
        database.put("c", "{\"n\":3}");
        Taker taker = take(Query.all().orderBy("/n").limit(3));
        taker.subscription.request(Long.MAX_VALUE);
        await().until(() -> taker.updates.size() == 1);
        assertThat(taker.updates.get(0).isFirst()).isTrue();
        assertThat(kinds(taker.updates.get(0))).containsExactly("ADDED -1 -> 0", "ADDED -1 -> 1", "ADDED -1 -> 2");
        List<Runnable> writes = List.of(
                () -> database.put("b", "{\"n\":2.5}"),
                () -> database.put("c", "{\"n\":0}"),
                () -> database.put("d", "{\"n\":9}"),
                () -> database.delete("a"),
                () -> database.put("e", "{\"n\":1}"));
        List<List<String>> told = List.of(
                List.of("CHANGED 1 -> 1"),
                List.of("MOVED 2 -> 0"),
                List.of(),
                List.of("REMOVED 1 -> -1", "ADDED -1 -> 2"),
                List.of("REMOVED 2 -> -1", "ADDED -1 -> 1"));
        for (int i = 0; i < writes.size(); i++) {
            int before = taker.updates.size();
            writes.get(i).run();
            if (told.get(i).isEmpty()) {
                settle(List.of(taker));
                assertThat(taker.updates).hasSize(before);
            } else {
                await().until(() -> taker.updates.size() == before + 1);
                assertThat(kinds(taker.updates.get(before))).isEqualTo(told.get(i));
            }
        }
        LiveChange<Document> gone =
                taker.updates.get(taker.updates.size() - 1).changes().get(0);
        assertThat(gone.document().json()).isEqualTo("{\"n\":9}");
    }

    @Test
    void aLimitIsFilledUpWhenAllThatWasKeptIsGone() {
        int many = 900;
        database.write(batch -> {
            for (int i = 0; i < many; i++) {
                batch.put(String.format("d%03d", i), "{}");
            }
        });
        Taker taker = take(Query.all().limit(2));
        taker.subscription.request(Long.MAX_VALUE);
        for (int from = 0; from < many - 10; from += 89) {
            int first = from;
            database.write(batch -> {
                for (int i = first; i < first + 89; i++) {
                    batch.delete(String.format("d%03d", i));
                }
            });
        }
        await().until(() -> database.clock().equals(taker.clock.get()));
        assertThat(taker.result).extracting(Document::id).containsExactly("d890", "d891");
    }

    @Test
    void nothingComesBeyondDemandAndWhatWaitsIsOneUpdate() {
        Taker taker = take(Query.all());
        database.put("a", "{}");
        settle(List.of(taker));
        assertThat(taker.updates).isEmpty();
        taker.subscription.request(1);
        await().until(() -> taker.updates.size() == 1);
        for (int i = 0; i < 200; i++) {
            database.put("b" + i % 3, "{\"n\":" + i + "}");
        }
        settle(List.of(taker));
        assertThat(taker.updates).hasSize(1);
        taker.subscription.request(1);
        await().until(() -> taker.updates.size() == 2);
        settle(List.of(taker));
        assertThat(texts(taker.result)).isEqualTo(texts(database.all()));
        assertThat(taker.updates).hasSize(2);
    }

    @Test
    void whatCancelsHearsNothingMore() {
        Taker taker = take(Query.all());
        taker.subscription.request(Long.MAX_VALUE);
        await().until(() -> taker.updates.size() == 1);
        taker.subscription.cancel();
        taker.subscription.cancel();
        taker.subscription.request(1);
        taker.subscription.request(-1);
        database.put("a", "{}");
        settle(List.of(taker));
        assertThat(taker.updates).hasSize(1);
        assertThat(taker.complete).isFalse();
    }

    @Test
    void aRequestForNothingIsAnErrorAndTheEnd() {
        for (long wrong : new long[] {0, -1, Long.MIN_VALUE}) {
            Taker taker = take(Query.all());
            taker.subscription.request(wrong);
            await().until(() -> taker.failure.get() != null);
            assertThat(taker.failure.get())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("3.9");
            taker.subscription.request(1);
            settle(List.of());
            assertThat(taker.updates).isEmpty();
        }
    }

    /** Who asks for one more in each call would run out of stack, if that call were answered from within. */
    @Test
    void askingFromWithinDoesNotRecurse() {
        AtomicInteger depth = new AtomicInteger();
        AtomicInteger deepest = new AtomicInteger();
        Taker taker = new Taker() {
            @Override
            public void onSubscribe(Flow.Subscription given) {
                super.onSubscribe(given);
                given.request(1);
            }

            @Override
            public void onNext(LiveUpdate<Document> update) {
                deepest.accumulateAndGet(depth.incrementAndGet(), Math::max);
                super.onNext(update);
                database.put("n" + updates.size() % 7, "{\"n\":" + updates.size() + "}");
                subscription.request(1);
                depth.decrementAndGet();
            }
        };
        database.live(Query.all()).subscribe(taker);
        await().until(() -> taker.updates.size() > 500);
        taker.subscription.cancel();
        assertThat(deepest).hasValue(1);
        assertThat(taker.overlapped).isFalse();
    }

    @Test
    void closingCompletesAndAClosedDatabaseIsAnError() {
        Taker taker = take(Query.all());
        Taker idle = take(Query.all());
        taker.subscription.request(1);
        await().until(() -> taker.updates.size() == 1);
        database.close();
        await().until(() -> taker.complete.get() && idle.complete.get());
        Taker late = take(Query.all());
        assertThat(late.failure.get())
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CLOSED));
        assertThatThrownBy(() -> database.live(Query.all()).subscribe(null)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void whoThrowsGetsNoMoreAndTheOthersGoOn() {
        AtomicInteger calls = new AtomicInteger();
        Taker bad = new Taker() {
            @Override
            public void onNext(LiveUpdate<Document> update) {
                calls.incrementAndGet();
                throw new IllegalStateException("a subscriber's own problem");
            }
        };
        database.live(Query.all()).subscribe(bad);
        bad.subscription.request(Long.MAX_VALUE);
        Taker good = take(Query.all());
        good.subscription.request(Long.MAX_VALUE);
        await().until(() -> good.updates.size() == 1);
        database.put("a", "{}");
        await().until(() -> good.updates.size() == 2);
        assertThat(calls).hasValue(1);
    }

    @Test
    void manyThreadsMayAsk() throws InterruptedException {
        Taker taker = take(Query.all());
        CountDownLatch done = new CountDownLatch(4);
        for (int t = 0; t < 4; t++) {
            Thread thread = new Thread(() -> {
                for (int i = 0; i < 50; i++) {
                    taker.subscription.request(1);
                }
                done.countDown();
            });
            thread.start();
        }
        for (int i = 0; i < 100; i++) {
            database.put("n" + i % 9, "{\"n\":" + i + "}");
        }
        done.await();
        await().until(() -> database.clock().equals(taker.clock.get()));
        assertThat(texts(taker.result)).isEqualTo(texts(database.all()));
        assertThat(taker.overlapped).isFalse();
        assertThat(taker.updates.size()).isLessThanOrEqualTo(200);
    }
}
