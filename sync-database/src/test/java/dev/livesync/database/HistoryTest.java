package dev.livesync.database;

import static dev.livesync.database.Replicas.assertKind;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.database.versions.DocumentConflict;
import dev.livesync.database.versions.DocumentVersion;
import dev.livesync.database.versions.History;
import dev.livesync.database.versions.VersionState;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What can be read of a history: judged by what the database itself said when that was the present. */
class HistoryTest {
    private final List<Database> open = new ArrayList<>();
    private final Database here = database();

    private Database database() {
        Database database = Database.inMemory();
        open.add(database);
        return database;
    }

    @AfterEach
    void close() {
        open.forEach(Database::close);
    }

    private static List<Event> events(Database database) {
        try (var snapshot = database.replica().snapshot()) {
            return database.history()
                    .versions()
                    .map(version -> requireNonNull(snapshot.event(version.event())))
                    .toList();
        }
    }

    /** All events of one go to the other. */
    private static void sync(Database from, Database to) {
        List<Event> events = new ArrayList<>(events(from));
        Collections.reverse(events);
        events.removeIf(event -> to.history().version(event.cid()).isPresent());
        if (!events.isEmpty()) {
            Replicas.commit(to, Replicas.PEER, events.toArray(Event[]::new));
        }
    }

    private static Map<String, String> documents(Stream<Document> documents) {
        return documents.collect(Collectors.toMap(Document::id, Document::json, (a, b) -> a, TreeMap::new));
    }

    private static List<String> states(History history, String id) {
        return history.versions(id).map(version -> version.state().name()).toList();
    }

    /** Whatever was read while it was the present can be read when it is the past. */
    @Test
    void everyMomentCanBeReadAgain() {
        record Moment(List<Cid> clock, Map<String, String> documents) {}
        for (int seed = 0; seed < 60; seed++) {
            Random random = new Random(seed);
            List<Database> replicas = List.of(database(), database(), database());
            List<Moment> moments = new ArrayList<>();
            for (int step = 0; step < 40; step++) {
                Database one = replicas.get(random.nextInt(3));
                String id = "k" + random.nextInt(4);
                switch (random.nextInt(5)) {
                    case 0 -> sync(replicas.get(random.nextInt(3)), one);
                    case 1 -> one.get(id).ifPresent(document -> one.delete(id));
                    case 2 -> {
                        String content = "{\"batch\":" + step + "}";
                        one.write(batch -> batch.put(id, content).put("b" + random.nextInt(2), content));
                    }
                    default -> one.put(id, "{\"step\":" + step + "}");
                }
                moments.add(new Moment(one.clock(), documents(one.documents())));
            }
            Database last = replicas.get(0);
            sync(replicas.get(1), last);
            sync(replicas.get(2), last);
            for (Moment moment : moments) {
                assertThat(documents(last.documents(moment.clock())))
                        .as("seed %s", seed)
                        .isEqualTo(moment.documents());
                for (int k = 0; k < 4; k++) {
                    assertThat(last.get("k" + k, moment.clock()).map(Document::json))
                            .as("seed %s", seed)
                            .isEqualTo(Optional.ofNullable(moment.documents().get("k" + k)));
                }
            }
            assertThat(last.documents(List.of())).isEmpty();
            judgeStates(last, seed);
        }
    }

    /** The states of all versions say what the documents and the conflicts say. */
    private static void judgeStates(Database database, int seed) {
        History history = database.history();
        Map<Cid, VersionState> states =
                history.versions().collect(Collectors.toMap(DocumentVersion::event, DocumentVersion::state));
        Map<String, String> current = new TreeMap<>();
        history.versions()
                .filter(version -> version.state() == VersionState.CURRENT)
                .forEach(version -> version.json().ifPresent(json -> current.put(version.id(), json)));
        assertThat(current).as("seed %s", seed).isEqualTo(documents(database.documents()));
        List<Cid> losers = history.conflicts()
                .flatMap(conflict -> conflict.versions().stream().skip(1))
                .map(DocumentVersion::event)
                .toList();
        states.forEach((event, state) ->
                assertThat(losers.contains(event)).as("seed %s", seed).isEqualTo(state == VersionState.CONFLICTING));
        history.versions().forEach(version -> {
            assertThat(history.version(version.event())).contains(version);
            assertThat(history.versions(version.id())).contains(version);
        });
    }

    private Database conflicting() {
        here.put("doc", "{\"text\":\"base\"}");
        Database there = database();
        sync(here, there);
        here.put("doc", "{\"text\":\"here\"}");
        there.put("doc", "{\"text\":\"there\"}");
        sync(there, here);
        return there;
    }

    @Test
    void aConflictIsReadAndSettledByAWrite() {
        conflicting();
        DocumentConflict conflict = here.history().conflict("doc").orElseThrow();
        assertThat(here.history().conflicts()).containsExactly(conflict);
        assertThat(conflict.id()).isEqualTo("doc");
        assertThat(conflict.weights()).containsExactly(0L, 0L);
        assertThat(conflict.versions())
                .extracting(DocumentVersion::state)
                .containsExactly(VersionState.CURRENT, VersionState.CONFLICTING);
        assertThat(conflict.versions().get(0).value()).isEqualTo(here.get("doc").map(Document::value));
        assertThat(states(here.history(), "doc")).containsExactlyInAnyOrder("CURRENT", "CONFLICTING", "OVERWRITTEN");
        DocumentVersion lost = conflict.versions().get(1);
        here.settle(lost);
        assertThat(here.get("doc").map(Document::value)).isEqualTo(lost.value());
        assertThat(here.history().conflict("doc")).isEmpty();
        assertThat(here.history().conflicts()).isEmpty();
        assertThat(states(here.history(), "doc"))
                .containsExactly("CURRENT", "OVERWRITTEN", "OVERWRITTEN", "OVERWRITTEN");
    }

