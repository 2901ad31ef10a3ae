package dev.livesync.replica.postgres;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.PeerFrontiers;
import dev.livesync.api.replica.RememberedClock;
import java.io.ByteArrayOutputStream;
import java.lang.System.Logger.Level;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The clocks that a database's peers had, in a table that all hubs share: who was at one is known at the others. What this hub finds out is merged here and written every now and
 * then ({@link PeerSaver}), so a peer costs a row in that time however often it acknowledges; what is lost with a hub costs its peers a few bytes.
 */
final class StorePeers implements PeerFrontiers {
    /** How many peers are remembered of a database: about 2 MB. */
    static final int MOST = 4_096;

    private static final System.Logger LOG = System.getLogger(StorePeers.class.getName());

    /** A longer name is cut. */
    private static final int MOST_NAME = 200;

    private static final int HEX_DIGITS = 16;

    /** One statement, so that no hub that stalls holds a row; in one order, so that two never wait for each other in a ring. */
    private static final String SAVE = "insert into livesync_peers (db, peer, name, met, heads)"
            + " select ?, p, n, now() - a * interval '1 millisecond', h from unnest(?, ?, ?, ?) as t(p, n, a, h) order by p"
            + " on conflict (db, peer) do update set name = excluded.name, met = excluded.met, heads = excluded.heads"
            + " where livesync_peers.met <= excluded.met";

    private static final String FORGET = "delete from livesync_peers where db = ? and peer in"
            + " (select peer from livesync_peers where db = ? order by met desc, peer offset ?)";

    private final Connections connections;
    private final String database;
    private final Supplier<String> identity;
    private final PeerSaver saver;
    private final LongSupplier nanoTime;
    private final Map<Long, Met> unsaved = new LinkedHashMap<>();

    /**
     * What was found out last of a peer.
     *
     * @param nanos when
     */
    private record Met(String name, List<Cid> heads, long nanos) {}

    /**
     * Creates it.
     *
     * @param identity of the database, in hexadecimal digits
     * @param saver has it saved some time after something was remembered
     */
    StorePeers(
            Connections connections,
            String database,
            Supplier<String> identity,
            PeerSaver saver,
            LongSupplier nanoTime) {
        this.connections = connections;
        this.database = database;
        this.identity = identity;
        this.saver = saver;
        this.nanoTime = nanoTime;
    }

    /** The same at each hub, so a peer knows them all for one. */
    @Override
    public long instance() {
        return Long.parseUnsignedLong(identity.get().substring(0, HEX_DIGITS), 16);
    }

    @Override
    public List<Cid> frontier(long instance) {
        synchronized (unsaved) {
            Met met = unsaved.get(instance);
            if (met != null) {
                return met.heads();
            }
        }
        try {
            return connections.read("read what a peer had", connection -> {
                try (PreparedStatement query =
                        connection.prepareStatement("select heads from livesync_peers where db = ? and peer = ?")) {
                    query.setString(1, database);
                    query.setLong(2, instance);
                    try (ResultSet row = query.executeQuery()) {
                        return row.next() ? heads(row.getBytes(1)) : List.of();
                    }
                }
            });
        } catch (SyncException e) {
            LOG.log(Level.DEBUG, "what a peer of database {0} had is not known: {1}", database, Reason.of(e));
            return List.of();
        }
    }

