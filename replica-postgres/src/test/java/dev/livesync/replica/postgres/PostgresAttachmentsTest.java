package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.erasure.Erasures;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attachments of a database that two hubs serve from one store: what one took the other hands out, as long as it is what it should be. */
@ExtendWith(OnePostgres.class)
@Timeout(120)
class PostgresAttachmentsTest {
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static final PostgresOptions OPTIONS = PostgresOptions.DEFAULT.toBuilder()
            .pollInterval(Duration.ofMillis(50))
            .poolSize(6)
            .build();
    private static final SyncListener FETCHES = new SyncListener() {
        @Override
        public void sessionOpened(Session session) {
            session.fetchAttachments(true);
        }
    };

    private final String name = "attachments " + NAMES.incrementAndGet();
    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void end() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    private <T extends AutoCloseable> T later(T closed) {
        open.add(closed);
        return closed;
    }

    /** A process that serves the database. */
    private final class ServingHub implements AutoCloseable {
        private final PostgresStore store;
        private final PostgresReplica replica;
        private final Sync sync;
        private final Database documents;

        ServingHub(PostgresOptions options) {
            store = PostgresStore.connect(OnePostgres.server().url(), options);
            replica = store.open(name);
            sync = Sync.builder(replica).listener(FETCHES).build();
            documents = Database.over(replica);
        }

        boolean isHere(Attachment content) {
            return documents.attachments().missing(content) == 0;
        }

        byte[] read(Attachment content) throws IOException {
            try (InputStream in = documents.attachments().open(content)) {
                return in.readAllBytes();
            }
        }

        @Nullable
        Block block(Cid cid) {
            return replica.blocks().orElseThrow().block(cid);
        }

        @Override
        public void close() {
            sync.close();
            documents.close();
            store.close();
        }
    }

    private ServingHub hub() {
        return later(new ServingHub(OPTIONS));
    }

