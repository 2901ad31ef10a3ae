package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.database.Database;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.attachments.Attachments;
import dev.livesync.database.contents.SharedAttachments;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** Two processes with one database, which nobody tells to collect. */
@ExtendWith(OnePostgres.class)
@Timeout(120)
class DailyCollectionTest {
    private static final String NAME = "collected";
    private static final long START = System.nanoTime();

    private final PostgresStore here =
            PostgresStore.connect(OnePostgres.server().url(), PostgresOptions.DEFAULT);
    private final PostgresStore there =
            PostgresStore.connect(OnePostgres.server().url(), PostgresOptions.DEFAULT);
    private final PostgresReplica one = here.open(NAME);
    private final PostgresReplica two = there.open(NAME);
    private final Attachments attachments = SharedAttachments.of(one).orElseThrow();

    @AfterEach
    void end() throws SQLException {
        here.close();
        there.close();
        for (String table : new String[] {"livesync_pieces", "livesync_contents", "livesync_checkpoint_pieces"}) {
            change("delete from " + table + " where db = ?");
        }
    }

    private static long change(String sql) throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement update = connection.prepareStatement(sql)) {
            update.setString(1, NAME);
            return update.executeUpdate();
        }
    }

    private static long noted() throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement query = connection.prepareStatement(
                        "select count(*) from livesync_pieces where db = ? and unneeded is not null")) {
            query.setString(1, NAME);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private Attachment put(long seed) throws IOException {
        byte[] bytes = new byte[10_000];
        new Random(seed).nextBytes(bytes);
        return attachments.put(new ByteArrayInputStream(bytes), "image/png");
    }

    private static long hours(int hours) {
        return START + Duration.ofHours(hours).toNanos();
    }

    /** The server's clock goes on by some hours. */
    private static void pass(int hours) throws SQLException {
        change("update livesync_pieces set unneeded = unneeded - interval '" + hours + " hours' where db = ?");
        change("update livesync_checkpoint_pieces set written = written - interval '" + hours + " hours' where db = ?");
    }

    @Test
    void whatNothingNamesIsRemovedTheDayAfterByWhicheverComesFirst() throws Exception {
        Attachment kept = put(1);
        Database documents = Database.over(one);
        documents.put("photo", Map.of("photo", kept.stub()));
        put(2);
        long all = attachments.bytes();
        one.collectSoon(START, Runnable::run);
        assertThat(noted()).as("in its first hour").isZero();
        one.collectSoon(hours(3), Runnable::run);
        assertThat(noted()).isEqualTo(1);

        put(3);
        two.collectSoon(hours(3), Runnable::run);
        one.collectSoon(hours(6), Runnable::run);
        assertThat(noted()).as("on the same day").isEqualTo(1);

        pass(26);
        two.collectSoon(hours(27), Runnable::run);
        assertThat(attachments.bytes()).isEqualTo(all);
        assertThat(noted()).as("the third").isEqualTo(1);
        pass(26);
        one.collectSoon(hours(53), Runnable::run);
        assertThat(attachments.bytes()).isEqualTo(10_000);
        assertThat(attachments.missing(kept)).isZero();
        documents.close();
    }

    @Test
    void aStoreLooksAfterAllThatAreOpen() throws Exception {
        put(4);
        there.collectSoon(hours(3));
        await().untilAsserted(() -> assertThat(noted()).isEqualTo(1));
    }

    /** Reading all events is worth nothing where there are no attachments. */
    @Test
    void whereThereAreNoneNothingIsDone() throws Exception {
        one.collectSoon(hours(3), Runnable::run);
        put(5);
        two.collectSoon(hours(3), Runnable::run);
        assertThat(noted()).as("the day was not taken").isEqualTo(1);
    }

    @Test
    void aStoreThatIsClosedTakesNoDay() throws Exception {
        put(6);
        here.close();
        one.collectSoon(hours(3), Runnable::run);
        assertThat(noted()).isZero();
        two.collectSoon(hours(3), Runnable::run);
        assertThat(noted()).isEqualTo(1);
    }
}
