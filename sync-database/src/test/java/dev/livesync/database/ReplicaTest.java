package dev.livesync.database;

import static dev.livesync.database.Replicas.OTHER;
import static dev.livesync.database.Replicas.PEER;
import static dev.livesync.database.Replicas.assertKind;
import static dev.livesync.database.Replicas.cids;
import static dev.livesync.database.Replicas.commit;
import static dev.livesync.database.Replicas.delete;
import static dev.livesync.database.Replicas.documents;
import static dev.livesync.database.Replicas.events;
import static dev.livesync.database.Replicas.feed;
import static dev.livesync.database.Replicas.interiorPut;
import static dev.livesync.database.Replicas.put;
import static dev.livesync.database.Replicas.stored;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Change;
import dev.livesync.api.replica.Changes;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.CommitResult;
import dev.livesync.api.replica.Cursor;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** What sessions rely on. */
@ExtendWith(Quiet.class)
@Timeout(120)
class ReplicaTest {
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

    abstract static class Rules extends Modes {
        Rules(boolean inDirectory) {
            super(inDirectory);
        }

        @Test
        void aCommitTwiceIsACommitOnce() {
            Database db = database();
            Block node = Block.of(Cid.DAG_CBOR, new byte[] {1, 2, 3});
            Event a = put("a", "{}");
            Event b = put("b", "{}", a);
            Commit commit = new Commit(List.of(node, node), List.of(b, a, b), PEER);
            CommitResult first = db.replica().commit(commit);
            assertThat(first.accepted()).isEqualTo(cids(a, b));
            assertThat(first.heads()).isEqualTo(cids(b));
            assertThat(first.pending()).isEmpty();
            assertThat(first.missing()).isEmpty();
            assertThat(stored(db)).containsExactlyInAnyOrder(node.cid(), a.cid(), b.cid());
            CommitResult second = db.replica().commit(commit);
            assertThat(second)
                    .isEqualTo(new CommitResult(first.heads(), List.of(), List.of(), List.of(), first.cursor()));
            db = restarted(db);
            assertThat(db.replica().commit(commit)).isEqualTo(second);
            assertThat(db.summary().blocks()).isEqualTo(3);
            assertThat(db.summary().bytes())
                    .isEqualTo(3L + a.block().size() + b.block().size());
        }

        @Test
        void anEventWaitsForItsAncestors() {
            Database db = database();
            Event a = put("a", "{}");
            Event b = put("b", "{}", a);
            Event c = put("c", "{}", b);
            Event d = put("d", "{}", c, a);
            CommitResult result = commit(db, PEER, d, c);
            assertThat(result.accepted()).isEmpty();
            assertThat(result.heads()).isEmpty();
            assertThat(result.pending()).containsExactlyInAnyOrder(c.cid(), d.cid());
            assertThat(result.missing()).containsExactlyInAnyOrder(a.cid(), b.cid());
            assertThat(db.summary().pending()).isEqualTo(2);
            assertThat(db.summary().events()).isZero();
            assertThat(db.all()).isEmpty();
            try (Snapshot s = db.replica().snapshot()) {
                assertThat(s.event(c.cid())).isNull();
                assertThat(s.block(c.cid())).isEqualTo(c.block());
                assertThat(s.missing(cids(a, c, a, b, d))).isEqualTo(cids(a, b));
                assertThat(s.storedCids()).toIterable().containsExactlyInAnyOrder(c.cid(), d.cid());
            }
            db = restarted(db);
            result = commit(db, PEER, a);
            assertThat(result.accepted()).isEqualTo(cids(a));
            assertThat(result.pending()).isEmpty();
            db = restarted(db);
            assertThat(commit(db, PEER, c).missing()).isEqualTo(cids(b));
            result = commit(db, OTHER, b);
            assertThat(result.accepted()).isEqualTo(cids(b, c, d));
            assertThat(result.heads()).isEqualTo(cids(d));
            assertThat(db.summary().pending()).isZero();
            assertThat(documents(db)).containsOnlyKeys("a", "b", "c", "d");
        }

