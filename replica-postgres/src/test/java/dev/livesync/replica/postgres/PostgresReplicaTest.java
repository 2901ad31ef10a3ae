package dev.livesync.replica.postgres;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Replicated;
import dev.livesync.tck.ReplicaStore;
import dev.livesync.tck.ReplicaTck;
import dev.livesync.tck.StoreFeature;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.extension.ExtendWith;

/** The kit, on a real server. */
@ExtendWith(OnePostgres.class)
class PostgresReplicaTest extends ReplicaTck {
    private static final long QUOTA = 1 << 20;
    private static final AtomicInteger NAMES = new AtomicInteger();
    private static PostgresStore store;

    @BeforeAll
    static void connect() throws SQLException {
        store = open();
        // A disk that is full, for some: the server refuses when nearly all of a commit is written.
        OnePostgres.server().execute("""
                create table full_disks(db text primary key);
                create function refuse() returns trigger language plpgsql as $$ begin
                  if exists (select 1 from full_disks f where f.db = new.db) then
                    raise exception 'could not extend file: No space left on device' using errcode = '53100';
                  end if;
                  return new;
                end $$;
                create trigger refuse before insert on livesync_commits for each row execute function refuse();
                """);
    }

    @AfterAll
    static void close() throws SQLException {
        store.close();
        OnePostgres.server().execute("drop function refuse() cascade; drop table full_disks");
    }

    private static PostgresStore open() {
        PostgresOptions options =
                PostgresOptions.DEFAULT.toBuilder().pendingBytesPerPeer(QUOTA).build();
        return PostgresStore.connect(OnePostgres.server().url(), options);
    }

    @Override
    protected ReplicaStore newStore() {
        String name = "kit " + NAMES.incrementAndGet();
        return new ReplicaStore() {
            private PostgresReplica replica;

            @Override
            public Replicated open() {
                replica = store.open(name);
                return replica;
            }

            @Override
            public void close() {
                if (replica != null) {
                    replica.close();
                }
            }

            @Override
            public long pendingBytesPerPeer() {
                return QUOTA;
            }

            @Override
            public Set<StoreFeature> features() {
                return EnumSet.of(
                        StoreFeature.RESTART, StoreFeature.CRASH, StoreFeature.FAILING_WRITES, StoreFeature.DAMAGE);
            }

            @Override
            public void crash() throws Exception {
                replica.close();
                OnePostgres.server().crash();
            }

            @Override
            public void failWrites(boolean failing) throws Exception {
                change(
                        failing ? "insert into full_disks values (?)" : "delete from full_disks where db = ?",
                        name,
                        null);
            }

            @Override
            public void damage(Cid block) throws Exception {
                change(
                        "update livesync_blocks set bytes = set_byte(bytes, 0, 255 - get_byte(bytes, 0))"
                                + " where db = ? and cid = ?",
                        name,
                        block);
                store.clearCache();
            }
        };
    }

    private static void change(String sql, String name, Cid cid) throws SQLException {
        try (Connection connection = OnePostgres.server().connect();
                PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setString(1, name);
            if (cid != null) {
                statement.setBytes(2, cid.toByteArray());
            }
            statement.executeUpdate();
        }
    }
}
