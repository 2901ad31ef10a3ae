package dev.livesync.replica.postgres;

import dev.livesync.replica.postgres.ModelledLink.Fault;
import dev.livesync.replica.postgres.ModelledLink.Kind;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A connection to a {@link ModelledServer}: as much of JDBC as replicas use. */
final class ModelledConnection {
    private final ModelledLink link;
    private boolean autoCommit = true;
    private boolean broken;
    private boolean failed;
    private @Nullable ModelledTransaction transaction;

    ModelledConnection(ModelledLink link) {
        this.link = link;
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    Connection proxy() {
        return proxy(Connection.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "setAutoCommit" -> {
                setAutoCommit((Boolean) arguments[0]);
                yield null;
            }
            case "prepareStatement" -> statement((String) arguments[0]);
            case "createArrayOf" -> array((Object[]) arguments[1]);
            case "commit" -> {
                commit();
                yield null;
            }
            case "rollback" -> {
                rollback();
                yield null;
            }
            case "close" -> {
                close();
                yield null;
            }
            case "isWrapperFor" -> false;
            default -> throw new UnsupportedOperationException(method.toString());
        });
    }

    private static Array array(Object[] elements) {
        return proxy(Array.class, (proxy, method, arguments) -> {
            if (method.getName().equals("getArray")) {
                return elements;
            }
            throw new UnsupportedOperationException(method.toString());
        });
    }

    /** It breaks; the server ends its transaction. */
    void cut() {
        link.server().trouble();
        broken = true;
        end(false);
    }

    private void end(boolean commits) {
        ModelledTransaction ended = transaction;
        transaction = null;
        if (ended != null && !ended.left) {
            link.server().end(ended, commits);
        }
    }

    private void requireUnbroken() throws SQLException {
        if (broken) {
            throw new SQLException("This connection has been closed.", "08003");
        }
    }

    private void setAutoCommit(boolean by) throws SQLException {
        requireUnbroken();
        if (by && !autoCommit) {
            commit();
        }
        autoCommit = by;
    }

    private void commit() throws SQLException {
        requireUnbroken();
        ModelledTransaction now = transaction;
        if (now == null) {
            return;
        }
        Fault fault = now.isEmpty() ? Fault.NONE : next(Kind.COMMIT);
        requireUnbroken();
        if (failed) {
            rollback();
            throw new SQLException("The database returned ROLLBACK, so the transaction cannot be committed.", "40000");
        }
        switch (fault) {
            case NONE -> end(true);
            case CUT_AFTER -> {
                end(true);
                cut();
            }
            case CUT_MEANWHILE -> {
                link.server().leave(now);
                cut();
            }
            case CUT, CRASH -> cut();
        }
        requireUnbroken();
    }

    private Fault next(Kind kind) throws SQLException {
        Fault fault;
        try {
            fault = link.next(kind);
        } catch (SQLException e) {
            cut();
            throw e;
        }
        requireUnbroken();
        return fault;
    }

    private void rollback() throws SQLException {
        requireUnbroken();
        end(false);
        failed = false;
    }

    private void close() {
        if (!broken) {
            end(false);
        }
        link.closed(this);
    }

    /** The server has taken its transaction back, and with it the connection. */
    private void takenBack() {
        broken = true;
        transaction = null;
    }

    private PreparedStatement statement(String sql) throws SQLException {
        requireUnbroken();
        List<@Nullable Object> parameters = new ArrayList<>();
        return proxy(PreparedStatement.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "setString", "setLong", "setInt", "setBytes", "setArray" -> {
                int index = (Integer) arguments[0];
                while (parameters.size() < index) {
                    parameters.add(null);
                }
                parameters.set(index - 1, arguments[1] instanceof Array array ? array.getArray() : arguments[1]);
                yield null;
            }
            case "execute" -> {
                run(sql, parameters);
                yield false;
            }
            case "executeUpdate" -> run(sql, parameters).size();
            case "executeQuery" -> result(run(sql, parameters));
            case "close" -> null;
            default -> throw new UnsupportedOperationException(method.toString());
        });
    }

    private List<Object[]> run(String sql, List<@Nullable Object> parameters) throws SQLException {
        requireUnbroken();
        Kind kind = ModelledStatements.kind(sql);
        Fault fault = next(kind);
        if (fault != Fault.NONE && fault != Fault.CUT_AFTER) {
            cut();
            requireUnbroken();
        }
        if (failed) {
            throw new SQLException("current transaction is aborted", "25P02");
        }
        ModelledTransaction now = transaction;
        if (now == null) {
            now = link.server().begin(this::takenBack);
            transaction = now;
        }
        List<Object[]> rows;
        try {
            if (kind == Kind.WRITE && link.server().isFull()) {
                link.server().trouble();
                throw new SQLException("could not extend file: No space left on device", "53100");
            }
            synchronized (link.server()) {
                rows = new ModelledStatements(link.server(), now, parameters).run(sql);
            }
        } catch (SQLException e) {
            if (autoCommit) {
                end(false);
            } else {
                failed = true;
            }
            throw e;
        }
        if (autoCommit) {
            end(true);
        }
        if (fault == Fault.CUT_AFTER) {
            cut();
            requireUnbroken();
        }
        return rows;
    }

    private static ResultSet result(List<Object[]> rows) {
        int[] at = {-1};
        return proxy(ResultSet.class, (proxy, method, arguments) -> switch (method.getName()) {
            case "next" -> ++at[0] < rows.size();
            case "getString", "getBytes", "getBoolean" -> rows.get(at[0])[(Integer) arguments[0] - 1];
            case "getLong" -> ((Number) rows.get(at[0])[(Integer) arguments[0] - 1]).longValue();
            case "getInt" -> ((Number) rows.get(at[0])[(Integer) arguments[0] - 1]).intValue();
            case "close" -> null;
            default -> throw new UnsupportedOperationException(method.toString());
        });
    }
}