        @Test
        void newEventsOfOursDoNotNameWhatIsPending() {
            Database db = database();
            Event a = put("a", "{}");
            Event b = put("b", "{}", a);
            commit(db, PEER, b);
            Cid ours = db.put("x", "{}");
            assertThat(db.clock()).containsExactly(ours);
            commit(db, PEER, a);
            assertThat(db.clock()).containsExactlyInAnyOrder(ours, b.cid());
            Cid merged = db.put("y", "{}");
            try (Snapshot s = db.replica().snapshot()) {
                assertThat(s.event(merged).parents())
                        .containsExactlyElementsOf(
                                List.of(ours, b.cid()).stream().sorted().toList());
            }
        }

        @Test
        void aBatchShowsItselfAsAWhole() {
            Database db = database();
            Event base = put("base", "{}");
            Event one = interiorPut("one", "{}", base);
            Event two = interiorPut("two", "{}", one);
            Event three = put("three", "{}", two);
            CommitResult result = commit(db, PEER, base, one, two);
            assertThat(result.accepted()).isEqualTo(cids(base));
            assertThat(result.pending()).containsExactlyInAnyOrder(one.cid(), two.cid());
            assertThat(result.missing()).isEmpty();
            assertThat(result.heads()).isEqualTo(cids(base));
            assertThat(documents(db)).containsOnlyKeys("base");
            db = restarted(db);
            assertThat(db.clock()).isEqualTo(cids(base));
            result = commit(db, PEER, three);
            assertThat(result.accepted()).isEqualTo(cids(one, two, three));
            assertThat(result.heads()).isEqualTo(cids(three));
            assertThat(documents(restarted(db))).hasSize(4);
        }

        @Test
        void aDeleteWithoutATreeIsInteriorUnlessItLeavesNothing() {
            Event a = put("a", "{}");
            Event b = put("b", "{}", a);
            Event delA = delete("a", false, b);
            Event delB = delete("b", false, delA);
            for (List<Event> order :
                    List.of(List.of(a, b, delA, delB), List.of(delB, delA, b, a), List.of(b, delB, a, delA))) {
                Database db = database();
                CommitResult last = null;
                for (Event e : order) {
                    last = commit(db, PEER, e);
                    db = restarted(db);
                }
                assertThat(last.heads()).isEqualTo(cids(delB));
                assertThat(db.all()).isEmpty();
                assertThat(db.summary().pending()).isZero();
                // And the database goes on.
                Event more = put("c", "{}", delB);
                assertThat(commit(db, PEER, more).heads()).isEqualTo(cids(more));
            }
            Database db = database();
            CommitResult result = commit(db, PEER, a, b, delA);
            assertThat(result.heads()).isEqualTo(cids(b));
            assertThat(result.pending()).isEqualTo(cids(delA));
            assertThat(documents(db)).hasSize(2);
        }

        @Test
        void aDeleteAfterAMergeIsJudgedByAllItsParents() {
            Event a = put("a", "{}");
            Event left = put("b", "{}", a);
            Event right = delete("a", true, a);
            Event all = delete("b", false, left, right);
            for (int i = 0; i < 4; i++) {
                List<Event> order = new ArrayList<>(List.of(a, left, right, all));
                Collections.rotate(order, i);
                Database db = database();
                order.forEach(e -> commit(db, PEER, e));
                assertThat(db.clock()).as("rotated by %d", i).isEqualTo(cids(all));
                assertThat(db.all()).isEmpty();
            }
        }

        /** A sender who breaks the rules: a merge in the middle of a batch. The order of arrival must not matter even so. */
        @Test
        void strangeShapesOfBatchesEndTheSameInEveryOrder() {
            Event a = put("a", "{}");
            Event x = interiorPut("x", "{}", a);
            Event y = interiorPut("y", "{}", a);
            Event merge = interiorPut("m", "{}", x, y);
            Event dels = delete("x", false, merge);
            Event dels2 = delete("y", false, dels);
            Event dels3 = delete("m", false, dels2);
            Event dels4 = delete("a", false, dels3);
            Event closer = put("z", "{}", x);
            List<Event> all = List.of(a, x, y, merge, dels, dels2, dels3, dels4, closer);
            Set<Map<String, String>> outcomes = new HashSet<>();
            Set<List<Cid>> clocks = new HashSet<>();
            Random random = new Random(5);
            for (int i = 0; i < 20; i++) {
                List<Event> order = new ArrayList<>(all);
                Collections.shuffle(order, random);
                Database db = database();
                order.forEach(e -> commit(db, PEER, e));
                Event last = put("end", "{}", y);
                commit(db, PEER, last);
                outcomes.add(documents(db));
                clocks.add(db.clock());
                db.close();
            }
            assertThat(outcomes).hasSize(1);
            assertThat(clocks).hasSize(1);
        }

