package dev.livesync.cli;

import dev.livesync.Session;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.attachments.Attachment;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;

/** What documents name and don't hold: fetched with them in all sessions of a command. */
final class NamedContent implements SyncListener {
    @Override
    public void sessionOpened(Session session) {
        session.fetchAttachments(true);
    }

    /** Waits for everything that documents name, and prints what can't be had. */
    static void fetch(Database database, Console console) {
        try (var documents = database.documents()) {
            documents.forEach(
                    document -> forEach(document, attachment -> fetch(database, document, attachment, console)));
        }
    }

    private static void fetch(Database database, Document document, Attachment attachment, Console console) {
        try {
            database.attachments().fetch(attachment);
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.NOT_FOUND
                    && e.kind() != ErrorKind.LIMIT_EXCEEDED
                    && e.kind() != ErrorKind.MALFORMED) {
                throw e;
            }
            console.note("an attachment of \"" + document.id() + "\" is not here: " + e.getMessage());
        }
    }

    private static void forEach(Document document, Consumer<Attachment> action) {
        Deque<Value> todo = new ArrayDeque<>();
        todo.push(document.value());
        while (!todo.isEmpty()) {
            Value value = todo.pop();
            if (value instanceof Value.Sequence sequence) {
                sequence.items().forEach(todo::push);
            } else if (value instanceof Value.Mapping map) {
                Attachment.of(map).ifPresent(action);
                map.entries().values().forEach(todo::push);
            }
        }
    }
}
