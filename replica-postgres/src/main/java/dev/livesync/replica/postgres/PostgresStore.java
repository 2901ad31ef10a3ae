package dev.livesync.replica.postgres;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A PostgreSQL server with any number of databases, each of them synchronised for itself. One connection listens for what other processes have committed, whatever the number of
 * databases; the others are lent to who reads or commits.
 *
 * <p>Any thread.
 */
public final class PostgresStore implements AutoCloseable {
    /** A hub that is killed forgets what its peers have acknowledged in the last half a minute. */
    private static final Duration PEERS_PAUSE = Duration.ofSeconds(30);

    /** So many databases that somebody told of are followed at once. */
    private static final int FEW = 4;

    private static final Pattern NAME = Pattern.compile("[^\\p{Cntrl}]{1,200}");

    /** How long anybody waits for a connection. */
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final int STANDBY_POOL = 10;

    private static final int HISTORY_EVERY = 10_000;

    private final Parts parts;
    private final @Nullable HikariDataSource pool;
    private final Background background;
    private final Map<String, PostgresReplica> open = new ConcurrentHashMap<>();
    private final Map<String, Followed> opening = new ConcurrentHashMap<>();
    private volatile boolean closed;

    /**
     * What the databases of a store share.
     *
     * @param historyEvery after how many events a checkpoint of a history is worth writing; 0 for none
     */
    record Parts(
            Connections connections,
            @Nullable StandbyReads standby,
            PostgresOptions options,
            StoreCache cache,
            WakeUps wakeUps,
            CommitNames attempts,
            Followed.Maker followed,
            @Nullable PeerSaver peers,
            int historyEvery,
            boolean broadcasts,
            boolean hasContents) {}

    /** What goes on beside what callers ask for: it tells other hubs of what is new here, and looks for what is new of theirs. */
    interface Background extends AutoCloseable {
        /** Something of a database was committed. */
        void announce(String database);

        /** Sends a payload of a database to other hubs, in its turn. */
        CompletionStage<Void> send(String database, String payload);

        /** Where databases are followed: one with much of it, or that hangs, should keep no other one waiting. */
        Executor followers();

        /** Begins no more. */
        @Override
        void close();

        /** Waits until nothing of it looks any more. */
        void join();
    }

    /** What the listener hears goes to the databases that are open. */
    private final class Heard implements StoreListener.Hearing {
        @Override
        public void look(@Nullable Collection<String> databases) {
            PostgresStore.this.look(databases);
            if (databases == null) {
                collectSoon(System.nanoTime());
            }
        }

        @Override
        public void received(String payload) {
            PostgresReplica replica = open.get(DatabaseBroadcast.database(payload));
            if (replica != null) {
                replica.received(payload);
            }
        }

        @Override
        public void missed() {
            open.values().forEach(PostgresReplica::missed);
        }
    }

    private PostgresStore(
            DataSource source,
            @Nullable HikariDataSource pool,
            PostgresOptions options,
            @Nullable SqlDialect as,
            int version,
            int historyEvery) {
        this.pool = pool;
        SqlDialect dialect = migrated(source, version);
        ConnectionShares shares = new ConnectionShares(
                source instanceof HikariDataSource sized ? sized.getMaximumPoolSize() : options.poolSize(), PATIENCE);
        Connections connections = new Connections(source, as == null ? dialect : as, shares);
        this.parts = new Parts(
                connections,
                options.reads().map(PostgresStore::standby).orElse(null),
                options,
                new StoreCache(options.cacheBytes()),
                new WakeUps(),
                new CommitNames(options.random()),
                Followed::new,
                version < Schema.PEERS ? null : new PeerSaver(PEERS_PAUSE, System::nanoTime),
                version < Schema.CHECKPOINTS ? 0 : historyEvery,
                connections.dialect().notifies(),
                version >= Schema.CONTENTS);
        this.background = new BackgroundThreads(connections, options.pollInterval(), new Heard());
    }

    private PostgresStore(
            DataSource source,
            PostgresOptions options,
            Executor wakeUps,
            Background background,
            Followed.Maker followed,
            int historyEvery) {
        this.pool = null;
        this.background = background;
        ConnectionShares shares = new ConnectionShares(options.poolSize(), PATIENCE);
        this.parts = new Parts(
                new Connections(source, migrated(source, Schema.VERSION), shares),
                null,
                options,
                new StoreCache(options.cacheBytes()),
                new WakeUps(wakeUps),
                new CommitNames(options.random()),
                followed,
                null,
                historyEvery,
                false,
                false);
    }

