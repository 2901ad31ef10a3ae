package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Set;

/**
 * The tables, in versions. Each version is a file of plain SQL that runs once, by whoever comes first, under the lock of one row.
 *
 * <p>A version says from which on a hub may still work with it: an older one is refused when it opens. So a change that older hubs don't notice is made while they run, and one that
 * they would stumble over takes two steps: a version of hubs that know both, then the change.
 */
final class Schema {
    /** The version that this build makes. */
    static final int VERSION = 4;

    /** From this one on there is a table for what peers had. */
    static final int PEERS = 2;

    /** From this one on there are tables for checkpoints. */
    static final int CHECKPOINTS = 3;

    /** From this one on there are tables for the contents of attachments. */
    static final int CONTENTS = 4;

    /** For each version, the oldest build that works with it. */
    private static final int[] OLDEST = {1, 1, 1, 1};

    private static final String TABLE = "create table if not exists livesync_schema"
            + " (id boolean primary key, version integer not null, oldest integer not null)";

    /** What the server says of the second one, by how far the first one was: of a row in its catalogue, of the table, of the table's type. */
    private static final Set<String> ALREADY = Set.of("23505", "42P07", "42710");

    private Schema() {}

    /**
     * Brings the tables up to date. Of many who try at once one does, and the others wait.
     *
     * @param to the version that the hub knows: an older build's, or {@link #VERSION}
     */
    static void migrate(Connection connection, SqlDialect dialect, int to) throws SQLException {
        if (version(connection, to) == to) {
            return;
        }
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            create(statement);
            statement.execute("insert into livesync_schema values (true, 0, 0) on conflict do nothing");
        }
        connection.setAutoCommit(false);
        try (Statement statement = connection.createStatement()) {
            int from = locked(statement, to);
            for (int version = from + 1; version <= to; version++) {
                for (String sql : statements(version)) {
                    statement.execute(sql);
                }
                for (String sql : dialect.afterTables(version)) {
                    statement.execute(sql);
                }
            }
            if (from < to) {
                statement.execute("update livesync_schema set version = " + to + ", oldest = " + OLDEST[to - 1]);
            }
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** Two who create it at the same moment get in each other's way, whatever "if not exists" says; then it is there. */
    private static void create(Statement statement) throws SQLException {
        try {
            statement.execute(TABLE);
        } catch (SQLException e) {
            if (!ALREADY.contains(String.valueOf(e.getSQLState()))) {
                throw e;
            }
        }
    }

    private static int locked(Statement statement, int known) throws SQLException {
        try (ResultSet row = statement.executeQuery("select version, oldest from livesync_schema for update")) {
            row.next();
            return usable(row.getInt(1), row.getInt(2), known);
        }
    }

    /** The version that is there; 0 for none. */
    private static int version(Connection connection, int known) throws SQLException {
        try (PreparedStatement query =
                        connection.prepareStatement("select to_regclass('livesync_schema') is not null");
                ResultSet row = query.executeQuery()) {
            row.next();
            if (!row.getBoolean(1)) {
                return 0;
            }
        }
        try (PreparedStatement query = connection.prepareStatement("select version, oldest from livesync_schema");
                ResultSet row = query.executeQuery()) {
            return row.next() ? Math.min(known, usable(row.getInt(1), row.getInt(2), known)) : 0;
        }
    }

    private static int usable(int version, int oldest, int known) {
        if (oldest > known) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    "the tables in PostgreSQL are of version " + version + ", which hubs need version " + oldest
                            + " for, and this one knows " + known + ": start a newer LiveSync here");
        }
        return version;
    }

    private static List<String> statements(int version) {
        String name = "migration-" + version + ".sql";
        try (InputStream in = Schema.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new SyncException(ErrorKind.INTERNAL, "there is no " + name + " beside this class");
            }
            String text = new String(in.readAllBytes(), StandardCharsets.UTF_8).replaceAll("(?m)--.*$", "");
            return text.lines().reduce("", (a, b) -> a + "\n" + b).transform(Schema::split);
        } catch (IOException e) {
            throw new SyncException(ErrorKind.INTERNAL, "cannot read " + name, e);
        }
    }

    private static List<String> split(String text) {
        return List.of(text.split(";")).stream()
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }
}
