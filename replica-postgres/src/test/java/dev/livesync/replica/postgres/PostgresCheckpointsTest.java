package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.checkpoint.CheckpointStore;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Checkpoints in tables: whole, of one moment, and never used if a byte of them is wrong. */
@ExtendWith(OnePostgres.class)
class PostgresCheckpointsTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final int PIECE = CheckpointPieces.PIECE;
    private static final String ORDERS = "orders";

    private final String name = "checkpoints " + NAMES.incrementAndGet();
    private final PostgresStore store = PostgresStore.connect(
            OnePostgres.server().url(),
            PostgresOptions.DEFAULT.toBuilder().poolSize(6).build());
    private final PostgresReplica replica = store.open(name);
    private final CheckpointStore checkpoints = replica.checkpoints();

    @AfterEach
    void close() {
        store.close();
    }

    private static byte[] bytes(long seed, int count) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private byte[] loaded() {
        byte[][] found = new byte[1][];
        assertThat(checkpoints.load(ORDERS, (in, size) -> {
                    found[0] = in.readAllBytes();
                    assertThat(size).isEqualTo(found[0].length);
                }))
                .isTrue();
        return found[0];
    }

    private long pieces() throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement query =
                        connection.prepareStatement("select count(*) from livesync_checkpoint_pieces where db = ?")) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private void change(String sql) throws SQLException {
        OnePostgres.server().execute(sql + " where db = '" + name + "'");
    }

    @Test
    void theLastOfANameCountsAndIsAllThatIsKept() throws Exception {
        assertThat(checkpoints.load(ORDERS, (in, size) -> {})).isFalse();
        int seed = 0;
        for (int size : new int[] {2 * PIECE + 7, PIECE + 1, PIECE, PIECE - 1, 1, 0}) {
            byte[] written = bytes(++seed, size);
            checkpoints.save(ORDERS, out -> {
                int half = size / 3;
                out.write(written, 0, half);
                for (int at = half; at < Math.min(size, half + 3); at++) {
                    out.write(written[at]);
                }
                out.write(written, Math.min(size, half + 3), size - Math.min(size, half + 3));
            });
            assertThat(loaded()).isEqualTo(written);
            assertThat(pieces()).isEqualTo((size + PIECE - 1) / PIECE);
        }
        checkpoints.save("others", out -> out.write(1));
        assertThat(loaded()).isEmpty();
        assertThat(store.open(name + " too").checkpoints().load(ORDERS, (in, size) -> {}))
                .isFalse();
        assertThatThrownBy(() -> checkpoints.load("", (in, size) -> {}))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT));
    }

    @Test
    void oneThatFailsLeavesTheLastOne() throws Exception {
        checkpoints.save(ORDERS, out -> out.write(7));
        assertThatThrownBy(() -> checkpoints.save(ORDERS, out -> {
                    out.write(bytes(1, 2 * PIECE));
                    throw new IOException("no more");
                }))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE))
                .hasMessageContaining(ORDERS);
        assertThat(loaded()).containsExactly(7);
        assertThat(pieces()).isEqualTo(1);
    }

    @Test
    void whoReadsOneReadsItToItsEndWhateverIsWrittenMeanwhile() throws Exception {
        byte[] first = bytes(1, 3 * PIECE);
        checkpoints.save(ORDERS, out -> out.write(first));
        checkpoints.load(ORDERS, (in, size) -> {
            byte[] begun = in.readNBytes(10);
            checkpoints.save(ORDERS, out -> out.write(8));
            byte[] rest = in.readAllBytes();
            assertThat(begun.length + rest.length).isEqualTo(first.length);
            assertThat(rest).endsWith(first[first.length - 1]);
        });
        assertThat(loaded()).containsExactly(8);
        assertThat(pieces()).isEqualTo(1);
    }

    @Test
    void ofTwoThatAreWrittenAtOnceTheLastToEndCounts() throws Exception {
        checkpoints.save(ORDERS, out -> out.write(1));
        byte[] slow = bytes(2, PIECE + 3);
        checkpoints.save(ORDERS, out -> {
            out.write(slow, 0, PIECE);
            checkpoints.save(ORDERS, quick -> quick.write(9));
            assertThat(loaded()).containsExactly(9);
            out.write(slow, PIECE, 3);
        });
        assertThat(loaded()).isEqualTo(slow);
        assertThat(pieces()).isEqualTo(2);
    }

    @Test
    void whatNobodyEndedGoesWithALaterOne() throws Exception {
        checkpoints.save(ORDERS, out -> out.write(1));
        change("update livesync_checkpoint_pieces set generation = 'begun', written = now() - interval '2 days'");
        checkpoints.save(ORDERS, out -> out.write(2));
        assertThat(pieces()).isEqualTo(1);
    }

    @Test
    void oneThatIsDamagedIsNotHandedOut() throws Exception {
        List<String> damages = List.of(
                "update livesync_checkpoint_pieces set bytes = set_byte(bytes, 5, get_byte(bytes, 5) # 1)",
                "update livesync_checkpoint_pieces set hash = ''",
                "update livesync_checkpoint_pieces set piece = piece + 10",
                "update livesync_checkpoints set pieces = pieces + 1",
                "update livesync_checkpoints set bytes = bytes + 1",
                "update livesync_checkpoints set bytes = bytes - 1",
                "update livesync_checkpoints set generation = 'another'");
        for (String damage : damages) {
            checkpoints.save(ORDERS, out -> out.write(bytes(1, PIECE + 10)));
            change(damage);
            assertThatThrownBy(() -> checkpoints.load(ORDERS, (in, size) -> in.readAllBytes()))
                    .as(damage)
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
                    .hasMessageContaining(ORDERS);
            change("delete from livesync_checkpoint_pieces");
        }
    }

    /** The same replica; counts how often all of history is read. */
    private static Replica counting(Replica real, AtomicInteger whole) {
        return proxy(
                Replica.class,
                real,
                (method, arguments, answer) -> answer instanceof Snapshot s
                        ? proxy(Snapshot.class, s, (asked, of, what) -> {
                            if (asked.equals("eventsSince") && ((java.util.Collection<?>) of[0]).isEmpty()) {
                                whole.incrementAndGet();
                            }
                            return what;
                        })
                        : answer);
    }

    /** Sees a call and its answer. */
    private interface Seen {
        Object call(String method, Object[] arguments, Object answer);
    }

    private static <T> T proxy(Class<T> type, T real, Seen seen) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (self, method, arguments) -> {
                    try {
                        return seen.call(method.getName(), arguments, method.invoke(real, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private int restarts(String documents) {
        AtomicInteger whole = new AtomicInteger();
        try (Database database =
                Database.over(counting(replica, whole), ORDERS, checkpoints, DatabaseOptions.defaults())) {
            assertThat(database.get("k9").orElseThrow().json()).contains(documents);
            assertThat(database.summary().documents()).isEqualTo(10);
        }
        return whole.get();
    }

    @Test
    void aProcessBeginsWithWhatAnotherHasWorkedOutUnlessThatIsWrong() throws Exception {
        try (Database first = Database.over(replica, ORDERS, checkpoints, DatabaseOptions.defaults())) {
            for (int n = 0; n < 30; n++) {
                first.put("k" + n % 10, "{\"n\":" + n + "}");
            }
        }
        assertThat(restarts("29")).isZero();
        try (Database without = Database.over(replica)) {
            without.put("k9", "{\"n\":77}");
        }
        assertThat(restarts("77")).isZero();
        change("update livesync_checkpoint_pieces set bytes = set_byte(bytes, 5, get_byte(bytes, 5) # 1)");
        assertThat(restarts("77")).isEqualTo(1);
        assertThat(restarts("77")).as("the one that was written then").isZero();
        // Another history's.
        PostgresReplica other = store.open(name + " other");
        try (Database foreign = Database.over(other, ORDERS, other.checkpoints(), DatabaseOptions.defaults())) {
            foreign.put("z", "{}");
        }
        byte[][] theirs = new byte[1][];
        other.checkpoints().load(ORDERS, (in, size) -> theirs[0] = in.readAllBytes());
        checkpoints.save(ORDERS, out -> out.write(theirs[0]));
        assertThat(restarts("77")).isEqualTo(1);
    }
}