    /** A store without a thread of its own, which remembers no peers, has no broadcast and keeps no attachments: who has made it calls {@link #look} when it is time to, and decides when others are told. */
    static PostgresStore driven(
            DataSource source,
            PostgresOptions options,
            Executor wakeUps,
            Background background,
            Followed.Maker followed,
            int historyEvery) {
        return new PostgresStore(source, options, wakeUps, background, followed, historyEvery);
    }

    /**
     * Connects to a server, with a pool of connections, and brings its tables up to date.
     *
     * @param url a JDBC URL, {@code jdbc:postgresql://host/database?user=…}; several hosts with {@code targetServerType=primary}. {@code postgresql://…} is taken, too
     * @param options how
     * @return the store, to be closed
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if the server does not let us in, {@link ErrorKind#STORAGE} if it does not answer, {@link
     *     ErrorKind#UNSUPPORTED} if its tables are for newer hubs
     */
    public static PostgresStore connect(String url, PostgresOptions options) {
        return connect(url, options, null, Schema.VERSION, HISTORY_EVERY);
    }

    /** The same for a server that cannot tell anybody, whatever this one could. */
    static PostgresStore polling(String url, PostgresOptions options) {
        return connect(url, options, SqlDialect.COCKROACH, Schema.VERSION, HISTORY_EVERY);
    }

    /** The same as a hub that knows no newer tables. */
    static PostgresStore ofVersion(int version, String url, PostgresOptions options) {
        return connect(url, options, null, version, HISTORY_EVERY);
    }

    /** The same with checkpoints of histories that are worth writing after so many events. */
    static PostgresStore keepingEvery(int events, String url, PostgresOptions options) {
        return connect(url, options, null, Schema.VERSION, events);
    }

