package dev.livesync.database;

import static dev.livesync.database.Replicas.OTHER;
import static dev.livesync.database.Replicas.PEER;
import static dev.livesync.database.Replicas.assertKind;
import static dev.livesync.database.Replicas.events;
import static dev.livesync.database.Replicas.nodes;
import static dev.livesync.database.Replicas.put;
import static dev.livesync.database.Replicas.stored;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.maintenance.CompactionResult;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Blocks that peers send and that belong to no event. */
@ExtendWith(Quiet.class)
class OrphanBlocksTest {
    private static final int SIZE = 1_000;
    private static final long COST = SIZE + 256L;

    @Nested
    class InMemory extends Rules {
        InMemory() {
            super(false);
        }
    }

    @Nested
    class InDirectory extends Rules {
        InDirectory() {
            super(true);
        }
    }

    private static Block orphan(int number) {
        byte[] bytes = new byte[SIZE];
        bytes[0] = 0x59; // a byte string
        bytes[1] = (SIZE - 3) >> 8;
        bytes[2] = (byte) (SIZE - 3);
        bytes[3] = (byte) number;
        bytes[4] = (byte) (number >> 8);
        return Block.of(Cid.DAG_CBOR, bytes);
    }

    private static List<Block> orphans(int from, int to) {
        List<Block> blocks = new ArrayList<>();
        for (int i = from; i < to; i++) {
            blocks.add(orphan(i));
        }
        return blocks;
    }

    private static List<Cid> cids(List<Block> blocks) {
        return blocks.stream().map(Block::cid).toList();
    }

    private static void commit(Database db, Origin origin, List<Block> blocks, Event... events) {
        db.replica().commit(new Commit(blocks, List.of(events), origin));
    }

    private static DatabaseOptions quota(long blocks) {
        return DatabaseOptions.builder().pendingBytesPerPeer(blocks * COST).build();
    }

    private static boolean isWhole(Database db, List<Block> nodes) {
        try (Snapshot s = db.replica().snapshot()) {
            return s.missing(cids(nodes)).isEmpty();
        }
    }

    abstract static class Rules extends Modes {
        Rules(boolean inDirectory) {
            super(inDirectory);
        }

        @Test
        void theOldestMakeRoomForNewOnes() {
            Database db = database(quota(3));
            commit(db, OTHER, orphans(100, 101));
            for (int i = 0; i < 6; i++) {
                commit(db, PEER, orphans(i, i + 1));
                db = restarted(db, quota(3));
            }
            List<Block> left = new ArrayList<>(orphans(100, 101));
            left.addAll(orphans(3, 6));
            assertThat(stored(db)).isEqualTo(cids(left));
            assertThat(db.summary().blocks()).isEqualTo(4);
            assertThat(db.summary().bytes()).isEqualTo(4L * SIZE);
            // They can be sent again.
            commit(db, PEER, orphans(0, 1));
            assertThat(stored(db))
                    .contains(orphan(0).cid())
                    .doesNotContain(orphan(3).cid());
            assertThat(db.verify().problems()).isEmpty();
        }

        @Test
        void aCommitThatAloneIsOverTheQuotaIsRefusedWhole() {
            Database db = database(quota(3));
            assertKind(ErrorKind.LIMIT_EXCEEDED, () -> commit(db, PEER, orphans(0, 4), put("a", "{}")))
                    .hasMessageContaining("peer-1")
                    .hasMessageContaining("belong to no event");
            assertThat(stored(db)).isEmpty();
            commit(db, PEER, orphans(0, 3), put("a", "{}"));
            assertThat(stored(db)).hasSize(4);
        }

        @Test
        void theyGrowTooOld() {
            AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-01-01T00:00:00Z"));
            DatabaseOptions options = DatabaseOptions.builder()
                    .time(now::get)
                    .pendingMaxAge(Duration.ofHours(1))
                    .build();
            Database db = database(options);
            commit(db, PEER, orphans(0, 1));
            now.set(now.get().plus(Duration.ofMinutes(50)));
            commit(db, PEER, orphans(1, 2));
            now.set(now.get().plus(Duration.ofMinutes(20)));
            db = restarted(db, options);
            commit(db, OTHER, List.of(), put("unrelated", "{}"));
            assertThat(stored(db))
                    .doesNotContain(orphan(0).cid())
                    .contains(orphan(1).cid());
        }

