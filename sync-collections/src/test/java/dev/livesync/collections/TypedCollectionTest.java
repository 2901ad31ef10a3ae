package dev.livesync.collections;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.query.Condition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Documents as records. */
class TypedCollectionTest {
    record Place(String city, int floor) {}

    record Chore(String text, boolean done, List<String> tags, Place place) {
        Chore {
            if (text != null && text.isBlank()) {
                throw new IllegalArgumentException("a chore has a text");
            }
        }

        static Chore of(String text) {
            return new Chore(text, false, List.of(), new Place("Berlin", 2));
        }

        Chore withText(String other) {
            return new Chore(other, done, tags, place);
        }
    }

    record Count(int n) {}

    private final Database database = Database.inMemory();
    private final TypedCollection<Chore> chores = TypedCollection.of(database, "chores", Chore.class);

    @AfterEach
    void close() {
        database.close();
    }

    private static void refused(ErrorKind kind, String words, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(words);
    }

    @Test
    void aRecordIsADocumentAndBack() {
        Chore chore = new Chore("Sweep", true, List.of("a", "b"), new Place("Bern", 3));
        chores.put("7", chore);
        assertThat(chores.get("7")).contains(chore);
        assertThat(database.get("chores/7").orElseThrow().toMap())
                .isEqualTo(Map.of(
                        "text",
                        "Sweep",
                        "done",
                        true,
                        "tags",
                        List.of("a", "b"),
                        "place",
                        Map.of("city", "Bern", "floor", 3L)));
        chores.delete("7");
        assertThat(chores.get("7")).isEmpty();
        refused(ErrorKind.NOT_FOUND, "chores/7", () -> chores.delete("7"));
        refused(ErrorKind.NOT_FOUND, "chores/7", () -> chores.update("7", c -> c));
    }

    @Test
    void aCollectionHasItsOwnDocumentsOnly() {
        chores.put("b", Chore.of("B"));
        chores.put("a", Chore.of("A"));
        database.put("chores", "{\"n\":1}");
        database.put("choresx/1", "{\"n\":1}");
        assertThat(chores.documents()).extracting(TypedDocument::key).containsExactly("a", "b");
        assertThat(chores.find(chores.query().where("/text", Condition.equalTo("B"))))
                .extracting(TypedDocument::value)
                .containsExactly(Chore.of("B"));
        Document other = database.get("chores").orElseThrow();
        refused(ErrorKind.INVALID_ARGUMENT, "isn't of the collection", () -> chores.typed(other));
        refused(ErrorKind.INVALID_ARGUMENT, "slash", () -> TypedCollection.of(database, "a/b", Count.class));
        refused(ErrorKind.INVALID_ARGUMENT, "empty", () -> TypedCollection.of(database, "", Count.class));
    }

    @Test
    void whatDoesNotFitIsToldByFieldAndHidesNothing() {
        chores.put("good", Chore.of("Good"));
        database.put("chores/bad", "{\"text\":\"T\",\"place\":{\"city\":\"Rome\",\"floor\":\"upstairs\"}}");
        database.put("chores/blank", "{\"text\":\" \"}");
        database.put("chores/list", "{\"text\":\"T\",\"tags\":[\"x\",{}]}");
        Map<String, List<String>> problems = new TreeMap<>();
        chores.documents()
                .forEach(chore -> problems.put(
                        chore.key(),
                        chore.problems().stream().map(FieldProblem::toString).toList()));
        assertThat(problems)
                .isEqualTo(Map.of(
                        "good", List.of(),
                        "bad", List.of("/place/floor: it doesn't fit the type"),
                        "blank", List.of("the document: a chore has a text"),
                        "list", List.of("/tags/1: it doesn't fit the type")));
        assertThat(chores.find("bad").orElseThrow().valid()).isEmpty();
        refused(ErrorKind.MALFORMED, "/place/floor", () -> chores.get("bad"));
        assertThatThrownBy(() -> chores.get("bad")).hasMessageNotContaining("upstairs");
        refused(ErrorKind.MALFORMED, "/tags/1", () -> chores.update("list", c -> c));
    }

