package dev.livesync.database;

import static dev.livesync.database.Replicas.assertKind;
import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Value;
import dev.livesync.database.versions.ConflictResolver;
import dev.livesync.database.versions.ConflictVersion;
import dev.livesync.database.versions.DocumentConflict;
import dev.livesync.database.versions.DocumentVersion;
import dev.livesync.database.versions.Resolution;
import dev.livesync.database.versions.Settler;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** An application's rule for conflicts, at several replicas at once, in any order of delivery. */
class ConflictResolverTest {
    private final List<Database> open = new ArrayList<>();

    /** All that people wrote, each sorted; a deletion counts for nothing beside a put. */
    private static final ConflictResolver UNION = (id, versions) -> {
        Set<String> texts = new TreeSet<>();
        for (ConflictVersion version : versions) {
            version.value().ifPresent(value -> texts.addAll(texts(value)));
        }
        return texts.isEmpty() ? Resolution.delete() : Resolution.put(Map.of("texts", List.copyOf(texts)));
    };

    /** One of the versions as it is. */
    private static final ConflictResolver GREATEST = (id, versions) -> Resolution.take(versions.stream()
            .max(Comparator.comparing(version -> version.json().orElse("")))
            .orElseThrow());

    private static List<String> texts(Value.Mapping value) {
        return ((Value.Sequence) requireNonNull(value.entries().get("texts")))
                .items().stream().map(text -> ((Value.Text) text).value()).toList();
    }

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
            List<Event> events = new ArrayList<>(database.history()
                    .versions()
                    .map(version -> requireNonNull(snapshot.event(version.event())))
                    .toList());
            Collections.reverse(events);
            return events;
        }
    }

    private static void tell(List<Event> events, Database to) {
        List<Event> news = new ArrayList<>(events);
        try (var snapshot = to.replica().snapshot()) {
            news.removeIf(event -> snapshot.event(event.cid()) != null);
        }
        if (!news.isEmpty()) {
            Replicas.commit(to, Replicas.PEER, news.toArray(Event[]::new));
        }
    }

    private static void sync(Database from, Database to) {
        tell(events(from), to);
    }

    private static Map<String, String> documents(Database database) {
        return database.documents().collect(Collectors.toMap(Document::id, Document::json, (a, b) -> a, TreeMap::new));
    }

    private static long count(Database database) {
        return database.summary().events();
    }

    /** What people wrote in one history, and which of it nobody who wrote the document knew of. */
    private static final class People {
        private final Map<Cid, String> written = new HashMap<>();
        private int number;

        void put(Database database, String id) {
            written.put(database.put(id, "{\"texts\":[\"t" + number++ + "\"]}"), id);
        }

        void delete(Database database, String id) {
            if (database.get(id).isPresent()) {
                written.put(database.delete(id), id);
            }
        }

        void batch(Database database) {
            written.put(
                    database.write(batch -> batch.put("a", "{\"texts\":[\"t" + number++ + "\"]}")
                                    .put("b", "{\"texts\":[\"t" + number++ + "\"]}"))
                            .events()
                            .get(0),
                    "a");
            List<Event> all = events(database);
            Event last = all.get(all.size() - 1);
            written.put(last.cid(), last.key().substring(1));
        }

        /** The definition, from the parents alone. */
        Map<String, List<Event>> unsettled(Collection<Event> events) {
            Map<Cid, Set<Cid>> ancestors = new HashMap<>();
            Map<String, List<Event>> byId = new TreeMap<>();
            for (Event event : events) {
                Set<Cid> mine = new HashSet<>(event.parents());
                event.parents().forEach(parent -> mine.addAll(requireNonNull(ancestors.get(parent))));
                ancestors.put(event.cid(), mine);
                String id = written.get(event.cid());
                if (id != null) {
                    List<Event> newest = byId.computeIfAbsent(id, none -> new ArrayList<>());
                    newest.removeIf(older -> mine.contains(older.cid()));
                    newest.add(event);
                }
            }
            return byId;
        }
    }

    private static Optional<String> union(List<Event> versions) {
        Set<String> texts = versions.stream()
                .filter(event -> event.type() == Event.Type.PUT)
                .flatMap(event -> texts((Value.Mapping) event.value()).stream())
                .collect(Collectors.toCollection(TreeSet::new));
        return texts.isEmpty()
                ? Optional.empty()
                : Optional.of(texts.stream().collect(Collectors.joining("\",\"", "{\"texts\":[\"", "\"]}")));
    }

    private static Optional<String> greatest(List<Event> versions) {
        return versions.stream()
                .map(event ->
                        event.type() == Event.Type.PUT ? union(List.of(event)).orElseThrow() : "")
                .max(Comparator.naturalOrder())
                .filter(json -> !json.isEmpty());
    }

    @Test
    void replicasAgreeOnWhatTheRuleSaysOfWhatPeopleWrote() {
        histories(0, 25);
    }

    @Tag("soak")
    @Test
    void replicasAgreeInAThousandHistories() {
        histories(0, 1_000);
    }

    private void histories(int from, int to) {
        int conflicts = 0;
        int rounds = 0;
        for (int seed = from; seed < to; seed++) {
            Random random = new Random(seed);
            boolean union = random.nextBoolean();
            ConflictResolver rule = union ? UNION : GREATEST;
            int replicas = 2 + random.nextInt(3);
            List<Database> all = new ArrayList<>();
            Map<Database, Settler> settlers = new LinkedHashMap<>();
            for (int i = 0; i < replicas; i++) {
                all.add(database());
                settlers.put(all.get(i), all.get(i).settler(rule));
            }
            // The last has no rule, and takes what the others write: as an alpha does.
            int ruled = replicas > 2 && random.nextBoolean() ? replicas - 1 : replicas;
            People people = new People();
            for (int step = 0; step < 30; step++) {
                Database one = all.get(random.nextInt(replicas));
                String id = random.nextBoolean() ? "a" : "b";
                switch (random.nextInt(9)) {
                    case 0, 1, 2 -> sync(all.get(random.nextInt(replicas)), one);
                    case 3 -> people.delete(one, id);
                    case 4 -> people.batch(one);
                    case 5, 6 -> run(all.get(random.nextInt(ruled)), rule, settlers, random.nextInt(3) == 0);
                    default -> people.put(one, id);
                }
            }
            rounds = Math.max(rounds, untilNothingIsWritten(all.subList(0, ruled), all, rule, settlers, seed));
            Map<String, String> expected = new TreeMap<>();
            for (var entry : people.unsettled(events(all.get(0))).entrySet()) {
                List<Event> versions = entry.getValue();
                conflicts += versions.size() > 1 ? 1 : 0;
                (union ? union(versions) : greatest(versions)).ifPresent(json -> expected.put(entry.getKey(), json));
            }
            for (Database database : all) {
                assertThat(documents(database)).as("seed %s", seed).isEqualTo(expected);
                for (DocumentConflict conflict : database.history().conflicts().toList()) {
                    List<DocumentVersion> versions = conflict.versions();
                    DocumentVersion lost = versions.get(random.nextInt(versions.size() - 1) + 1);
                    database.settle(lost);
                    assertThat(database.get(conflict.id()).map(Document::json))
                            .as("seed %s", seed)
                            .isEqualTo(lost.json());
                }
                assertThat(database.history().conflicts()).as("seed %s", seed).isEmpty();
            }
            close();
            open.clear();
        }
        System.out.println(to - from + " histories, " + conflicts + " conflicts, at most " + rounds + " rounds");
        assertThat(conflicts).isGreaterThan((to - from) / 3);
    }

    /** Goes on, or begins as if the process had been started again. */
    private static void run(Database database, ConflictResolver rule, Map<Database, Settler> settlers, boolean anew) {
        if (anew) {
            settlers.put(database, database.settler(rule));
        }
        requireNonNull(settlers.get(database)).run();
    }

    /** All at once, each with what the others had written before: the worst that can happen. */
    private static int untilNothingIsWritten(
            List<Database> ruled,
            List<Database> all,
            ConflictResolver rule,
            Map<Database, Settler> settlers,
            int seed) {
        for (int round = 1; round < 12; round++) {
            long before = all.stream().mapToLong(ConflictResolverTest::count).sum();
            for (Database database : ruled) {
                run(database, rule, settlers, false);
            }
            List<List<Event>> told =
                    all.stream().map(ConflictResolverTest::events).toList();
            for (int i = 0; i < all.size(); i++) {
                Database next = all.get((i + 1) % all.size());
                tell(told.get(i), next);
            }
            if (all.stream().mapToLong(ConflictResolverTest::count).sum() == before) {
                return round;
            }
        }
        throw new AssertionError("seed " + seed + ": still something to settle after 12 rounds");
    }

    private Database conflicting(Database here) {
        here.put("a", "{\"texts\":[\"base\"]}");
        Database there = database();
        sync(here, there);
        here.put("a", "{\"texts\":[\"here\"]}");
        there.put("a", "{\"texts\":[\"there\"]}");
        sync(here, there);
        sync(there, here);
        return there;
    }

    @Test
    void replicasThatSettleAtOnceWriteTheSameEvent() {
        Database here = database();
        Database there = conflicting(here);
        Settler settler = here.settler(UNION);
        assertThat(settler.run()).isOne();
        assertThat(there.settler(UNION).run()).isOne();
        assertThat(here.clock()).isEqualTo(there.clock()).hasSize(1);
        assertThat(here.history().conflicts()).isEmpty();
        assertThat(here.get("a").orElseThrow().json()).isEqualTo("{\"texts\":[\"here\",\"there\"]}");
        long count = count(here);
        assertThat(settler.run()).isZero();
        assertThat(here.settler(UNION).run()).isZero();
        assertThat(count(here)).isEqualTo(count);
    }

    @Test
    void whatPeopleWriteInsteadOfTheRuleCounts() {
        Database here = database();
        Database there = conflicting(here);
        here.settler(UNION).run();
        there.put("a", "{\"texts\":[\"mine\"]}");
        sync(there, here);
        here.settler(UNION).run();
        assertThat(here.get("a").orElseThrow().json()).isEqualTo("{\"texts\":[\"mine\"]}");
    }

    @Test
    void aRuleMayDeleteOrLeaveIt() {
        Database here = database();
        conflicting(here);
        long count = count(here);
        here.settler((id, versions) -> Resolution.undecided()).run();
        assertThat(count(here)).isEqualTo(count);
        assertThat(here.history().conflicts()).hasSize(1);
        here.settler((id, versions) -> Resolution.delete()).run();
        assertThat(here.get("a")).isEmpty();
        assertThat(here.history().conflicts()).isEmpty();
    }

    @Test
    void aRuleThatSaysTwoThingsIsRefusedAndNothingIsWritten() {
        Database here = database();
        conflicting(here);
        here.put("b", "{\"texts\":[\"b\"]}");
        long count = count(here);
        AtomicInteger calls = new AtomicInteger();
        List<ConflictResolver> impure = List.of(
                (id, versions) -> Resolution.take(versions.get(0)),
                (id, versions) -> Resolution.put("{\"n\":" + calls.incrementAndGet() + "}"),
                (id, versions) -> calls.incrementAndGet() % 2 == 0 ? Resolution.delete() : Resolution.undecided());
        for (ConflictResolver resolver : impure) {
            assertKind(ErrorKind.INVALID_ARGUMENT, () -> here.settler(resolver).run())
                    .hasMessageContaining("the resolver said two things of the same 2 versions of document \"a\"");
        }
        List<ConflictVersion> kept = new ArrayList<>();
        here.settler((id, versions) -> {
                    kept.addAll(versions);
                    return Resolution.undecided();
                })
                .run();
        assertKind(
                ErrorKind.INVALID_ARGUMENT,
                () -> here.settler((id, versions) -> Resolution.take(kept.get(0)))
                        .run());
        assertKind(
                ErrorKind.MALFORMED,
                () -> here.settler((id, versions) -> Resolution.put("{")).run());
        assertThat(count(here)).isEqualTo(count);
    }

    /** Two rules: what one of them says holds, at both, and they come to rest. */
    @Test
    void replicasWithDifferentRulesAgree() {
        for (boolean first : new boolean[] {true, false}) {
            Database here = database();
            Database there = conflicting(here);
            for (int round = 0; round < 6; round++) {
                here.settler(first ? UNION : GREATEST).run();
                there.settler(first ? GREATEST : UNION).run();
                sync(here, there);
                sync(there, here);
            }
            long count = count(here);
            here.settler(first ? UNION : GREATEST).run();
            there.settler(first ? GREATEST : UNION).run();
            assertThat(count(here) + count(there)).isEqualTo(2 * count);
            assertThat(documents(here)).isEqualTo(documents(there));
        }
    }

    @Test
    void aLongRowOfSettlementsIsRead() {
        Database here = database();
        conflicting(here);
        here.settler(UNION).run();
        List<Event> all = events(here);
        Event settlement = all.get(all.size() - 1);
        List<Event> row = new ArrayList<>();
        List<Cid> pair = settlement.parents();
        for (int i = 0; i < 600; i++) {
            // Two of the same content on what came before: neither knows of the other.
            Event one = dev.livesync.car.Events.put(
                    settlement.key(), dev.livesync.car.Events.encodedValue(settlement), settlement.root(), pair);
            Event other = dev.livesync.car.Events.put(
                    settlement.key(),
                    dev.livesync.car.Events.encodedValue(settlement),
                    all.get(0).root(),
                    pair);
            row.add(one);
            row.add(other);
            pair = List.of(one.cid(), other.cid());
        }
        Database there = database();
        Replicas.commit(there, Replicas.PEER, all.toArray(Event[]::new));
        Replicas.commit(there, Replicas.PEER, row.toArray(Event[]::new));
        long count = count(there);
        there.settler(UNION).run();
        assertThat(count(there)).as("all say the same").isEqualTo(count);
        there.settler((id, versions) -> Resolution.put("{\"texts\":[\"another rule\"]}"))
                .run();
        assertThat(there.get("a").orElseThrow().json()).isEqualTo("{\"texts\":[\"another rule\"]}");
    }
}
