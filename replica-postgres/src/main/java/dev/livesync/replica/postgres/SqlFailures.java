package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.sql.SQLException;

/** Turns the driver's errors into {@link SyncException}s that say what to do. */
final class SqlFailures {
    private SqlFailures() {}

    static SyncException of(String what, SQLException cause) {
        String state = cause.getSQLState() == null ? "" : cause.getSQLState();
        ErrorKind kind = state.startsWith("28") || state.equals("3D000") || state.equals("42501")
                ? ErrorKind.CONFIGURATION
                : ErrorKind.STORAGE;
        String todo = todo(state, cause);
        return new SyncException(kind, what + ": " + Reason.of(cause) + (todo.isEmpty() ? "" : "; " + todo), cause);
    }

    private static String todo(String state, SQLException cause) {
        if (cause instanceof java.sql.SQLTransientConnectionException && state.isEmpty()) {
            return "no connection was free or could be made: is the server up, and does the pool have enough (maximumPoolSize)?";
        }
        return switch (state) {
            case "25006" -> "this is a standby: name all nodes in the URL, with targetServerType=primary";
            case "25P03", "25P04" ->
                "this process was too slow in a transaction, which was taken back; it is tried again";
            case "28P01", "28000" -> "name the right user and password";
            case "3D000" -> "create that database first, with createdb";
            case "42501" -> "give this user the right to use the tables that begin with livesync_";
            case "53100" -> "the server's disk is full: make room there";
            case "53300" -> "the server takes no more connections: give it more, or the hubs smaller pools";
            case "55P03" -> "another hub holds the lock of this database; try again";
            default -> state.startsWith("08") ? "is the server up, and does the URL name it?" : "";
        };
    }
}
