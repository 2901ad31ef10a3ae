package dev.livesync.database;

import static dev.livesync.database.Replicas.assertKind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Subscription;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What watchers are told, judged by what the database says. */
class WatchTest {
    private final List<Database> open = new ArrayList<>();
    private final Database here = database();

    @TempDir
    private Path directory;

    private Database database() {
        Database database = Database.inMemory();
        open.add(database);
        return database;
    }

    /** Looks often: most of what is waited for is there at once. */
    private static ConditionFactory await() {
        return Awaitility.await().pollDelay(Duration.ZERO).pollInterval(Duration.ofMillis(1));
    }

    @AfterEach
    void close() {
        open.forEach(Database::close);
    }

    /** What has been told, and the documents that whoever applied it would have. */
    private static final class Told {
        final List<ChangesSince> calls = new CopyOnWriteArrayList<>();

        void hear(ChangesSince changes) {
            calls.add(changes);
        }

        List<DocumentChange> changes() {
            return calls.stream().flatMap(call -> call.changes().stream()).toList();
        }

        DocumentChange only() {
            await().until(() -> !calls.isEmpty());
            assertThat(changes()).hasSize(1);
            return changes().get(0);
        }

        /** Applies it all, and finds each document as the change says it was before. */
        Map<String, String> applied(Map<String, String> begin, String seed) {
            Map<String, String> documents = new TreeMap<>(begin);
            for (DocumentChange change : changes()) {
                assertThat(change.before().map(Document::json))
                        .as("%s, before %s", seed, change)
                        .isEqualTo(Optional.ofNullable(documents.get(change.id())));
                change.document()
                        .ifPresentOrElse(d -> documents.put(d.id(), d.json()), () -> documents.remove(change.id()));
            }
            return documents;
        }
    }

    private void awaitClock(Told told, Database database) {
        await().until(() -> !told.calls.isEmpty()
                && told.calls.get(told.calls.size() - 1).clock().equals(database.clock()));
    }

    @Test
    void aPutAndADeleteAreToldWithWhatWasBefore() {
        Told told = new Told();
        here.watch(told::hear);
        here.put("a", "{\"n\":1}");
        here.put("a", "{\"n\":2}");
        here.delete("a");
        awaitClock(told, here);
        assertThat(told.calls).hasSize(3);
        assertThat(told.changes())
                .extracting(
                        DocumentChange::id,
                        change -> change.before().map(Document::json).orElse("-"),
                        change -> change.document().map(Document::json).orElse("-"),
                        DocumentChange::isLocal,
                        DocumentChange::isConflict,
                        DocumentChange::isSettled)
                .containsExactly(
                        tuple("a", "-", "{\"n\":1}", true, false, false),
                        tuple("a", "{\"n\":1}", "{\"n\":2}", true, false, false),
                        tuple("a", "{\"n\":2}", "-", true, false, false));
        assertThat(told.changes()).extracting(DocumentChange::peer).containsOnly(Optional.empty());
    }

    @Test
    void aBatchIsOneCall() {
        here.put("gone", "{}");
        Told told = new Told();
        here.watch(told::hear);
        here.write(batch -> batch.put("b", "{}").put("a", "{}").delete("gone"));
        awaitClock(told, here);
        assertThat(told.calls).hasSize(1);
        assertThat(told.changes()).extracting(DocumentChange::id).containsExactly("a", "b", "gone");
    }

    @Test
    void aPeersChangeNamesThePeer() {
        Told told = new Told();
        here.watch(told::hear);
        Replicas.commit(here, Replicas.OTHER, Replicas.put("a", "{}"));
        assertThat(told.only().isLocal()).isFalse();
        assertThat(told.only().peer()).contains("peer-2");
    }

    @Test
    void aFilesChangeIsNobodys() {
        Told told = new Told();
        here.watch(told::hear);
        Replicas.commit(here, Origin.LOCAL, Replicas.put("a", "{}"));
        assertThat(told.only().isLocal()).isFalse();
        assertThat(told.only().peer()).isEmpty();
    }

