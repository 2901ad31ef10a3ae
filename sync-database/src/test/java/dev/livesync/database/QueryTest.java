package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.query.Condition;
import dev.livesync.database.query.PageKey;
import dev.livesync.database.query.Query;
import dev.livesync.database.query.ResultPage;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What queries find, and what they refuse. */
class QueryTest {
    private static List<String> ids(Stream<Document> documents) {
        return documents.map(Document::id).toList();
    }

    @Test
    void whatIsFoundIsWhatANaiveSearchFinds() {
        for (long seed = 1; seed <= 30; seed++) {
            RandomQueries random = new RandomQueries(seed);
            try (Database database = Database.inMemory()) {
                for (int i = random.random.nextInt(40); i > 0; i--) {
                    put(database, random);
                }
                for (int i = 0; i < 20; i++) {
                    compare(database, random, "seed " + seed);
                }
            }
        }
    }

    private static void put(Database database, RandomQueries random) {
        database.put(random.id(), random.document().entries());
    }

    private static void compare(Database database, RandomQueries random, String seed) {
        NaiveQuery naive = new NaiveQuery();
        compare(database, random, random.query(naive), naive, seed);
    }

    static void compare(Database database, RandomQueries random, Query query, NaiveQuery naive, String seed) {
        List<String> expected = naive.ids(database.all());
        assertThat(ids(database.query(query))).as("%s: %s", seed, query).isEqualTo(expected);
        int limit = random.random.nextInt(5);
        assertThat(ids(database.query(query.limit(limit))))
                .as("%s: %s, %s documents", seed, query, limit)
                .isEqualTo(expected.subList(0, Math.min(limit, expected.size())));
        int size = 1 + random.random.nextInt(1 + expected.size() / 2);
        assertThat(pages(database, query.limit(size)))
                .as("%s: %s, by pages", seed, query)
                .isEqualTo(expected);
    }

    private static List<String> pages(Database database, Query query) {
        List<String> found = new ArrayList<>();
        Query next = query;
        while (true) {
            ResultPage<Document> page = database.page(next);
            found.addAll(ids(page.documents().stream()));
            Optional<PageKey> key = page.next();
            if (key.isEmpty()) {
                return found;
            }
            next = query.after(PageKey.parse(key.get().toString()));
        }
    }

    @Test
    void aPageBeginsWhereTheLastEndedWhateverHappenedMeanwhile() {
        try (Database database = Database.inMemory()) {
            for (String id : List.of("a", "b", "c", "d", "e")) {
                database.put(id, Map.of("n", 5 - (id.charAt(0) - 'a')));
            }
            Query query = Query.all().orderBy("/n").limit(2);
            ResultPage<Document> first = database.page(query);
            assertThat(ids(first.documents().stream())).containsExactly("e", "d");
            database.delete("d");
            database.put("f", Map.of("n", 0));
            database.put("g", Map.of("n", 2.5));
            assertThat(ids(database.page(query.after(first.next().orElseThrow())).documents().stream()))
                    .containsExactly("g", "c");
        }
    }

    @Test
    void aStreamShowsTheMomentWhenItWasAskedFor() {
        try (Database database = Database.inMemory()) {
            database.put("a", "{\"n\":1}");
            database.put("b", "{\"n\":1}");
            Stream<Document> byId = database.query(Query.all().where("/n", Condition.equalTo(1)));
            Stream<Document> byField = database.query(Query.all().orderBy("/n"));
            database.put("b", "{\"n\":2}");
            database.delete("a");
            assertThat(ids(byId)).containsExactly("a", "b");
            assertThat(ids(byField)).containsExactly("a", "b");
            assertThat(ids(database.query(Query.all()))).containsExactly("b");
        }
    }

    @Test
    void documentsAreReadWhenTheyAreAskedFor() {
        Database database = Database.inMemory();
        database.put("a", "{}");
        database.put("b", "{}");
        Iterator<Document> documents = database.query(Query.all()).iterator();
        assertThat(documents.next().id()).isEqualTo("a");
        database.close();
        assertThatThrownBy(documents::next)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CLOSED));
    }

    @Test
    void whatIsFoundCanBeWrittenBackUnlessSomebodyElseDid() {
        try (Database database = Database.inMemory()) {
            database.put("a", "{\"n\":1}");
            Document found = database.query(Query.all()).findFirst().orElseThrow();
            database.put("a", "{\"n\":2}");
            assertThatThrownBy(() -> database.put(found.with("{\"n\":3}")))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFLICT));
        }
    }

    @Test
    void whatMakesNoSenseIsRefused() {
        refused(() -> Query.all().where("name", Condition.exists()), "begins with a slash");
        refused(() -> Query.all().where("/a~2", Condition.exists()), "~0");
        refused(() -> Query.all().orderBy("a"), "begins with a slash");
        refused(() -> Query.all().limit(-1), "a limit is 0 or more");
        refused(() -> Condition.equalTo(new Object()), "java.lang.Object");
        refused(() -> Condition.above(Double.NaN), "not finite");
        refused(() -> PageKey.parse("?"), "not a page key");
        refused(() -> PageKey.parse(""), "not a page key");
        refused(() -> PageKey.parse("gAAA"), "not a page key");
        PageKey key =
                Query.all().orderBy("/a").keyOf("x", Document.of("x", "{}").value());
        refused(() -> Query.all().after(key), "another order");
        refused(() -> Query.all().orderBy("/a").descending().after(key), "another order");
    }

    private static void refused(Runnable call, String why) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT))
                .hasMessageContaining(why);
    }

    @Test
    void aQuerySaysWhatItLooksFor() {
        Query query = Query.all()
                .idPrefix("todo/")
                .where("/done", Condition.equalTo(false))
                .where("/due", Condition.range("2026", "2027"))
                .orderBy("/due")
                .descending()
                .limit(20);
        assertThat(query)
                .hasToString(
                        "documents, id starts with \"todo/\", /done = false, /due >= \"2026\", < \"2027\" by /due, id descending, at most 20")
                .isEqualTo(Query.all()
                        .limit(20)
                        .descending()
                        .orderBy("/due")
                        .idPrefix("todo/")
                        .where("/done", Condition.equalTo(false))
                        .where("/due", Condition.range("2026", "2027")))
                .isNotEqualTo(query.descending())
                .doesNotHaveToString(query.limit(3).toString());
        assertThat(query.matches(
                        "todo/1",
                        Document.of("todo/1", "{\"done\":false,\"due\":\"2026-05\"}")
                                .value()))
                .isTrue();
        assertThat(query.matches(
                        "todo/1",
                        Document.of("todo/1", "{\"done\":false,\"due\":\"2027\"}")
                                .value()))
                .isFalse();
    }
}