    @Override
    public List<RememberedClock> all() {
        return connections.read("read what peers had", connection -> {
            save(connection);
            List<RememberedClock> all = new ArrayList<>();
            try (PreparedStatement query = connection.prepareStatement(
                    "select peer, name, cast(extract(epoch from met) * 1000 as bigint), heads from livesync_peers"
                            + " where db = ? order by met desc, peer")) {
                query.setString(1, database);
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        all.add(new RememberedClock(
                                row.getLong(1), row.getString(2), row.getLong(3), heads(row.getBytes(4))));
                    }
                }
            }
            return all;
        });
    }

    @Override
    public void remember(long instance, List<Cid> heads) {
        remember(instance, "", heads);
    }

    @Override
    public void remember(long instance, String name, List<Cid> heads) {
        if (heads.size() > MOST_HEADS) {
            throw new IllegalArgumentException(heads.size() + " heads; at most " + MOST_HEADS + " are remembered");
        }
        String shown = name.length() > MOST_NAME ? name.substring(0, MOST_NAME) : name;
        Met met = new Met(shown.replace("\0", ""), List.copyOf(heads), nanoTime.getAsLong()); // no text there has a NUL
        synchronized (unsaved) {
            unsaved.remove(instance); // the one met last comes last
            unsaved.put(instance, met);
            shorten();
        }
        saver.due(this);
    }

    private void shorten() {
        while (unsaved.size() > MOST) {
            unsaved.remove(unsaved.keySet().iterator().next());
        }
    }

    /** Writes what was found out since the last time. The connection commits by itself. */
    void save(Connection connection) throws SQLException {
        Map<Long, Met> some;
        synchronized (unsaved) {
            if (unsaved.isEmpty()) {
                return;
            }
            some = new LinkedHashMap<>(unsaved);
            unsaved.clear();
        }
        boolean saved = false;
        try {
            insert(connection, some);
            saved = true;
            try (PreparedStatement forget = connection.prepareStatement(FORGET)) {
                forget.setString(1, database);
                forget.setString(2, database);
                forget.setInt(3, MOST);
                forget.executeUpdate();
            }
        } finally {
            if (!saved) {
                putBack(some);
            }
        }
    }

    private void putBack(Map<Long, Met> some) {
        synchronized (unsaved) {
            Map<Long, Met> newer = new LinkedHashMap<>(unsaved);
            unsaved.clear();
            unsaved.putAll(some);
            newer.forEach((peer, met) -> {
                unsaved.remove(peer);
                unsaved.put(peer, met);
            });
            shorten();
        }
    }

    private void insert(Connection connection, Map<Long, Met> some) throws SQLException {
        long now = nanoTime.getAsLong();
        List<Long> peers = List.copyOf(some.keySet());
        List<Met> met = List.copyOf(some.values());
        try (PreparedStatement insert = connection.prepareStatement(SAVE)) {
            insert.setString(1, database);
            insert.setArray(2, connection.createArrayOf("int8", peers.toArray()));
            insert.setArray(
                    3,
                    connection.createArrayOf("text", met.stream().map(Met::name).toArray()));
            insert.setArray(
                    4,
                    connection.createArrayOf(
                            "int8",
                            met.stream().map(m -> (now - m.nanos()) / 1_000_000).toArray()));
            insert.setArray(
                    5,
                    connection.createArrayOf(
                            "bytea", met.stream().map(m -> bytes(m.heads())).toArray(byte[][]::new)));
            insert.executeUpdate();
        }
    }

    private static byte[] bytes(List<Cid> heads) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(heads.size() * Cid.BYTES);
        heads.forEach(head -> out.writeBytes(head.toByteArray()));
        return out.toByteArray();
    }

    /** Whatever is wrong with a row, it counts for nothing. */
    private static List<Cid> heads(byte @Nullable [] bytes) {
        List<Cid> heads = new ArrayList<>();
        try {
            for (int at = 0; bytes != null && at < bytes.length; at += Cid.BYTES) {
                heads.add(Cid.fromBytes(bytes, at));
            }
        } catch (SyncException e) {
            return List.of();
        }
        return heads.size() <= MOST_HEADS ? heads : List.of();
    }

    /** The same, some time later; what can't be written then, next time. */
    void saveIfItCanBe() {
        try {
            connections.read("write what peers had", connection -> {
                save(connection);
                return true;
            });
        } catch (SyncException e) {
            LOG.log(
                    e.kind() == ErrorKind.CONFIGURATION ? Level.WARNING : Level.DEBUG,
                    "what peers of database {0} had is not written: {1}",
                    database,
                    Reason.of(e));
            saver.due(this);
        }
    }
}