    /** Two versions of which one is greater by its CID: that one wins. */
    private static List<Event> versions(Event base) {
        return IntStream.of(1, 2)
                .mapToObj(n -> Replicas.put("a", "{\"n\":" + n + "}", base))
                .sorted((a, b) -> a.cid().compareTo(b.cid()))
                .toList();
    }

    @Test
    void aConflictIsToldWhenItsOtherVersionWinsAndWhenItIsSettled() {
        Event base = Replicas.put("a", "{}");
        List<Event> versions = versions(base);
        Replicas.commit(here, Replicas.PEER, base, versions.get(0));
        Told told = new Told();
        here.watch(told::hear);
        Replicas.commit(here, Replicas.PEER, versions.get(1));
        here.put("a", "{\"settled\":true}");
        awaitClock(told, here);
        assertThat(told.changes()).hasSize(2);
        assertThat(told.changes().get(0).isConflict()).isTrue();
        assertThat(told.changes().get(0).isSettled()).isFalse();
        assertThat(told.changes().get(1).isConflict()).isFalse();
        assertThat(told.changes().get(1).isSettled()).isTrue();
    }

    @Test
    void aVersionThatLosesAtOnceIsNoChange() {
        Event base = Replicas.put("a", "{}");
        List<Event> versions = versions(base);
        Replicas.commit(here, Replicas.PEER, base, versions.get(1));
        Told told = new Told();
        here.watch(told::hear);
        Replicas.commit(here, Replicas.PEER, versions.get(0));
        assertThat(here.history().conflicts()).hasSize(1);
        here.put("b", "{}");
        awaitClock(told, here);
        assertThat(told.changes()).extracting(DocumentChange::id).containsExactly("b");
    }

    @Test
    void anEventThatWaitsIsToldWhenItsAncestorComes() {
        Told told = new Told();
        here.watch(told::hear);
        Event first = Replicas.put("a", "{}");
        Replicas.commit(here, Replicas.OTHER, Replicas.put("b", "{}", first));
        here.put("c", "{}");
        Replicas.commit(here, Replicas.PEER, first);
        awaitClock(told, here);
        assertThat(told.calls).hasSize(2);
        assertThat(told.calls.get(1).changes()).extracting(DocumentChange::id).containsExactly("a", "b");
    }

    @Test
    void aSlowWatcherMissesNothingAndKeepsLittle() throws InterruptedException {
        Told told = new Told();
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        here.watch(changes -> {
            busy.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            told.hear(changes);
        });
        here.put("first", "{}");
        busy.await();
        for (int i = 0; i < 300; i++) {
            here.put("d" + i % 10, "{\"n\":" + i + "}");
        }
        here.put("fleeting", "{}");
        here.delete("fleeting");
        go.countDown();
        awaitClock(told, here);
        assertThat(told.calls).hasSizeLessThan(100);
        assertThat(told.changes()).extracting(DocumentChange::id).doesNotContain("fleeting");
        assertThat(told.applied(Map.of(), "slow")).isEqualTo(Replicas.documents(here));
    }

    @Test
    void aWatcherThatThrowsIsCalledAgainAndOneThatEndsIsNot() {
        List<String> heard = new CopyOnWriteArrayList<>();
        here.watch(changes -> {
            heard.add(changes.changes().get(0).id());
            throw new IllegalStateException("a watcher's own problem");
        });
        Told ended = new Told();
        Subscription subscription = here.watch(ended::hear);
        here.put("a", "{}");
        await().until(() -> heard.size() == 1);
        subscription.close();
        subscription.close();
        here.put("b", "{}");
        await().until(() -> heard.size() == 2);
        assertThat(ended.changes()).extracting(DocumentChange::id).doesNotContain("b");
    }