    @Test
    void whatAValidatorRefusesIsNotWritten() {
        TypedCollection<Chore> strict = chores.validated((chore, problems) -> {
                    if (chore.text().length() > 5) {
                        problems.accept("/text", "is too long");
                    }
                })
                .validated((chore, problems) -> {
                    if (chore.place().floor() < 0) {
                        problems.accept("/place/floor", "is under the ground");
                    }
                });
        strict.put("1", Chore.of("Short"));
        Chore bad = new Chore("Longer", false, List.of(), new Place("X", -1));
        assertThatThrownBy(() -> strict.put("1", bad)).isInstanceOfSatisfying(InvalidDocumentException.class, e -> {
            assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT);
            assertThat(e.problems())
                    .containsExactly(
                            new FieldProblem("/text", "is too long"),
                            new FieldProblem("/place/floor", "is under the ground"));
        });
        refused(ErrorKind.INVALID_ARGUMENT, "/text: is too long", () -> strict.update("1", c -> c.withText("Longer")));
        refused(ErrorKind.INVALID_ARGUMENT, "/text: is too long", () -> strict.create("2", bad));
        assertThat(strict.documents()).extracting(TypedDocument::value).containsExactly(Chore.of("Short"));
    }

    @Test
    void onlyOneCreates() {
        chores.create("1", Chore.of("First"));
        refused(ErrorKind.CONFLICT, "chores/1", () -> chores.create("1", Chore.of("Second")));
        assertThat(chores.get("1")).contains(Chore.of("First"));
    }

    @Test
    void anUpdateKeepsWhatTheTypeDoesNotKnow() {
        database.put(
                "chores/1",
                "{\"text\":\"Old\",\"done\":false,\"due\":3,\"place\":{\"city\":\"Rome\",\"floor\":1,\"door\":\"left\"}}");
        chores.update("1", chore -> chore.withText("New"));
        assertThat(database.get("chores/1").orElseThrow().toMap())
                .containsEntry("text", "New")
                .containsEntry("due", 3L)
                .containsEntry("place", Map.of("city", "Rome", "floor", 1L, "door", "left"));
        chores.update("1", chore -> new Chore("None", true, null, null));
        assertThat(chores.get("1")).contains(new Chore("None", true, null, null));
        assertThat(database.get("chores/1").orElseThrow().toMap()).containsEntry("due", 3L);
    }

    /** With a mapper that leaves out nulls, a field that becomes null goes away. */
    @Test
    void aMapperOfOnesOwn() {
        TypedCollection<Chore> sparse = TypedCollection.of(
                database,
                "sparse",
                Chore.class,
                JsonMapper.builder()
                        .defaultPropertyInclusion(
                                JsonInclude.Value.construct(JsonInclude.Include.NON_NULL, JsonInclude.Include.NON_NULL))
                        .build());
        sparse.put("1", Chore.of("A"));
        sparse.update("1", chore -> new Chore("A", false, null, null));
        assertThat(database.get("sparse/1").orElseThrow().toMap()).isEqualTo(Map.of("text", "A", "done", false));
        database.put("sparse/2", "{\"text\":\"A\",\"unknown\":1}");
        refused(ErrorKind.MALFORMED, "/unknown", () -> sparse.get("2"));
    }

    @Test
    void noUpdateOfSeveralThreadsIsLost() {
        TypedCollection<Count> counts = TypedCollection.of(database, "counts", Count.class);
        counts.put("c", new Count(0));
        AtomicInteger attempts = new AtomicInteger();
        List<CompletableFuture<Void>> threads = IntStream.range(0, 4)
                .mapToObj(t -> CompletableFuture.runAsync(() -> {
                    for (int i = 0; i < 50; i++) {
                        counts.update("c", count -> {
                            attempts.incrementAndGet();
                            return new Count(count.n() + 1);
                        });
                    }
                }))
                .toList();
        threads.forEach(CompletableFuture::join);
        assertThat(counts.get("c")).contains(new Count(200));
        assertThat(attempts.get()).isGreaterThanOrEqualTo(200);
    }

    @Test
    void whoeverComesInBetweenIsNotOverwritten() {
        TypedCollection<Count> counts = TypedCollection.of(database, "counts", Count.class);
        counts.put("c", new Count(0));
        List<Integer> seen = new ArrayList<>();
        Count written = counts.update("c", count -> {
            seen.add(count.n());
            if (seen.size() < 3) {
                database.put("counts/c", "{\"n\":" + 10 * seen.size() + "}");
            }
            return new Count(count.n() + 1);
        });
        assertThat(seen).containsExactly(0, 10, 20);
        assertThat(written).isEqualTo(new Count(21));
        refused(
                ErrorKind.NOT_FOUND,
                "counts/c",
                () -> counts.update("c", count -> {
                    database.delete("counts/c");
                    return count;
                }));
    }

    /** Against a map of values, whatever is done. */
    @Test
    void itIsAMapOfValues() {
        for (int seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            Map<String, Chore> expected = new HashMap<>();
            try (Database db = Database.inMemory()) {
                TypedCollection<Chore> collection = TypedCollection.of(db, "c", Chore.class);
                for (int step = 0; step < 40; step++) {
                    String key = List.of("", "a", "b/c", "ä", "z").get(random.nextInt(5));
                    Chore chore = new Chore(
                            "t" + random.nextInt(9),
                            random.nextBoolean(),
                            random.nextBoolean() ? List.of("x") : null,
                            random.nextBoolean() ? new Place("p", random.nextInt()) : null);
                    if (random.nextInt(4) == 0 && expected.remove(key) != null) {
                        collection.delete(key);
                    } else if (random.nextBoolean() && expected.containsKey(key)) {
                        collection.update(key, old -> chore);
                        expected.put(key, chore);
                    } else {
                        collection.put(key, chore);
                        expected.put(key, chore);
                    }
                    Map<String, Chore> found = new HashMap<>();
                    collection.documents().forEach(document -> found.put(document.key(), document.value()));
                    assertThat(found).as("seed %s", seed).isEqualTo(expected);
                }
            }
        }
    }

    /** A class whose values change, as many have them. */
    static final class Counter {
        public int count;
        public List<String> log = new ArrayList<>();
        public Map<String, Integer> by = new TreeMap<>();
    }

    @Test
    void aValueThatIsChangedInItsPlaceIsWritten() {
        TypedCollection<Counter> counters = TypedCollection.of(database, "counters", Counter.class);
        Counter first = new Counter();
        first.by.put("gone", 1);
        counters.put("7", first);
        counters.update("7", counter -> {
            counter.count = 5;
            counter.log.add("five");
            counter.by.clear();
            counter.by.put("me", 2);
            return counter;
        });
        assertThat(database.get("counters/7").orElseThrow().toMap())
                .isEqualTo(Map.of("count", 5L, "log", List.of("five"), "by", Map.of("me", 2L)));
    }

    record Renamed(
            @JsonAlias({"description", "t"}) String title,
            int n,
            @JsonAlias("where") Renamed inner) {}

    /** A field was renamed, and old documents have it by its old name: that one must not win over what an update has written. */
    @Test
    void anUpdateWritesAFieldByItsNewNameAlone() {
        TypedCollection<Renamed> renamed = TypedCollection.of(database, "r", Renamed.class);
        for (String before : List.of("description", "t", "title")) {
            database.put(
                    "r/7",
                    "{\"" + before + "\":\"old\",\"n\":1,\"extra\":{\"kept\":true},\"inner\":{\"" + before
                            + "\":\"old\",\"extra\":2}}");
            Renamed changed = renamed.update("7", old -> {
                assertThat(old.title).isEqualTo("old");
                return new Renamed("new", old.n + 1, new Renamed("newer", old.inner.n + 5, null));
            });
            assertThat(renamed.get("7")).as(before).contains(changed);
            Map<String, Object> inner = new HashMap<>(Map.of("title", "newer", "n", 5L, "extra", 2L));
            inner.put("inner", null);
            assertThat(database.get("r/7").orElseThrow().toMap())
                    .as(before)
                    .isEqualTo(Map.of("title", "new", "n", 2L, "extra", Map.of("kept", true), "inner", inner));
        }
    }

    @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "kind")
    @JsonSubTypes({
        @JsonSubTypes.Type(value = Circle.class, name = "circle"),
        @JsonSubTypes.Type(value = Square.class, name = "square")
    })
    sealed interface Form permits Circle, Square {}

    record Circle(double radius, Colour colour) implements Form {}

    record Square(double side) implements Form {}

    enum Colour {
        RED,
        GREEN
    }

    record Drawing(
            Form form,
            long big,
            double ratio,
            char letter,
            @JsonInclude(JsonInclude.Include.NON_NULL) String note) {}

    @Test
    void anUpdateOfOneKindToAnotherLeavesNothingOfTheFirst() {
        TypedCollection<Drawing> drawings = TypedCollection.of(database, "d", Drawing.class);
        drawings.put("1", new Drawing(new Circle(1.5, Colour.GREEN), 1L << 53, 0.1, 'ß', "x"));
        Drawing before = drawings.get("1").orElseThrow();
        assertThat(before.form).isEqualTo(new Circle(1.5, Colour.GREEN));
        assertThat(before.letter).isEqualTo('ß');
        drawings.update("1", old -> new Drawing(new Square(2), old.big, old.ratio, old.letter, null));
        assertThat(drawings.get("1").orElseThrow().form).isEqualTo(new Square(2));
        Map<String, Object> fields = database.get("d/1").orElseThrow().toMap();
        assertThat(fields).doesNotContainKey("note");
        assertThat(fields.get("form")).isEqualTo(Map.of("kind", "square", "side", 2L));
        refused(
                ErrorKind.INVALID_ARGUMENT,
                "",
                () -> drawings.put("2", new Drawing(new Square(1), (1L << 53) + 1, 0, 'a', null)));
        database.put("d/3", "{\"form\":{\"kind\":\"star\"},\"big\":1}");
        database.put("d/4", "{\"form\":{\"kind\":\"circle\",\"colour\":\"BLUE\"},\"big\":1}");
        Map<String, String> problems = new TreeMap<>();
        drawings.documents()
                .filter(document -> !document.problems().isEmpty())
                .forEach(document ->
                        problems.put(document.key(), document.problems().get(0).field()));
        assertThat(problems).isEqualTo(Map.of("3", "/form", "4", "/form/colour"));
    }
}