        @Test
        void theFeedTellsEveryEventOnceInCausalOrderAcrossRestarts() {
            Database db = database();
            Cursor start;
            try (Snapshot s = db.replica().snapshot()) {
                start = s.cursor();
            }
            assertThat(db.replica().changes(start, 10)).isEqualTo(new Changes(List.of(), start));
            List<Cid> expected = new ArrayList<>();
            expected.add(db.put("a", "{}"));
            expected.addAll(db.write(b -> b.put("b", "{}").put("c", "{}").put("d", "{}"))
                    .events());
            Event p = put("p", "{}");
            Event q = put("q", "{}", p);
            commit(db, PEER, q);
            expected.add(db.delete("a"));
            expected.addAll(commit(db, OTHER, p).accepted());
            Event i = interiorPut("i", "{}", q);
            commit(db, PEER, i);
            expected.addAll(commit(db, PEER, put("j", "{}", i)).accepted());
            for (int page : new int[] {1, 2, 3, 100}) {
                assertThat(events(feed(db.replica(), start, page)))
                        .as("pages of %d", page)
                        .isEqualTo(expected);
            }
            db = restarted(db);
            for (int page : new int[] {1, 2, 3, 100}) {
                assertThat(events(feed(db.replica(), start, page)))
                        .as("pages of %d", page)
                        .isEqualTo(expected);
            }
            assertThat(db.replica().changes(start, 2).changes()).hasSize(2); // the batch of three is not split
            Changes first = db.replica().changes(start, 4);
            assertThat(first.changes().stream().mapToInt(c -> c.events().size()))
                    .containsExactly(1, 3);
            assertThat(events(feed(db.replica(), first.next(), 100))).isEqualTo(expected.subList(4, expected.size()));
        }

        @Test
        void aChangeSaysWhoBroughtItsEventsAndWhichNodesCameWithThem() {
            Database db = database();
            Cursor start = db.replica().snapshot().cursor();
            Cid ours = db.put("a", "{}");
            Event p = put("p", "{}");
            Event q = put("q", "{}", p);
            commit(db, PEER, q);
            commit(db, OTHER, p);
            Event r = interiorPut("r", "{}", q);
            commit(db, PEER, r);
            Event s = put("s", "{}", r);
            commit(db, OTHER, s);
            List<Change> feed = feed(db.replica(), start, 100);
            List<Cid> nodes = stored(db).subList(0, 1);
            assertThat(feed)
                    .containsExactly(
                            new Change(List.of(ours), nodes, Origin.LOCAL),
                            new Change(cids(p), List.of(), OTHER),
                            new Change(cids(q), List.of(), PEER),
                            new Change(cids(r, s), List.of(), Origin.LOCAL));
            List<Change> again = feed(restarted(db).replica(), start, 100);
            assertThat(events(again)).isEqualTo(events(feed));
            assertThat(again.get(0)).isEqualTo(feed.get(0));
        }

        @Test
        void aCursorOfSomebodyElseIsRefused() {
            Database db = database();
            Database other = database();
            other.put("x", "{}");
            db.put("x", "{}");
            Cursor theirs = other.replica().snapshot().cursor();
            Cursor ours = db.replica().snapshot().cursor();
            String prefix = ours.token().substring(0, ours.token().length() - 1);
            for (Cursor bad : List.of(
                    theirs,
                    new Cursor("x"),
                    new Cursor(prefix + "2"),
                    new Cursor(prefix),
                    new Cursor(prefix + "-1"),
                    new Cursor(prefix + "99999999999"))) {
                assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.replica().changes(bad, 1));
            }
            assertKind(ErrorKind.INVALID_ARGUMENT, () -> db.replica().changes(ours, 0));
            assertThat(db.replica().changes(ours, 1).changes()).isEmpty();
        }