    private static byte[] content(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static Attachment put(Database db, String id, byte[] content) throws IOException {
        Attachment photo = db.attachments().put(new ByteArrayInputStream(content), "image/jpeg");
        db.put(id, Map.of("photo", photo.stub()));
        return photo;
    }

    private static void join(Sync offering, Sync accepting) {
        offering.connect(accepting.accept(offering.offer("memory").join()).join())
                .join();
    }

    private static void refused(ErrorKind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    private long number(String sql) throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getLong(1);
            }
        }
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                Statement statement = connection.createStatement()) {
            statement.execute(sql.replace("$db", "db = '" + name + "'"));
        }
    }

    /** What counts them all is right at each moment, whoever is at work. */
    private void requireCounted() throws SQLException {
        assertThat(number("select coalesce((select max(bytes) from livesync_contents where db = p.db), 0)"
                        + " - sum(length(p.bytes)) + sum(p.size) - sum(length(p.bytes)) from livesync_pieces p"
                        + " where p.db = ? group by p.db"))
                .isZero();
    }

    @Test
    void whatAClientOfOneHubPutsAClientOfAnotherGetsThoughTheFirstHubIsGone() throws IOException {
        byte[] bytes = content(1, 900_000);
        ServingHub b = hub();
        Database late = later(Database.inMemory());
        Sync lateSync = later(new Sync(late));
        join(lateSync, b.sync);
        Database waits = later(Database.inMemory());
        Sync waitsSync = later(Sync.builder(waits).listener(FETCHES).build());
        join(waitsSync, b.sync);
        Attachment photo;
        try (ServingHub a = new ServingHub(OPTIONS);
                Database writer = Database.inMemory();
                Sync writing = new Sync(writer)) {
            photo = put(writer, "p", bytes);
            join(writing, a.sync);
            // It asked when the document came, in vain; it is told at the end, at another hub.
            await().until(() -> waits.attachments().missing(photo) == 0);
        }
        late.attachments().fetch(photo);
        try (InputStream in = late.attachments().open(photo)) {
            assertThat(in.readAllBytes()).isEqualTo(bytes);
        }
        assertThat(b.block(photo.root())).isNotNull();
        assertThat(b.read(photo)).isEqualTo(bytes);
    }

    @Test
    void whatIsPutThroughOneHubIsReadThroughAnotherAndIsInItsBackup(@TempDir Path folder) throws Exception {
        byte[] bytes = content(2, 500_000);
        ServingHub a = hub();
        ServingHub b = hub();
        Attachment photo = put(a.documents, "p", bytes);
        assertThat(b.read(photo)).isEqualTo(bytes);
        a.documents.backup(folder.resolve("b.car"));
        Database.restore(folder.resolve("b.car"), folder.resolve("restored"));
        try (Database restored = Database.open(folder.resolve("restored"))) {
            assertThat(restored.attachments().missing(photo)).isZero();
        }
        requireCounted();
    }

    @Test
    void aDamagedBlockIsNeverHandedOutAndIsThereAgainWhenAPeerBringsIt() throws Exception {
        byte[] bytes = content(3, 400_000);
        ServingHub a = hub();
        ServingHub b = hub();
        Attachment photo = put(a.documents, "p", bytes);
        Database client = later(Database.inMemory());
        try (Sync sync = new Sync(client)) {
            join(sync, a.sync);
            client.attachments().fetch(photo);
        }
        change(
                "update livesync_pieces set bytes = set_byte(bytes, 7, (get_byte(bytes, 7) + 1) % 256) where $db and whole is false");
        long before = number("select count(*) from livesync_pieces where db = ?");
        Cid damaged = StoreBlocks.cid(first("select cid from livesync_pieces where db = ? and not whole order by cid"));
        assertThat(b.block(damaged)).isNull();
        assertThat(number("select count(*) from livesync_pieces where db = ?")).isEqualTo(before - 1);
        assertThat(b.documents.attachments().missing(photo)).isPositive();
        requireCounted();
        // The other hub hears of it, and asks its clients; what else is damaged is found when it is read.
        join(later(new Sync(client)), a.sync);
        await().until(() -> a.block(damaged) != null);
        refused(ErrorKind.NOT_FOUND, () -> b.read(photo));
        await().until(() -> {
            try {
                return Arrays.equals(b.read(photo), bytes);
            } catch (SyncException e) {
                return false;
            }
        });
        requireCounted();
    }

    private byte[] first(String sql) throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement query = connection.prepareStatement(sql)) {
            query.setString(1, name);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getBytes(1);
            }
        }
    }

    @Test
    void whatIsPutOverADamagedBlockThatNobodyHasReadHealsIt() throws Exception {
        byte[] bytes = content(4, 100_000);
        ServingHub a = hub();
        Attachment photo = put(a.documents, "p", bytes);
        change("update livesync_pieces set bytes = set_byte(bytes, 7, (get_byte(bytes, 7) + 1) % 256) where $db");
        assertThat(a.documents
                        .attachments()
                        .put(new ByteArrayInputStream(bytes), "a/b")
                        .root())
                .isEqualTo(photo.root());
        assertThat(a.read(photo)).isEqualTo(bytes);
        requireCounted();
    }

    @Test
    void theQuotaHoldsWhicheverHubsWrite() throws Exception {
        PostgresOptions small =
                OPTIONS.toBuilder().maxAttachmentBytes(1_000_000).build();
        List<ServingHub> hubs = List.of(later(new ServingHub(small)), later(new ServingHub(small)));
        AtomicInteger refused = new AtomicInteger();
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            Database db = hubs.get(i % 2).documents;
            byte[] bytes = content(100 + i, 300_000);
            writers.add(CompletableFuture.runAsync(() -> {
                try {
                    db.attachments().put(new ByteArrayInputStream(bytes), "a/b");
                } catch (SyncException e) {
                    assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
                    assertThat(e).hasMessageContaining("maxAttachmentBytes");
                    refused.incrementAndGet();
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }));
        }
        writers.forEach(CompletableFuture::join);
        assertThat(refused.get()).isBetween(3, 6);
        requireCounted();
        assertThat(hubs.get(0).documents.attachments().bytes())
                .isEqualTo(hubs.get(1).documents.attachments().bytes())
                .isBetween(700_000L, 1_000_000L);
    }

    @ParameterizedTest
    @EnumSource
    void aBlockOfWhichTheAnswerIsLostIsCountedOnce(CuttingProxy.Cut cut) throws Exception {
        try (CuttingProxy proxy =
                        new CuttingProxy(OnePostgres.server().port(), "update livesync_contents set bytes = bytes +");
                PostgresStore store = PostgresStore.connect(OnePostgres.server().url(proxy.port()), OPTIONS);
                Database db = Database.over(store.open(name))) {
            put(db, "before", content(10, 1_000));
            proxy.arm(cut);
            Attachment photo = put(db, "p", content(11, 1_000));
            assertThat(proxy.isArmed()).isFalse();
            assertThat(db.attachments().bytes()).isEqualTo(2_000);
            assertThat(db.attachments().missing(photo)).isZero();
            requireCounted();
        }
    }

    @Test
    void aPutThatWasCutOffLeavesNothingHalfAndGoesADayLater() throws Exception {
        ServingHub a = hub();
        byte[] bytes = content(5, 400_000);
        InputStream cut = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("cut");
            }

            @Override
            public int read(byte[] target, int offset, int length) throws IOException {
                throw new IOException("cut");
            }
        };
        assertThatThrownBy(() -> a.documents
                        .attachments()
                        .put(new SequenceInputStream(new ByteArrayInputStream(bytes), cut), "a/b"))
                .hasMessage("cut");
        assertThat(number("select count(*) from livesync_pieces where db = ?")).isPositive();
        assertThat(number("select count(*) from livesync_pieces where db = ? and whole"))
                .isZero();
        Attachment kept = put(a.documents, "p", content(6, 300_000));
        long all = a.documents.attachments().bytes();
        assertThat(a.documents.attachments().collect()).isZero();
        assertThat(a.documents.attachments().collect()).isZero();
        change("update livesync_pieces set unneeded = unneeded - interval '25 hours' where $db");
        long freed = a.documents.attachments().collect();
        assertThat(freed).isPositive();
        assertThat(a.documents.attachments().bytes()).isEqualTo(all - freed);
        assertThat(number("select count(*) from livesync_pieces where db = ? and unneeded is not null"))
                .isZero();
        assertThat(a.isHere(kept)).isTrue();
        requireCounted();
    }

    /** Whatever a sweep has found a day ago: who puts a content, or finds it here because an event names it, keeps it. */
    @Test
    void whatIsPutOrNamedMeanwhileStays() throws Exception {
        ServingHub a = hub();
        ServingHub b = hub();
        byte[] again = content(7, 300_000);
        byte[] named = content(8, 300_000);
        Attachment putAgain = a.documents.attachments().put(new ByteArrayInputStream(again), "a/b");
        Attachment namedLate = a.documents.attachments().put(new ByteArrayInputStream(named), "a/b");
        a.documents.attachments().collect();
        change("update livesync_pieces set unneeded = unneeded - interval '25 hours' where $db");
        b.documents.attachments().put(new ByteArrayInputStream(again), "a/b"); // nobody has named it yet
        b.documents.put("late", Map.of("photo", namedLate.stub()));
        assertThat(a.documents.attachments().collect()).isZero();
        assertThat(a.isHere(putAgain)).isTrue();
        assertThat(a.isHere(namedLate)).isTrue();
        assertThat(a.read(namedLate)).isEqualTo(named);
    }

    @Test
    void whatIsErasedIsHandedOutByNoHub() throws IOException {
        ServingHub a = hub();
        ServingHub b = hub();
        Database client = later(Database.inMemory());
        Sync sync = later(new Sync(client));
        Attachment photo = put(client, "p", content(9, 300_000));
        join(sync, a.sync);
        await().until(() -> b.isHere(photo));
        Cid root = photo.root();
        assertThat(b.block(root)).isNotNull();
        Erasures erasures = client.erasures();
        client.put("p", Map.of());
        erasures.erase(photo);
        await().until(() -> a.block(root) == null && b.block(root) == null);
        refused(ErrorKind.NOT_FOUND, () -> b.read(photo));
        refused(
                ErrorKind.REFUSED,
                () -> b.documents.attachments().put(new ByteArrayInputStream(content(9, 300_000)), "a/b"));
        refused(ErrorKind.UNSUPPORTED, () -> a.documents.erasures().erase(photo));
        refused(ErrorKind.UNSUPPORTED, () -> a.documents.attachments().forgetPast(1));
    }
}
