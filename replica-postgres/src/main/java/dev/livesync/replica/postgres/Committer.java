package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.CommitResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * Has commits that wait at the same time share a transaction: whoever finds nobody at it takes all that wait, answers each by itself, and
 * hands over to the one that has waited longest. One that is refused
 * takes nothing with it.
 */
final class Committer {
    /** How many bytes commits that share a transaction have, unless it is a single one. */
    private static final long MOST_BYTES = 16 << 20;

    /** How often a transaction is begun again. */
    private static final int TRIES = 5;

    private final DatabaseConnections connections;
    private final String database;
    private final Followed followed;
    private final PostgresOptions options;
    private final CommitNames attempts;
    private final ArrayDeque<PreparedCommit> waiting = new ArrayDeque<>();
    /** Whether somebody is at it; guarded by those who wait. */
    private boolean leading;

    Committer(
            DatabaseConnections connections,
            String database,
            Followed followed,
            PostgresOptions options,
            CommitNames attempts) {
        this.connections = connections;
        this.database = database;
        this.followed = followed;
        this.options = options;
        this.attempts = attempts;
    }

    CommitResult commit(PreparedCommit commit) {
        boolean first;
        synchronized (waiting) {
            waiting.add(commit);
            first = !leading;
            leading = true;
        }
        if (first || commit.awaitTurn()) {
            try {
                while (!commit.isDone()) {
                    together(take());
                }
            } finally {
                handOver();
            }
        }
        return commit.result();
    }

    /** Whoever waits longest goes on. Those who are answered need not know. */
    private void handOver() {
        PreparedCommit next;
        synchronized (waiting) {
            next = waiting.peek();
            leading = next != null;
        }
        if (next != null) {
            next.lead();
        }
    }

    private List<PreparedCommit> take() {
        synchronized (waiting) {
            List<PreparedCommit> group = new ArrayList<>();
            long bytes = 0;
            for (PreparedCommit next = waiting.peek();
                    next != null
                            && group.size() < options.commitsPerTransaction()
                            && (group.isEmpty() || bytes + next.bytes <= MOST_BYTES);
                    next = waiting.peek()) {
                group.add(waiting.remove());
                bytes += next.bytes;
            }
            return group;
        }
    }

    /** Answers all of a group, in one transaction if it can be. */
    private void together(List<PreparedCommit> group) {
        try {
            store(group);
        } catch (CommitTransaction.SpoiledException e) {
            if (e.culprit != null) {
                e.culprit.fail(e.why);
            }
            // Rare, and only then: what is left of the group is worked out anew, each for itself.
            group.stream().filter(c -> !c.isDone()).forEach(c -> together(List.of(c)));
        } catch (SQLException e) {
            failAll(group, SqlFailures.of("cannot commit to database " + database, e));
        } catch (RuntimeException e) {
            failAll(group, e);
        } catch (Error e) { // the others would wait for ever
            failAll(group, new SyncException(ErrorKind.INTERNAL, "a commit failed: " + Reason.of(e), e));
            throw e;
        }
    }

    private static void failAll(List<PreparedCommit> group, RuntimeException why) {
        for (PreparedCommit commit : group) {
            if (!commit.isDone()) {
                commit.fail(why instanceof SyncException s ? new SyncException(s.kind(), Reason.of(s), s) : why);
            }
        }
    }

    private void store(List<PreparedCommit> group) throws SQLException {
        for (int tries = 1; ; tries++) {
            CommitTransaction transaction =
                    new CommitTransaction(database, followed, options, attempts.next(), connections.dialect());
            try (DatabaseConnections.Lent lent = connections.lend()) {
                Connection connection = lent.connection();
                if (transaction.run(connection, group)) {
                    return;
                }
                connection.setAutoCommit(true);
                followed.follow(connection);
                if (tries >= TRIES) {
                    throw new SyncException(
                            ErrorKind.STORAGE,
                            "cannot commit to database " + database + ": others are faster; try again");
                }
            } catch (SQLException e) {
                if (transaction.isInDoubt() && resolve(transaction)) {
                    return;
                }
                if (tries >= TRIES || !connections.dialect().isWorthATry(e)) {
                    throw e;
                }
                if ("23505".equals(e.getSQLState())) {
                    attempts.redraw();
                }
            } finally {
                transaction.end();
            }
        }
    }

    /** Asks whether a transaction took place of which the answer was lost. */
    private boolean resolve(CommitTransaction transaction) throws SQLException {
        SQLException last = null;
        for (int tries = 1; tries <= TRIES; tries++) {
            try (DatabaseConnections.Lent lent = connections.lend()) {
                return transaction.resolve(lent.connection());
            } catch (SQLException e) {
                last = e;
            }
        }
        if (last != null) {
            throw last;
        }
        return false;
    }
}