        @Test
        void aSnapshotDoesNotMove() {
            Database db = database();
            db.write(b -> b.put("a", "{\"n\":1}").put("b", "{}"));
            Event early = put("early", "{}");
            Event late = put("late", "{}", early);
            commit(db, PEER, late);
            Snapshot s = db.replica().snapshot();
            List<Cid> heads = s.heads();
            var summary = s.summary();
            List<Cid> stored = stored(db);
            db.put("a", "{\"n\":2}");
            commit(db, PEER, early);
            assertThat(s.heads()).isEqualTo(heads);
            assertThat(s.summary()).isEqualTo(summary);
            assertThat(s.storedCids()).toIterable().isEqualTo(stored);
            assertThat(s.event(late.cid())).isNull();
            assertThat(s.event(early.cid())).isNull();
            assertThat(s.block(early.cid())).isNull();
            assertThat(s.missing(cids(early, late))).isEqualTo(cids(early));
            assertThat(s.eventsSince(List.of())).toIterable().hasSize(2);
            assertThat(events(feed(db.replica(), s.cursor(), 100))).hasSize(3);
            s.close();
            s.close();
            assertKind(ErrorKind.CLOSED, s::heads);
        }

        @Test
        void iteratorsEndWithTheirSnapshot() {
            Database db = database();
            db.put("a", "{}");
            Snapshot s = db.replica().snapshot();
            var stored = s.storedCids();
            var tree = s.tree(db.clock().get(0)).blocks();
            s.close();
            assertKind(ErrorKind.CLOSED, stored::next);
            assertKind(ErrorKind.CLOSED, tree::next);
        }

        @Test
        void theOldestPendingEventsMakeRoomForNewOnes() {
            Event absent = put("absent", "{}");
            Event[] e = new Event[6];
            Arrays.setAll(e, i -> put("p" + i, "{}", absent));
            long each = e[0].block().size() + 256L;
            DatabaseOptions options =
                    DatabaseOptions.builder().pendingBytesPerPeer(3 * each).build();
            Database db = database(options);
            commit(db, OTHER, e[5]);
            for (int i = 0; i < 5; i++) {
                assertThat(commit(db, PEER, e[i]).pending()).isEqualTo(cids(e[i]));
                db = restarted(db, options);
            }
            assertThat(stored(db)).isEqualTo(cids(e[5], e[2], e[3], e[4]));
            assertThat(db.summary().pending()).isEqualTo(4);
            assertThat(db.summary().blocks()).isEqualTo(4);
            assertThat(db.summary().bytes()).isEqualTo(4L * e[0].block().size());
            try (Snapshot s = db.replica().snapshot()) {
                assertThat(s.missing(cids(e))).isEqualTo(cids(e[0], e[1]));
                assertThat(s.block(e[0].cid())).isNull();
            }
            // What was given up can be sent again, and everything completes in the end.
            commit(db, PEER, absent);
            CommitResult result = commit(db, PEER, e[0], e[1]);
            assertThat(result.pending()).isEmpty();
            db = restarted(db, options);
            assertThat(db.clock()).hasSize(6);
            assertThat(stored(db)).doesNotHaveDuplicates().hasSize(7);
            assertThat(db.verify().problems()).isEmpty();
        }

        @Test
        void aCommitThatAloneIsOverTheQuotaIsRefusedWhole() {
            Event absent = put("absent", "{}");
            Event[] e = new Event[3];
            Arrays.setAll(e, i -> put("p" + i, "{}", absent));
            Event fine = put("fine", "{}");
            Event interior = interiorPut("i0", "{}", fine);
            Event interior1 = interiorPut("i1", "{}", interior);
            Event interior2 = interiorPut("i2", "{}", interior1);
            Database db = database(DatabaseOptions.builder()
                    .pendingBytesPerPeer(2 * (e[0].block().size() + 256L))
                    .build());
            Cid ours = db.put("x", "{}");
            List<Cid> before = stored(db);
            assertKind(ErrorKind.LIMIT_EXCEEDED, () -> commit(db, PEER, e[0], fine, e[1], e[2]));
            assertKind(ErrorKind.LIMIT_EXCEEDED, () -> commit(db, PEER, fine, interior, interior1, interior2));
            // A delete might have emptied the database; that it did not is known only afterwards.
            Event delete = delete("i1", false, interior2);
            assertKind(ErrorKind.LIMIT_EXCEEDED, () -> commit(db, PEER, fine, interior, interior1, interior2, delete));
            assertThat(db.put("x", "{}")).isNotNull();
            assertThat(db.summary().events()).isEqualTo(2);
            assertThat(stored(db)).containsAll(before).hasSize(before.size() + 1); // the same tree again
            assertThat(db.clock()).hasSize(1).doesNotContain(ours);
            // The quota is for what stays pending, not for what passes through.
            Event[] chain = new Event[20];
            chain[0] = fine;
            for (int i = 1; i < 20; i++) {
                chain[i] = put("c" + i, "{}", chain[i - 1]);
            }
            assertThat(commit(db, PEER, chain).pending()).isEmpty();
            db.put("y", "{}");
            assertThat(restarted(db).all()).hasSize(22);
        }