    private static HikariConfig config(String url, String name, Duration patience, Duration silence) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url.startsWith("postgresql:") ? "jdbc:" + url : url);
        config.setPoolName(name);
        config.setConnectionTimeout(patience.toMillis());
        config.setInitializationFailTimeout(-1);
        config.addDataSourceProperty("connectTimeout", "5");
        config.addDataSourceProperty("socketTimeout", String.valueOf(silence.toSeconds()));
        config.addDataSourceProperty("tcpKeepAlive", "true");
        config.addDataSourceProperty("ApplicationName", "livesync");
        return config;
    }

    /** Nobody waits long for a standby, or for one of yesterday: there is the primary. */
    private static StandbyReads standby(String url) {
        HikariConfig config = config(url, "livesync-postgres-reads", Duration.ofMillis(500), Duration.ofSeconds(3));
        config.setMaximumPoolSize(STANDBY_POOL);
        config.setMinimumIdle(0);
        config.setMaxLifetime(Duration.ofMinutes(5).toMillis());
        config.setReadOnly(true);
        return new StandbyReads(new HikariDataSource(config), System::nanoTime);
    }

    private static PostgresStore connect(
            String url, PostgresOptions options, @Nullable SqlDialect as, int version, int historyEvery) {
        HikariConfig config = config(url, "livesync-postgres", PATIENCE, Duration.ofSeconds(30));
        config.setMaximumPoolSize(options.poolSize());
        config.setMinimumIdle(1);
        HikariDataSource pool = new HikariDataSource(config);
        try {
            return new PostgresStore(pool, pool, options, as, version, historyEvery);
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /**
     * Uses the connections of a pool, and brings the tables up to date.
     *
     * @param source safe for any thread; stays the caller's. Three connections or more at once: one listens, one commits, one reads. How many it has is asked of HikariCP, and is
     *     {@link PostgresOptions#poolSize()} for others
     * @param options how
     * @return the store, to be closed before the source
     * @throws SyncException as {@link #connect}
     */
    public static PostgresStore of(DataSource source, PostgresOptions options) {
        return new PostgresStore(source, null, options, null, Schema.VERSION, HISTORY_EVERY);
    }

    private static SqlDialect migrated(DataSource source, int version) {
        try (Connection connection = source.getConnection()) {
            SqlDialect dialect = SqlDialect.of(connection);
            Schema.migrate(connection, dialect, version);
            return dialect;
        } catch (SQLException e) {
            throw SqlFailures.of("cannot use the PostgreSQL server", e);
        }
    }

    /**
     * Opens a database, and creates it if there is none. Reads its history, from the last checkpoint on that a process has left in the store; {@link #opening} tells how far it is.
     *
     * @param database its name: 1 to 200 characters, no control characters
     * @return the database; the same one again while it is open
     * @throws SyncException {@link ErrorKind#STORAGE}, {@link ErrorKind#CORRUPT}, {@link ErrorKind#CLOSED}; {@link ErrorKind#INVALID_ARGUMENT} for a name that can't be
     */
    public PostgresReplica open(String database) {
        if (!NAME.matcher(database).matches()) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "a database's name has 1 to 200 characters, and no control characters");
        }
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the store is closed");
        }
        return open.computeIfAbsent(database, name -> new PostgresReplica(this, parts, name));
    }

    /**
     * Asks the server for a sign of life, with a connection of the pool, so that this fails where reading and committing would.
     *
     * @throws SyncException {@link ErrorKind#STORAGE} if none comes, {@link ErrorKind#CLOSED}
     */
    public void check() {
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the store is closed");
        }
        parts.connections().read("ask the server for a sign of life", connection -> {
            try (PreparedStatement query = connection.prepareStatement("select 1")) {
                return query.execute();
            }
        });
    }

    /**
     * The databases that are being opened right now, on other threads: a long history takes a while.
     *
     * @return each, and how far it has come
     */
    public List<OpeningDatabase> opening() {
        return opening.entrySet().stream()
                .map(one -> {
                    Followed.HistoryRead read = one.getValue().reading();
                    return new OpeningDatabase(one.getKey(), read.events(), read.of());
                })
                .sorted(Comparator.comparing(OpeningDatabase::database))
                .toList();
    }

    void opens(String database, Followed followed) {
        opening.put(database, followed);
    }

    void opened(String database) {
        opening.remove(database);
    }

    Executor followers() {
        return background.followers();
    }

    boolean isClosed() {
        return closed;
    }

    void announce(String database) {
        background.announce(database);
    }

    CompletionStage<Void> send(String database, String payload) {
        return background.send(database, payload);
    }

    void forget(PostgresReplica replica) {
        open.remove(replica.name(), replica);
    }

    /** Forgets what was written or read last: tests look at what the server has. */
    void clearCache() {
        parts.cache().clear();
    }

    /** Removes attachments that nothing names, of those databases of which it is time to. */
    void collectSoon(long now) {
        open.values().forEach(replica -> replica.collectSoon(now, background.followers()));
    }

    /** Follows those of some databases that have something new, each on a thread of its own: one with much of it, or that hangs, keeps no other one waiting. */
    void look(@Nullable Collection<String> names) {
        List<String> wanted = open.keySet().stream()
                .filter(name -> names == null || names.contains(name))
                .toList();
        if (names != null
                && wanted.size() <= FEW) { // then most of them are behind, and asking first is one question more
            wanted.stream()
                    .map(open::get)
                    .filter(Objects::nonNull)
                    .forEach(replica -> replica.followSoon(background.followers()));
            return;
        }
        for (int from = 0; from < wanted.size(); from += StoreBlocks.AT_ONCE) {
            List<String> some = wanted.subList(from, Math.min(wanted.size(), from + StoreBlocks.AT_ONCE));
            behind(some).forEach(replica -> replica.followSoon(background.followers()));
        }
    }

    private Collection<PostgresReplica> behind(List<String> names) {
        return parts.connections().read("look for changes", connection -> {
            Map<String, PostgresReplica> behind = new HashMap<>();
            names.forEach(name -> behind.computeIfAbsent(name, open::get));
            try (PreparedStatement query = connection.prepareStatement(
                    "select db, incarnation, number, attempt from livesync_feed where db = any(?)")) {
                query.setArray(1, connection.createArrayOf("text", names.toArray()));
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        PostgresReplica replica = behind.get(row.getString(1));
                        if (replica != null && replica.isUpToDate(row.getString(2), row.getLong(3), row.getLong(4))) {
                            behind.remove(replica.name());
                        }
                    }
                }
            }
            if (parts.hasContents()) {
                addThoseWithContents(connection, names, behind);
            }
            return behind.values();
        });
    }

    private void addThoseWithContents(Connection connection, List<String> names, Map<String, PostgresReplica> behind)
            throws SQLException {
        try (PreparedStatement query =
                connection.prepareStatement("select db, added, lost from livesync_contents where db = any(?)")) {
            query.setArray(1, connection.createArrayOf("text", names.toArray()));
            try (ResultSet row = query.executeQuery()) {
                while (row.next()) {
                    PostgresReplica replica = open.get(row.getString(1));
                    if (replica != null
                            && !replica.isUpToDate(new StorePieces.StoredCounts(row.getLong(2), row.getLong(3)))) {
                        behind.put(replica.name(), replica);
                    }
                }
            }
        }
    }

    /** Closes all databases, and the pool if it is this store's. Commits that have begun end first or fail. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        background.close();
        List.copyOf(open.values()).forEach(PostgresReplica::close);
        parts.wakeUps().close();
        if (parts.peers() != null) {
            parts.peers().close();
        }
        background.join();
        if (parts.standby() != null) {
            parts.standby().close();
        }
        if (pool != null) {
            pool.close();
        }
    }
}
