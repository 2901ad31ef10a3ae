package dev.livesync.replica.postgres;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Locale;

/** All in which the engines that speak PostgreSQL's SQL differ. */
enum SqlDialect {
    /** PostgreSQL, with or without Citus, and what only hosts it. */
    POSTGRESQL(true),
    /** YugabyteDB: LISTEN is off unless somebody turned it on, so hubs poll. */
    YUGABYTE(false),
    /** CockroachDB: no LISTEN at all. */
    COCKROACH(false);

    private final boolean notifies;

    SqlDialect(boolean notifies) {
        this.notifies = notifies;
    }

    /** Asks the other end what it is. */
    static SqlDialect of(Connection connection) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement("select version()");
                ResultSet row = query.executeQuery()) {
            row.next();
            String version = row.getString(1).toLowerCase(Locale.ROOT);
            return version.contains("cockroach") ? COCKROACH : version.contains("-yb-") ? YUGABYTE : POSTGRESQL;
        }
    }

    /** Whether a wake-up comes by NOTIFY, too; polling alone is enough. */
    boolean notifies() {
        return notifies;
    }

    /** What is run once the tables of a version are there: hashes, encodings and photos don't compress, so nobody should try. */
    List<String> afterTables(int version) {
        String table = switch (version) {
            case 1 -> "livesync_blocks";
            case Schema.CONTENTS -> "livesync_pieces";
            default -> "";
        };
        return this == POSTGRESQL && !table.isEmpty()
                ? List.of("alter table " + table + " alter column bytes set storage external")
                : List.of();
    }

    /** Limits, for the rest of the transaction, how long it waits for others and how long others wait for it. */
    void limit(Connection connection, PostgresOptions options) throws SQLException {
        try (PreparedStatement set = connection.prepareStatement(
                "select set_config('lock_timeout', ?, true), set_config('idle_in_transaction_session_timeout', ?, true)")) {
            set.setString(1, options.lockTimeout().toMillis() + "ms");
            set.setString(2, options.idleTimeout().toMillis() + "ms");
            set.execute();
        }
    }

    /** Whether the same transaction may do if it is begun again: somebody else's was in the way, or the connection is gone. */
    boolean isWorthATry(SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        return state.equals("40001") // serialization, which is how the distributed ones say that somebody was faster
                || state.equals("40P01") // deadlock
                || state.startsWith("08") // connection
                || state.startsWith("57P") // server going down, or coming up
                || state.startsWith("25P0") // it was taken back, because this process was slow
                || state.equals("23505") // a name that was drawn twice
                || state.equals("25006"); // it was the primary a moment ago
    }
}