        @Test
        void pendingEventsGrowTooOld() {
            AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
            DatabaseOptions options = DatabaseOptions.builder()
                    .time(now::get)
                    .pendingMaxAge(Duration.ofHours(1))
                    .build();
            Database db = database(options);
            Event absent = put("absent", "{}");
            Event old = put("old", "{}", absent);
            Event child = put("child", "{}", old);
            commit(db, PEER, old);
            now.set(now.get().plus(Duration.ofMinutes(50)));
            commit(db, PEER, child);
            now.set(now.get().plus(Duration.ofMinutes(20)));
            db = restarted(db, options);
            commit(db, OTHER, put("unrelated", "{}"));
            assertThat(stored(db)).doesNotContain(old.cid()).contains(child.cid());
            assertThat(commit(db, PEER, child).missing()).isEqualTo(cids(old));
            commit(db, PEER, absent, old);
            assertThat(documents(restarted(db, options))).containsOnlyKeys("absent", "old", "child", "unrelated");
        }

        @Test
        void anEventThatCameAsABlockBecomesAnEvent() {
            Database db = database();
            Event a = put("a", "{}");
            Event b = put("b", "{}", a);
            db.replica().commit(new Commit(List.of(a.block(), b.block()), List.of(), PEER));
            assertThat(db.clock()).isEmpty();
            assertThat(commit(db, PEER, b).missing()).isEqualTo(cids(a));
            db = restarted(db);
            assertThat(commit(db, PEER, a).accepted()).isEqualTo(cids(a, b));
            assertThat(stored(db)).isEqualTo(cids(a, b));
            assertThat(restarted(db).clock()).isEqualTo(cids(b));
        }

        @Test
        void documentsOverTheLimitAreRefusedFromPeersToo() {
            Database db =
                    database(DatabaseOptions.builder().maxDocumentBytes(50).build());
            Event large = put("a", "{\"x\":\"" + "y".repeat(60) + "\"}");
            assertKind(ErrorKind.LIMIT_EXCEEDED, () -> commit(db, PEER, put("b", "{}"), large));
            assertThat(stored(db)).isEmpty();
        }

        /** Here, a session and all that it refers to; until the next commit, which may be never. */
        @Test
        void whoWasWokenAndHasEndedIsKnownToNobody() {
            Database db = database();
            WeakReference<Runnable> session = wokenOnce(db);
            await().until(() -> {
                System.gc();
                return session.get() == null;
            });
        }

        private WeakReference<Runnable> wokenOnce(Database db) {
            AtomicInteger woken = new AtomicInteger();
            Runnable session = woken::incrementAndGet;
            Subscription s = db.replica().onChange(session);
            db.put("a", "{}");
            await().until(() -> woken.get() == 1);
            s.close();
            return new WeakReference<>(session);
        }

        /** A thread less on the way of a put. By then it is durable, and nothing is locked: others read and write meanwhile. */
        @Test
        void whoeverPutsWakesOnItsOwnThreadAndLocksNobodyOut() throws Exception {
            Database db = database();
            AtomicReference<Thread> woken = new AtomicReference<>();
            AtomicReference<List<Cid>> seen = new AtomicReference<>();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            Subscription s = db.replica().onChange(() -> {
                if (woken.compareAndSet(null, Thread.currentThread())) {
                    seen.set(db.clock());
                    try {
                        CompletableFuture.runAsync(() -> commit(db, PEER, put("other", "{}")))
                                .get(30, TimeUnit.SECONDS);
                    } catch (Exception e) {
                        failure.set(e);
                    }
                }
            });
            db.put("a", "{}");
            assertThat(woken.get()).as("the thread, once put has returned").isSameAs(Thread.currentThread());
            assertThat(seen.get()).hasSize(1);
            assertThat(failure.get()).as("what others met meanwhile").isNull();
            assertThat(db.get("other")).isPresent();
            s.close();
        }

