package dev.livesync.replica.postgres;

import dev.livesync.api.Cid;

/** The rows of one database on a {@link ModelledServer}: those of the tables that {@code migration-1.sql} and {@code migration-3.sql} make. */
final class ModelledTables {
    /** The only key there is where a table has one row. */
    static final String ONLY = "";

    record CommitRow(long attempt, long position) {}

    @SuppressWarnings("ArrayRecordComponent") // rows are compared by nobody
    record BlockRow(long attempt, int ord, long gone, long back, byte[] bytes) {
        /** Neither gone nor back. */
        static final long NEVER = Long.MAX_VALUE;

        BlockRow gone(long number) {
            return new BlockRow(attempt, ord, number, NEVER, bytes);
        }

        BlockRow back(long number) {
            return new BlockRow(attempt, ord, gone, number, bytes);
        }

        boolean isSeenAt(long number) {
            return gone > number || back <= number;
        }
    }

    record EventRow(Cid cid, short flags) {}

    record CheckpointRow(String generation, int pieces, long bytes) {}

    @SuppressWarnings("ArrayRecordComponent") // rows are compared by nobody
    record PieceRow(byte[] hash, byte[] bytes) {}

    /** Which piece of which checkpoint. */
    record PieceKey(String name, String generation, int piece) implements Comparable<PieceKey> {
        @Override
        public int compareTo(PieceKey other) {
            int byName = name.compareTo(other.name);
            int byGeneration = byName != 0 ? byName : generation.compareTo(other.generation);
            return byGeneration != 0 ? byGeneration : Integer.compare(piece, other.piece);
        }
    }

    record PendingRow(long number, int ord, String peer, long arrived) {}

    final ModelledTable<String, FeedRow> feed = new ModelledTable<>();
    final ModelledTable<Long, CommitRow> commits = new ModelledTable<>();
    /** Numbers of commits by attempt. */
    final ModelledTable<Long, Long> attempts = new ModelledTable<>();

    final ModelledTable<Cid, BlockRow> blocks = new ModelledTable<>();
    final ModelledTable<Long, EventRow> events = new ModelledTable<>();
    final ModelledTable<Cid, PendingRow> pending = new ModelledTable<>();
    final ModelledTable<String, CheckpointRow> checkpoints = new ModelledTable<>();
    final ModelledTable<PieceKey, PieceRow> pieces = new ModelledTable<>();
}
