package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Messages that wait to be sent: one of each database at a time, so one that says much keeps no other one waiting. One thread. */
final class MessageTurns {
    /** How much goes together: a transaction that notifies has a lock of the whole server for as long as it writes. */
    private static final int CHARS = 64 << 10;

    /** How many of one database wait: two for each of a few that have it open in one process. */
    private static final int MOST = 16;

    /** One that waits. */
    record WaitingMessage(String payload, CompletableFuture<Void> sent) {}

    /** The database whose turn it is comes first. */
    private final Map<String, ArrayDeque<WaitingMessage>> databases = new LinkedHashMap<>();

    boolean isEmpty() {
        return databases.isEmpty();
    }

    /** Adds one behind those of its database. */
    CompletionStage<Void> add(String database, String payload) {
        ArrayDeque<WaitingMessage> queue = databases.computeIfAbsent(database, name -> new ArrayDeque<>());
        if (queue.size() >= MOST) {
            return FailedFutures.of(new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "there are " + MOST + " messages of database " + database + " that wait to be sent already"));
        }
        WaitingMessage waiting = new WaitingMessage(payload, new CompletableFuture<>());
        queue.add(waiting);
        return waiting.sent();
    }

    /** Takes those that go next, at least one if there is any. */
    List<WaitingMessage> next() {
        List<WaitingMessage> next = new ArrayList<>();
        int room = CHARS;
        for (String database : List.copyOf(databases.keySet())) {
            ArrayDeque<WaitingMessage> queue = databases.get(database);
            WaitingMessage first = queue == null ? null : queue.peek();
            if (queue == null || first == null || first.payload().length() > room && !next.isEmpty()) {
                break;
            }
            room -= first.payload().length();
            next.add(queue.remove());
            databases.remove(database);
            if (!queue.isEmpty()) {
                databases.put(database, queue); // behind the others
            }
        }
        return next;
    }
}