        @Test
        void wakeUpsComeAfterTheLatestCommit() {
            Database db = database();
            AtomicInteger woken = new AtomicInteger();
            AtomicReference<List<Cid>> seen = new AtomicReference<>();
            Subscription s = db.replica().onChange(() -> {
                seen.set(db.clock());
                woken.incrementAndGet();
            });
            for (int i = 0; i < 10; i++) {
                db.put("x" + i, "{}");
            }
            await().until(() -> db.clock().equals(seen.get()));
            assertThat(woken.get()).isBetween(1, 10);
            Event e = put("y", "{}");
            commit(db, PEER, e);
            await().until(() -> db.clock().equals(seen.get()));
            s.close();
        }

        @Test
        void walksEqualTheDefaultsOfTheContract() {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            Database db = database();
            try (Database history = Replicas.history(random, 60)) {
                db.replica().commit(new Commit(Replicas.nodes(history), events(history), PEER));
            }
            try (Snapshot s = db.replica().snapshot()) {
                Snapshot plain = new DefaultWalks(s);
                List<Cid> all = events(db).stream().map(Event::cid).toList();
                for (Cid e : all) {
                    assertThat(new HashSet<>(s.newNodes(e)))
                            .as("seed %d: new nodes of %s", seed, e)
                            .isEqualTo(new HashSet<>(plain.newNodes(e)));
                    List<Cid> frontier = new ArrayList<>(
                            db.clock().subList(0, random.nextInt(db.clock().size() + 1)));
                    frontier.add(e);
                    frontier.add(Cid.hash(Cid.DAG_CBOR, new byte[] {9}));
                    assertThat(s.eventsSince(frontier))
                            .toIterable()
                            .as("seed %d", seed)
                            .containsExactlyInAnyOrderElementsOf((Iterable<Cid>) () -> plain.eventsSince(frontier));
                    Cid other = all.get(random.nextInt(all.size()));
                    assertThat(s.isAncestor(e, other)).as("seed %d", seed).isEqualTo(plain.isAncestor(e, other));
                }
                assertThat(s.isAncestor(all.get(0), all.get(0))).isFalse();
            }
        }

        @Test
        void newNodesComeBeforeTheirParents() {
            Database db = database();
            for (int i = 0; i < 200; i++) {
                String id = "d" + i;
                db.write(b -> b.put(id, "{}").put(id + "x", "{}"));
            }
            Cid head = db.clock().get(0);
            try (Snapshot s = db.replica().snapshot()) {
                List<Block> nodes = s.newNodes(head);
                Event event = s.event(head);
                assertThat(nodes.get(nodes.size() - 1).cid()).isEqualTo(event.root());
                List<Block> tree = new ArrayList<>();
                s.tree(head).blocks().forEachRemaining(tree::add);
                assertThat(tree.get(0).cid()).isEqualTo(event.root());
                assertThat(tree).containsAll(nodes).doesNotHaveDuplicates();
                assertThat(nodes.size()).isLessThan(tree.size());
            }
            assertKind(
                    ErrorKind.NOT_FOUND, () -> db.replica().snapshot().newNodes(Cid.hash(Cid.DAG_CBOR, new byte[1])));
            assertKind(ErrorKind.NOT_FOUND, () -> db.replica().snapshot().tree(Cid.hash(Cid.DAG_CBOR, new byte[1])));
        }

        @Test
        void aTreeThatDidNotTravelIsMadeAgain() {
            Database author = database();
            for (int i = 0; i < 120; i++) {
                author.put("d" + i, Map.of("n", i));
            }
            author.delete("d7");
            Database db = database();
            commit(db, events(author));
            try (Snapshot theirs = author.replica().snapshot();
                    Snapshot ours = db.replica().snapshot()) {
                assertThat(ours.storedCids()).toIterable().hasSize(121);
                for (Event e : events(author)) {
                    assertThat(ours.tree(e.cid()).root())
                            .isEqualTo(theirs.tree(e.cid()).root());
                }
                Cid head = author.clock().get(0);
                assertThat(ours.tree(head).blocks()).toIterable().containsExactlyElementsOf((Iterable<Block>)
                        () -> theirs.tree(head).blocks());
            }
        }

