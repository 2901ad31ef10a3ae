package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.replica.Broadcast;
import dev.livesync.api.replica.BroadcastListener;
import dev.livesync.api.replica.Subscription;
import java.lang.System.Logger.Level;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiFunction;
import java.util.function.BooleanSupplier;

/**
 * Messages between the processes that have one database open, as payloads of NOTIFY: the message in base64, a blank, and the database's name. Any process hears those of all databases, and drops by the name what
 * it has not open. Whoever may connect to the server may send them, so what can't be read is dropped and no more.
 */
final class DatabaseBroadcast implements Broadcast {
    private static final System.Logger LOG = System.getLogger(DatabaseBroadcast.class.getName());

    /** The longest payload that the server takes. */
    private static final int MOST_BYTES = 7_999;

    /** Of a character in whatever encoding the server has. */
    private static final int BYTES_OF_CHAR = 4;

    private final String database;
    private final BiFunction<String, String, CompletionStage<Void>> send;
    private final BooleanSupplier isOpen;
    private final List<OneListener> listeners = new CopyOnWriteArrayList<>();
    private boolean complained;

    private static final class OneListener {
        final BroadcastListener told;
        volatile boolean ended;

        OneListener(BroadcastListener told) {
            this.told = told;
        }
    }

    /**
     * Creates it.
     *
     * @param send sends a payload of the database
     * @param isOpen whether the database is
     */
    DatabaseBroadcast(String database, BiFunction<String, String, CompletionStage<Void>> send, BooleanSupplier isOpen) {
        this.database = database;
        this.send = send;
        this.isOpen = isOpen;
    }

    /** Of which database a payload is; empty if that can't be said. */
    static String database(String payload) {
        return payload.substring(payload.indexOf(' ') + 1);
    }

    @Override
    public int maxMessageBytes() {
        return (MOST_BYTES - 1 - BYTES_OF_CHAR * database.length()) / 4 * 3;
    }

    @Override
    public CompletionStage<Void> send(byte[] message) {
        if (message.length > maxMessageBytes()) {
            return FailedFutures.of(new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a message to other hubs of database " + database + " has " + message.length
                            + " bytes; it may have " + maxMessageBytes()));
        }
        if (!isOpen.getAsBoolean()) {
            return FailedFutures.of(new SyncException(ErrorKind.CLOSED, "database " + database + " is closed"));
        }
        return send.apply(database, Base64.getEncoder().encodeToString(message) + ' ' + database);
    }

    @Override
    public Subscription subscribe(BroadcastListener listener) {
        OneListener one = new OneListener(listener);
        listeners.add(one);
        return () -> {
            one.ended = true;
            listeners.remove(one);
        };
    }

    /** A payload has come that is of this database. On the thread that listens. */
    void received(String payload) {
        if (listeners.isEmpty()) {
            return;
        }
        byte[] message;
        try {
            message = Base64.getDecoder().decode(payload.substring(0, Math.max(0, payload.indexOf(' '))));
        } catch (IllegalArgumentException e) {
            LOG.log(
                    complained ? Level.DEBUG : Level.WARNING,
                    "a message to hubs of database {0}, of {1} characters, is none, and is dropped",
                    database,
                    Integer.toString(payload.length()));
            complained = true;
            return;
        }
        for (OneListener one : listeners) {
            tell(one, () -> one.told.received(message.clone()));
        }
    }

    /** Something may have been missed. On the thread that listens. */
    void missed() {
        for (OneListener one : listeners) {
            tell(one, one.told::missed);
        }
    }

    private static void tell(OneListener one, Runnable what) {
        if (!one.ended) {
            try {
                what.run();
            } catch (RuntimeException | Error e) {
                LOG.log(Level.WARNING, "a listener for messages of other hubs failed", e);
            }
        }
    }

    /** The database is closed: nobody is told anything any more. */
    void clear() {
        listeners.forEach(one -> one.ended = true);
        listeners.clear();
    }
}
