package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Objects;

/** A stream of bytes as rows of bounded size, each with the hash of its bytes, which is checked before any of them is handed out. */
final class CheckpointPieces {
    /** The bytes of a piece, but for the last. */
    static final int PIECE = 1 << 20;

    private CheckpointPieces() {}

    /** Whose pieces. */
    record Place(String database, String name, String generation) {
        void set(PreparedStatement statement, int piece) throws SQLException {
            statement.setString(1, database);
            statement.setString(2, name);
            statement.setString(3, generation);
            statement.setInt(4, piece);
        }
    }

    private static byte[] hash(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new SyncException(ErrorKind.INTERNAL, "this Java has no SHA-256", e);
        }
    }

    /** Writes rows. The connection commits each by itself. */
    static final class Writer extends OutputStream {
        private final Connection connection;
        private final Place place;
        private final byte[] buffer = new byte[PIECE];
        private int filled;
        private int pieces;
        private long bytes;

        Writer(Connection connection, Place place) {
            this.connection = connection;
            this.place = place;
        }

        int pieces() {
            return pieces;
        }

        long bytes() {
            return bytes;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            Objects.checkFromIndexSize(offset, length, from.length);
            for (int at = 0; at < length; ) {
                int some = Math.min(length - at, buffer.length - filled);
                System.arraycopy(from, offset + at, buffer, filled, some);
                filled += some;
                at += some;
                if (filled == buffer.length) {
                    store();
                }
            }
        }

        private void store() {
            byte[] piece = Arrays.copyOf(buffer, filled);
            try (PreparedStatement insert = connection.prepareStatement(
                    "insert into livesync_checkpoint_pieces (db, name, generation, piece, hash, bytes)"
                            + " values (?, ?, ?, ?, ?, ?)")) {
                place.set(insert, pieces);
                insert.setBytes(5, hash(piece));
                insert.setBytes(6, piece);
                insert.executeUpdate();
            } catch (SQLException e) {
                throw SqlFailures.of("cannot write checkpoint " + place.name() + " of database " + place.database(), e);
            }
            pieces++;
            bytes += filled;
            filled = 0;
        }

        @Override
        public void close() {
            if (filled > 0) {
                store();
            }
        }
    }

    /** Reads rows, one at a time, on a connection that sees all of them as they were at one moment. */
    static final class Reader extends InputStream {
        private final Connection connection;
        private final Place place;
        private final int pieces;
        private long left;
        private byte[] piece = {};
        private int at;
        private int next;

        Reader(Connection connection, Place place, int pieces, long bytes) {
            this.connection = connection;
            this.place = place;
            this.pieces = pieces;
            this.left = bytes;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int offset, int length) {
            Objects.checkFromIndexSize(offset, length, to.length);
            if (length == 0) {
                return 0;
            }
            if (at == piece.length) {
                if (next == pieces) {
                    require(left == 0, "it has fewer bytes than it should have");
                    return -1;
                }
                load();
            }
            int some = Math.min(length, piece.length - at);
            System.arraycopy(piece, at, to, offset, some);
            at += some;
            return some;
        }

        private void load() {
            try (PreparedStatement query = connection.prepareStatement(
                    "select hash, bytes from livesync_checkpoint_pieces where db = ? and name = ? and generation = ?"
                            + " and piece = ?")) {
                place.set(query, next);
                try (ResultSet row = query.executeQuery()) {
                    require(row.next(), "piece " + next + " of " + pieces + " is not there");
                    byte[] bytes = row.getBytes(2);
                    require(
                            bytes.length > 0 && Arrays.equals(hash(bytes), row.getBytes(1)),
                            "piece " + next + " of " + pieces + " is damaged");
                    left -= bytes.length;
                    require(left >= 0, "it has more bytes than it should have");
                    piece = bytes;
                }
            } catch (SQLException e) {
                throw SqlFailures.of("cannot read checkpoint " + place.name() + " of database " + place.database(), e);
            }
            at = 0;
            next++;
        }

        private void require(boolean right, String what) {
            if (!right) {
                throw new SyncException(
                        ErrorKind.CORRUPT,
                        "checkpoint " + place.name() + " of database " + place.database() + " cannot be used: " + what);
            }
        }
    }
}
