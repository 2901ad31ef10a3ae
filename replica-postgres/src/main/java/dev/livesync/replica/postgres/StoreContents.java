package dev.livesync.replica.postgres;

import dev.livesync.api.Block;
import dev.livesync.database.contents.SharedContents;
import dev.livesync.database.replica.SharedView;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The attachments of one database: their blocks, and what is found out when other hubs have changed them. Any thread. */
final class StoreContents implements SharedContents.SharedEvents {
    /** How many events that wait for others are read at once. */
    private static final int AT_ONCE = 64;

    private final DatabaseConnections connections;
    private final String database;
    private final Supplier<SharedView> view;
    private final Runnable follow;
    private final StorePieces pieces;
    private final SharedContents shared;
    private volatile StorePieces.StoredCounts seen = StorePieces.StoredCounts.NONE;

    /**
     * Makes it.
     *
     * @param view the events as they are known
     * @param follow looks at those that there are now
     */
    StoreContents(
            DatabaseConnections connections,
            String database,
            PostgresOptions options,
            Supplier<SharedView> view,
            Runnable follow,
            Runnable announce) {
        this.connections = connections;
        this.database = database;
        this.view = view;
        this.follow = follow;
        this.pieces = new StorePieces(connections, database, options, announce);
        this.shared = new SharedContents(pieces, this, options.maxAttachmentBytes());
    }

    SharedContents shared() {
        return shared;
    }

    boolean isUpToDate(StorePieces.StoredCounts now) {
        return seen.equals(now);
    }

    /** Looks whether other hubs have changed something, and tells those who wait for it. */
    void look() {
        StorePieces.StoredCounts now = pieces.counts();
        StorePieces.StoredCounts before = seen;
        if (!now.equals(before)) {
            seen = now;
            pieces.mayHaveMore();
            shared.blocksChanged(now.lost() != before.lost());
        }
    }

    @Override
    public SharedView view() {
        return view.get();
    }

    @Override
    public SharedView follow() {
        follow.run();
        return view.get();
    }

    @Override
    public void forEachPending(Consumer<Block> action) {
        byte[] last = {};
        for (List<Block> page = page(last); !page.isEmpty(); page = page(last)) {
            last = page.get(page.size() - 1).cid().toByteArray();
            page.forEach(action);
        }
    }

    private List<Block> page(byte[] after) {
        return connections.read("read events that wait", connection -> {
            List<Block> page = new ArrayList<>();
            try (PreparedStatement query = connection.prepareStatement(
                    "select p.cid, b.bytes from livesync_pending p join livesync_blocks b on b.db = p.db and b.cid = p.cid"
                            + " where p.db = ? and p.cid > ? order by p.cid limit " + AT_ONCE)) {
                query.setString(1, database);
                query.setBytes(2, after);
                try (ResultSet row = query.executeQuery()) {
                    while (row.next()) {
                        page.add(StoreBlocks.block(row.getBytes(1), row.getBytes(2)));
                    }
                }
            }
            return page;
        });
    }
}
