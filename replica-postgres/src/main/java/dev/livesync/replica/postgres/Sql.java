package dev.livesync.replica.postgres;

import dev.livesync.api.Cid;
import java.sql.Array;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;

/** What several statements have in common. */
final class Sql {
    /** The order in which rows are written, so that two hubs never wait for each other in a ring. */
    static final Comparator<Cid> BY_BYTES = (a, b) -> Arrays.compareUnsigned(a.toByteArray(), b.toByteArray());

    /** Of a block "b" and its commit "c": whether it is there at commit number "?", which has to be given three times. */
    static final String VISIBLE =
            "c.number <= ? and (b.gone is null or b.gone > ? or (b.back is not null and b.back <= ?))";

    private Sql() {}

    static Array cids(Connection connection, Collection<Cid> cids) throws SQLException {
        return connection.createArrayOf(
                "bytea", cids.stream().map(Cid::toByteArray).toArray(byte[][]::new));
    }
}