        /** Equal histories and equal puts make equal events, and their root says whether the tree is right. */
        @Test
        void aLargeHistoryFromAPeerGetsItsTreeInParts() {
            Database author = Database.inMemory();
            author.write(b -> {
                for (int i = 0; i < 5_000; i++) {
                    b.put("d" + i * 7919 % 5_000, Map.of("n", i));
                }
            });
            author.put("large", Map.of("x", "y".repeat(9 << 20)));
            Database db = database();
            commit(db, events(author));
            for (int i = 0; i < 3; i++) {
                Map<String, Integer> fields = Map.of("i", i);
                assertThat(db.put("ours", fields)).isEqualTo(author.put("ours", fields));
                db = restarted(db);
            }
            commit(db, PEER, put("aside", "{}"));
            db.put("ours", "{}");
            try (Snapshot s = db.replica().snapshot()) {
                Cid head = db.clock().get(0);
                assertThat(s.missing(List.of(s.event(head).root()))).isEmpty();
                assertThat(s.tree(head).root()).isEqualTo(s.event(head).root());
                assertThat(s.tree(head).blocks())
                        .toIterable()
                        .allSatisfy(b -> assertThat(s.block(b.cid())).isNotNull());
            }
            assertThat(db.verify().problems()).isEmpty();
            author.close();
        }

        @Test
        void anAuthorsTreeCountsIfItIsWholeAndTellsTheTruth() {
            Database author = Database.inMemory();
            author.put("a", "{\"n\":1}");
            author.put("b", "{\"n\":2}");
            Event honest = events(author).get(1);
            // The same change under a tree that hides a document.
            Database liar = Database.inMemory();
            liar.put("b", "{\"n\":2}");
            Event lie = put(
                    "b", "{\"n\":2}", events(liar).get(0).root(), events(author).get(0));
            Database db = database();
            db.replica().commit(new Commit(Replicas.nodes(author), events(author), PEER));
            db.replica().commit(new Commit(Replicas.nodes(liar), List.of(lie), PEER));
            try (Snapshot s = db.replica().snapshot()) {
                assertThat(s.tree(honest.cid()).root()).isEqualTo(honest.root());
                assertThat(s.tree(lie.cid()).root()).isEqualTo(honest.root()).isNotEqualTo(lie.root());
            }
            author.close();
            liar.close();
        }

        /** The whole at once, and in pieces, out of order, with restarts: the same. */
        @Test
        void partialDeliveriesEndWhereTheWholeDoes() {
            long seed = System.nanoTime();
            Random random = new Random(seed);
            for (int round = 0; round < (inDirectory ? 10 : 40); round++) {
                String as = "seed " + seed + " round " + round;
                Database whole = Replicas.history(random, 30 + random.nextInt(60));
                List<Event> events = new ArrayList<>(events(whole));
                List<Block> nodes = new ArrayList<>(Replicas.nodes(whole));
                Database db = database();
                Cursor start = db.replica().snapshot().cursor();
                if (random.nextBoolean()) {
                    Collections.shuffle(events, random);
                } else {
                    Collections.reverse(events);
                }
                while (!events.isEmpty() || !nodes.isEmpty()) {
                    List<Event> some = take(events, random);
                    CommitResult result = db.replica().commit(new Commit(take(nodes, random), some, PEER));
                    assertThat(result.heads()).as(as).isEqualTo(db.clock());
                    assertThat(result.pending())
                            .as(as)
                            .isSubsetOf(some.stream().map(Event::cid).toList());
                    if (random.nextInt(8) == 0) {
                        db = restarted(db);
                    }
                }
                assertThat(db.clock()).as(as).isEqualTo(whole.clock());
                assertThat(documents(db)).as(as).isEqualTo(documents(whole));
                assertThat(db.summary()).as(as).isEqualTo(whole.summary());
                List<Cid> told = events(feed(db.replica(), start, 1 + random.nextInt(20)));
                assertThat(told).as(as).doesNotHaveDuplicates().hasSize((int)
                        db.summary().events());
                whole.close();
                db.close();
            }
        }

        private static <T> List<T> take(List<T> from, Random random) {
            List<T> part = from.subList(0, Math.min(from.size(), random.nextInt(6)));
            List<T> taken = List.copyOf(part);
            part.clear();
            return taken;
        }
    }
}