    @Test
    void aWatcherGoesOnFromAClockAfterReopening() {
        Told told = new Told();
        List<Cid> clock;
        Map<String, String> seen;
        try (Database first = Database.open(directory)) {
            first.put("a", "{\"n\":1}");
            first.put("b", "{}");
            clock = first.clock();
            seen = Replicas.documents(first);
            first.put("a", "{\"n\":2}");
            first.delete("b");
            Replicas.commit(first, Replicas.PEER, Replicas.put("c", "{}"));
        }
        try (Database second = Database.open(directory)) {
            Told news = new Told();
            second.watch(news::hear);
            second.watch(clock, told::hear);
            awaitClock(told, second);
            second.put("d", "{}");
            awaitClock(told, second);
            awaitClock(news, second);
            assertThat(news.changes()).extracting(DocumentChange::id).containsExactly("d");
            assertThat(told.calls).hasSize(2);
            assertThat(told.changes()).extracting(DocumentChange::isLocal).containsExactly(true, true, false, true);
            assertThat(told.applied(seen, "reopened")).isEqualTo(Replicas.documents(second));
        }
        assertKind(ErrorKind.CLOSED, () -> told.changes().get(0).before());
    }

    @Test
    void nothingIsToldOfWhatWasSeenAndNothingAfterClosing() {
        here.put("a", "{}");
        Told told = new Told();
        here.watch(here.clock(), told::hear);
        here.put("b", "{}");
        awaitClock(told, here);
        assertThat(told.changes()).extracting(DocumentChange::id).containsExactly("b");
        here.close();
        assertKind(ErrorKind.CLOSED, () -> here.watch(told::hear));
    }

    /** Whatever happens on three replicas: who applies what he is told has the documents, at every clock that he is told. */
    @Test
    void whatIsToldLeadsFromEachClockToTheNext() {
        for (int seed = 0; seed < 15; seed++) {
            Random random = new Random(seed);
            List<Database> replicas = List.of(database(), database(), database());
            List<Told> told = new ArrayList<>();
            List<Map<String, String>> begin = new ArrayList<>();
            List<List<Cid>> clocks = new ArrayList<>();
            for (int step = 0; step < 40; step++) {
                Database one = replicas.get(random.nextInt(3));
                String id = "k" + random.nextInt(4);
                switch (random.nextInt(6)) {
                    case 0, 1 -> sync(replicas.get(random.nextInt(3)), one);
                    case 2 -> one.get(id).ifPresent(document -> one.delete(id));
                    case 3 -> {
                        String content = "{\"batch\":" + step + "}";
                        one.write(batch -> batch.put(id, content).put("b" + random.nextInt(2), content));
                    }
                    default -> one.put(id, "{\"step\":" + step + "}");
                }
                if (step == 10) {
                    for (Database replica : replicas) {
                        Told to = new Told();
                        told.add(to);
                        begin.add(Replicas.documents(replica));
                        clocks.add(replica.clock());
                        replica.watch(to::hear);
                    }
                }
            }
            for (int i = 0; i < 3; i++) {
                Database replica = replicas.get(i);
                replica.put("last", "{}");
                awaitClock(told.get(i), replica);
                String name = "seed " + seed + ", replica " + i;
                judge(told.get(i), replica, begin.get(i), name);
                assertThat(told.get(i).applied(begin.get(i), name)).as(name).isEqualTo(Replicas.documents(replica));
                Told since = new Told();
                replica.watch(clocks.get(i), since::hear);
                awaitClock(since, replica);
                assertThat(since.applied(begin.get(i), name)).as(name).isEqualTo(Replicas.documents(replica));
            }
            replicas.forEach(Database::close);
        }
    }

    /** After each call, the documents are those of its clock, and conflicts are what the history says at the end. */
    private static void judge(Told told, Database replica, Map<String, String> begin, String name) {
        Told some = new Told();
        Map<String, DocumentChange> last = new TreeMap<>();
        for (ChangesSince call : told.calls) {
            some.hear(call);
            Map<String, String> documents = new TreeMap<>();
            replica.documents(call.clock()).forEach(d -> documents.put(d.id(), d.json()));
            assertThat(some.applied(begin, name)).as(name).isEqualTo(documents);
            call.changes().forEach(change -> last.put(change.id(), change));
        }
        DocumentChange end = last.get("last");
        assertThat(end).isNotNull();
        assertThat(end.isLocal()).isTrue();
    }

    private static void sync(Database from, Database to) {
        List<Event> news = new ArrayList<>(Replicas.events(from));
        news.removeIf(event -> to.history().version(event.cid()).isPresent());
        if (!news.isEmpty()) {
            Replicas.commit(to, Replicas.PEER, news.toArray(Event[]::new));
        }
    }
}