    /** What was read as the loser isn't written over what somebody has written since. */
    @Test
    void whoSettlesAConflictThatHasMovedOnIsTold() {
        conflicting();
        DocumentVersion lost =
                here.history().conflict("doc").orElseThrow().versions().get(1);
        here.put("doc", "{\"text\":\"meanwhile\"}");
        assertKind(ErrorKind.CONFLICT, () -> here.settle(lost));
    }

    @Test
    void aDeletionThatLostOrWonIsToldToo() {
        for (int i = 0; i < 20; i++) {
            Database one = database();
            Database other = database();
            one.put("doc", "{\"i\":" + i + "}");
            sync(one, other);
            one.delete("doc");
            other.put("doc", "{\"edited\":" + i + "}");
            sync(one, other);
            DocumentConflict conflict = other.history().conflict("doc").orElseThrow();
            assertThat(conflict.versions())
                    .extracting(DocumentVersion::isDeletion)
                    .containsExactlyInAnyOrder(true, false);
            assertThat(conflict.versions().get(0).isDeletion())
                    .isEqualTo(other.get("doc").isEmpty());
            // Nothing is lost by a deletion that won.
            assertThat(conflict.versions().stream().flatMap(version -> version.json().stream()))
                    .containsExactly("{\"edited\":" + i + "}");
        }
    }

    /** Also by the deletion that holds already, and for whoever gets to know of that. */
    @Test
    void aConflictIsSettledByAnyOfItsVersions() {
        for (int i = 0; i < 20; i++) {
            for (int place = 0; place < 2; place++) {
                Database one = database();
                Database other = database();
                one.put("doc", "{\"i\":" + i + "}");
                sync(one, other);
                one.delete("doc");
                other.put("doc", "{\"edited\":" + i + "}");
                sync(one, other);
                DocumentVersion chosen =
                        other.history().conflict("doc").orElseThrow().versions().get(place);
                other.settle(chosen);
                sync(other, one);
                for (Database each : List.of(one, other)) {
                    assertThat(each.history().conflicts()).isEmpty();
                    assertThat(each.get("doc").isEmpty()).isEqualTo(chosen.isDeletion());
                    assertThat(each.verify().ok()).isTrue();
                }
                if (chosen.isDeletion()) {
                    assertKind(ErrorKind.CONFLICT, () -> other.settle(chosen));
                    DocumentVersion again =
                            other.history().versions("doc").findFirst().orElseThrow();
                    assertKind(ErrorKind.NOT_FOUND, () -> other.settle(again));
                }
            }
        }
    }

    @Test
    void anUndoIsANewWrite() {
        Cid first = here.put("doc", "{\"n\":1}");
        Cid second = here.put("doc", "{\"n\":2}");
        assertKind(ErrorKind.CONFLICT, () -> here.revert(first));
        Cid undone = here.revert(second);
        assertThat(here.get("doc").orElseThrow().json()).isEqualTo("{\"n\":1}");
        here.revert(undone);
        assertThat(here.get("doc").orElseThrow().json()).isEqualTo("{\"n\":2}");
        Cid deleted = here.delete("doc");
        here.revert(deleted);
        assertThat(here.get("doc").orElseThrow().json()).isEqualTo("{\"n\":2}");
        assertThat(here.summary().events()).isEqualTo(6);
        Cid created = here.put("new", "{}");
        here.revert(created);
        assertThat(here.get("new")).isEmpty();
        assertKind(ErrorKind.NOT_FOUND, () -> here.revert(Cid.hash(Cid.DAG_CBOR, new byte[1])));
    }

    @Test
    void anUndoOfWhatAPeerHasChangedTooIsRefused() {
        Database there = conflicting();
        Cid mine = here.history()
                .versions("doc")
                .filter(version -> there.history().version(version.event()).isEmpty())
                .findFirst()
                .orElseThrow()
                .event();
        assertKind(ErrorKind.CONFLICT, () -> here.revert(mine));
    }

    @Test
    void aHistoryStaysAsItWasWhenItWasTaken() {
        here.put("doc", "{\"n\":1}");
        History history = here.history();
        here.put("doc", "{\"n\":2}");
        here.put("other", "{}");
        assertThat(history.versions()).hasSize(1);
        assertThat(history.versions("other")).isEmpty();
        assertThat(states(history, "doc")).containsExactly("CURRENT");
        assertThat(here.documents(history.clock())).extracting(Document::id).containsExactly("doc");
        Cid newest = here.clock().get(0);
        assertKind(ErrorKind.NOT_FOUND, () -> here.get("doc", List.of(Cid.hash(Cid.DAG_CBOR, new byte[1]))));
        assertThat(history.version(newest)).isEmpty();
        assertThat(history.versions("never")).isEmpty();
        here.close();
        assertKind(
                ErrorKind.CLOSED,
                () -> history.versions("doc").findFirst().orElseThrow().value());
    }
}
