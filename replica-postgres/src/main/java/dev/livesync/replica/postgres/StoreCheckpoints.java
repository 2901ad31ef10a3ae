package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.checkpoint.CheckpointStore;
import java.io.IOException;
import java.io.InputStream;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * Checkpoints in tables. One is written piece by piece, each a transaction of its own, under a generation that nobody knows yet; then one row says that it is the one that counts,
 * and the pieces of the one before go in the same transaction. Whoever reads that one meanwhile reads it to its end, in a transaction that sees the tables as they were.
 */
final class StoreCheckpoints implements CheckpointStore {
    private static final System.Logger LOG = System.getLogger(StoreCheckpoints.class.getName());
    private static final Pattern NAME = Pattern.compile("[ -~]{1,200}");

    private final DatabaseConnections connections;
    private final String database;
    private final RandomGenerator random;

    /** Which checkpoint counts. */
    private record Head(String generation, int pieces, long bytes) {}

    /** What is done with a connection, and may fail on the way. */
    private interface Work<T> {
        T with(Connection connection) throws SQLException, IOException;
    }

    StoreCheckpoints(DatabaseConnections connections, String database, RandomGenerator random) {
        this.connections = connections;
        this.database = database;
        this.random = random;
    }

    @Override
    public void save(String name, Content content) {
        require(name);
        write(name, content);
    }

    /** The same for a name of the store's own. */
    void write(String name, Content content) {
        String generation = Followed.name(random);
        use("write checkpoint " + name, connection -> {
            boolean counts = false;
            try {
                CheckpointPieces.Writer pieces =
                        new CheckpointPieces.Writer(connection, new CheckpointPieces.Place(database, name, generation));
                content.writeTo(pieces);
                pieces.close();
                replace(connection, name, new Head(generation, pieces.pieces(), pieces.bytes()));
                counts = true;
            } finally {
                if (!counts) {
                    forget(connection, name, generation);
                }
            }
            return true;
        });
    }

    /**
     * Says that this process is about to write one, or to do something else of that name.
     *
     * @param spared for how long nobody else does it: whoever does it as well does it for nothing
     * @return false if one has said so within that time
     */
    boolean claim(String name, Duration spared) {
        return use("claim " + name.strip(), connection -> {
            try (PreparedStatement claim = connection.prepareStatement(
                    "insert into livesync_checkpoint_pieces (db, name, generation, piece, hash, bytes)"
                            + " values (?, ?, 'claim', 0, '', '') on conflict (db, name, generation, piece) do update"
                            + " set written = now() where livesync_checkpoint_pieces.written < now() - interval"
                            + " '" + spared.toSeconds() + " seconds' returning piece")) {
                claim.setString(1, database);
                claim.setString(2, name);
                try (ResultSet row = claim.executeQuery()) {
                    return row.next();
                }
            }
        });
    }

    private void replace(Connection connection, String name, Head head) throws SQLException {
        connection.setAutoCommit(false);
        try (PreparedStatement insert = connection.prepareStatement(
                        "insert into livesync_checkpoints (db, name, generation, pieces, bytes) values (?, ?, ?, ?, ?)"
                                + " on conflict (db, name) do update set generation = excluded.generation,"
                                + " pieces = excluded.pieces, bytes = excluded.bytes");
                // The last one's, and those that were begun so long ago that nobody will end them.
                PreparedStatement delete = connection.prepareStatement(
                        "delete from livesync_checkpoint_pieces where db = ? and name = ? and generation <> ?"
                                + " and (generation = ? or written < now() - interval '1 day')")) {
            Head before = head(connection, name, " for update");
            insert.setString(1, database);
            insert.setString(2, name);
            insert.setString(3, head.generation());
            insert.setInt(4, head.pieces());
            insert.setLong(5, head.bytes());
            insert.executeUpdate();
            delete.setString(1, database);
            delete.setString(2, name);
            delete.setString(3, head.generation());
            delete.setString(4, before.generation());
            delete.executeUpdate();
            connection.commit();
        } catch (SQLException | RuntimeException e) {
            connection.rollback();
            throw e;
        } finally {
            connection.setAutoCommit(true);
        }
    }

    /** Those that nobody will ask for; if that fails, too, they go with a later one. */
    private void forget(Connection connection, String name, String generation) {
        try (PreparedStatement delete = connection.prepareStatement(
                "delete from livesync_checkpoint_pieces where db = ? and name = ? and generation = ?")) {
            delete.setString(1, database);
            delete.setString(2, name);
            delete.setString(3, generation);
            delete.executeUpdate();
        } catch (SQLException e) {
            LOG.log(Level.DEBUG, "pieces of a checkpoint that failed stay for a day", e);
        }
    }

    @Override
    public boolean load(String name, Loader sink) {
        require(name);
        return read(name, sink);
    }

    /** The same for a name of the store's own. */
    boolean read(String name, Loader sink) {
        return use("read checkpoint " + name, connection -> {
            connection.setAutoCommit(false);
            try (PreparedStatement set =
                    connection.prepareStatement("set transaction isolation level repeatable read, read only")) {
                set.execute();
                Head head = head(connection, name, "");
                if (head.generation().isEmpty()) {
                    return false;
                }
                CheckpointPieces.Place place = new CheckpointPieces.Place(database, name, head.generation());
                try (InputStream in = new CheckpointPieces.Reader(connection, place, head.pieces(), head.bytes())) {
                    sink.readFrom(in, head.bytes());
                }
                return true;
            } finally {
                connection.rollback();
                connection.setAutoCommit(true);
            }
        });
    }

    /** An empty generation if there is none. */
    private Head head(Connection connection, String name, String how) throws SQLException {
        try (PreparedStatement query = connection.prepareStatement(
                "select generation, pieces, bytes from livesync_checkpoints where db = ? and name = ?" + how)) {
            query.setString(1, database);
            query.setString(2, name);
            try (ResultSet row = query.executeQuery()) {
                return row.next() ? new Head(row.getString(1), row.getInt(2), row.getLong(3)) : new Head("", 0, 0);
            }
        }
    }

    private static void require(String name) {
        if (!NAME.matcher(name).matches()) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "a checkpoint's name has 1 to 200 printable ASCII characters");
        }
    }

    private <T> T use(String what, Work<T> work) {
        try (DatabaseConnections.Lent lent = connections.lend()) {
            return work.with(lent.connection());
        } catch (SQLException e) {
            throw SqlFailures.of("cannot " + what + " of database " + database, e);
        } catch (IOException e) {
            throw new SyncException(ErrorKind.STORAGE, "cannot " + what + " of database " + database, e);
        }
    }
}
