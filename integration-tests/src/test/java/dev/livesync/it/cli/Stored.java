package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.nio.file.Path;
import java.util.List;

/** What a directory holds, read through the database's own API: a process for each look would take most of the tests' time. */
public final class Stored {
    private Stored() {}

    /** Each document as its id and its JSON, in order. */
    public static List<String> in(Path directory) {
        try (Database database = Database.open(directory)) {
            return database.documents().map(d -> d.id() + " " + d.json()).toList();
        }
    }

    /** Everything hashes to what it should, and nothing that it needs is missing. */
    static void intact(Path directory, String context) {
        try (Database database = Database.open(directory)) {
            assertThat(database.verify().problems()).as(context).isEmpty();
        }
    }

    /** Two directories hold the same documents under the same heads; returns the documents. */
    static List<String> equal(Path one, Path other, String context) {
        try (Database a = Database.open(one);
                Database b = Database.open(other)) {
            assertThat(b.clock()).as(context).isEqualTo(a.clock());
            assertThat(b.all()).as(context).isEqualTo(a.all());
        }
        return in(one);
    }

    public static void put(Path directory, String id, String json) {
        try (Database database = Database.open(directory)) {
            database.put(id, json);
        }
    }
}