        /** As an alpha sends them: in CARs without roots, and last the one with the event. */
        @Test
        void theNodesOfATreeComeBeforeItsEventAndStay() {
            Database author = Database.inMemory();
            author.write(b -> {
                for (int i = 0; i < 300; i++) {
                    b.put("d" + i, "{\"n\":" + i + "}");
                }
            });
            List<Block> tree = nodes(author);
            assertThat(tree).hasSizeGreaterThan(5);
            DatabaseOptions options = DatabaseOptions.builder()
                    .pendingBytesPerPeer(
                            tree.stream().mapToLong(b -> b.size() + 256L).sum())
                    .build();
            Database db = database(options);
            for (Block node : tree) {
                commit(db, PEER, List.of(node));
                db = restarted(db, options);
            }
            assertThat(isWhole(db, tree)).isTrue();
            commit(db, PEER, List.of(), events(author).toArray(Event[]::new));
            // From here on it counts no more, and is safe.
            for (int i = 0; i < 200; i++) {
                commit(db, PEER, orphans(i, i + 1));
            }
            db = restarted(db, options);
            commit(db, PEER, orphans(200, 201));
            assertThat(isWhole(db, tree)).isTrue();
            assertThat(db.get("d7")).isPresent();
            author.close();
        }

        @Test
        void aRootThatIsNoNodeIsAnOrphanAllTheSame() {
            Database db = database(quota(2));
            for (int i = 0; i < 5; i++) {
                commit(db, PEER, orphans(i, i + 1), put("d" + i, "{}", orphan(i).cid()));
            }
            assertThat(stored(db)).doesNotContainAnyElementsOf(cids(orphans(0, 3)));
            assertThat(db.summary().documents()).isEqualTo(5);
        }

        /** A peer who sends what our own tree will need does not get to have it removed. */
        @Test
        void ourOwnTreeStandsOnNoOrphan() {
            Database twin = Database.inMemory();
            Database db = database(quota(200));
            for (int i = 0; i < 100; i++) {
                twin.put("d" + i, "{}");
            }
            commit(db, PEER, nodes(twin));
            for (int i = 0; i < 100; i++) {
                db.put("d" + i, "{}");
            }
            List<Block> ours = new ArrayList<>();
            try (Snapshot s = db.replica().snapshot()) {
                s.tree(db.clock().get(0)).blocks().forEachRemaining(ours::add);
            }
            db = restarted(db, quota(200));
            for (int i = 0; i < 300; i++) {
                commit(db, PEER, orphans(i, i + 1));
            }
            assertThat(isWhole(db, ours)).isTrue();
            db = restarted(db, quota(200));
            db.put("d100", "{}");
            db.compact();
            db = restarted(db, quota(200));
            db.put("d101", "{}");
            assertThat(db.verify().problems()).isEmpty();
            assertThat(stored(db)).doesNotHaveDuplicates();
            twin.close();
        }
    }

    @Test
    void compactionRemovesThem() {
        MemoryDisk disk = new MemoryDisk();
        DatabaseOptions options = quota(10);
        try (Database db = SimulatedDatabase.open(disk, options)) {
            db.put("a", "{}");
            for (int i = 0; i < 1_000; i++) {
                commit(db, PEER, orphans(i, i + 1));
            }
            CompactionResult result = db.compact();
            assertThat(result.bytesBefore()).isGreaterThan(1_000L * SIZE);
            assertThat(result.bytesAfter()).isLessThan(50L * SIZE);
            assertThat(isWhole(db, orphans(990, 1_000))).isTrue();
            assertThat(db.verify().problems()).isEmpty();
        }
    }

    /** Nobody asks for it. */
    @Test
    void theyDoNotFillTheDisk() {
        DatabaseOptions options = quota(10).toBuilder().segmentBytes(64L << 10).build();
        try (Database db = SimulatedDatabase.open(new MemoryDisk(), options)) {
            for (int i = 0; i < 2_000; i++) {
                commit(db, PEER, orphans(i, i + 1));
            }
            CompactionResult result = db.compact();
            assertThat(result.bytesBefore()).isLessThan(500L * SIZE);
        }
    }
}
