package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.io.ByteArrayInputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** At no level does the log tell a secret or anything of a document, whatever goes wrong. */
class LogContentTest {
    /** In the content of documents and attachments. */
    private static final String CONTENT = "payload-71c3";
    /** In the ids of documents. */
    private static final String ID = "document-8d20";
    /** In what is shown by presence. */
    private static final String SHOWN = "presence-4e19";

    private static final String SECRET_OF_ADDRESS = "secret-a".repeat(6);
    private static final String SECRET_OF_GRANT = "secret-b".repeat(6);
    private static final String SECRET_OF_READER = "secret-c".repeat(6);
    private static final String WRONG = "secret-d".repeat(6);

    private final Logger root = Logger.getLogger("dev.livesync");
    private final Queue<LogRecord> records = new ConcurrentLinkedQueue<>();
    private final Handler handler = new Handler() {
        @Override
        public void publish(LogRecord record) {
            records.add(record);
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    };

    @TempDir
    private Path directory;

    @BeforeEach
    void listen() {
        root.setLevel(Level.ALL);
        handler.setLevel(Level.ALL);
        root.addHandler(handler);
        root.setUseParentHandlers(false);
    }

    @AfterEach
    void restore() {
        root.removeHandler(handler);
        root.setLevel(null);
        root.setUseParentHandlers(true);
    }

    @Test
    void nothingOfADocumentAndNoSecretIsLogged() throws Exception {
        AtomicBoolean refusing = new AtomicBoolean();
        Grants grants = Grants.inMemory();
        grants.add(new Grant("writer", SECRET_OF_GRANT, Rights.READ_WRITE, Optional.empty(), Set.of()));
        grants.add(new Grant("reader", SECRET_OF_READER, Rights.READ, Optional.empty(), Set.of()));
        Path files = directory.resolve("hub");
        String offer;
        try (Database hub = Database.open(files);
                Database client = Database.inMemory();
                Sync a = Sync.builder(hub)
                        .listener(new ThrowingListener())
                        .authorizer(write -> refusing.get() ? Optional.of("not this one") : Optional.empty())
                        .build();
                Sync b = new Sync(client)) {
            for (int i = 0; i < 50; i++) {
                hub.put(ID + i, document(i));
                client.put(ID + (i + 25), document(-i));
            }
            var attachment = client.attachments()
                    .put(
                            new ByteArrayInputStream(CONTENT.repeat(10_000).getBytes(StandardCharsets.UTF_8)),
                            "text/plain");
            client.put(ID + "-attached", Map.of("file", attachment.stub()));
            String address = a.listen("ws://127.0.0.1:0/#" + SECRET_OF_ADDRESS, grants)
                    .join()
                    .address();
            String bare = address.substring(0, address.indexOf('#'));

            try (Session session = b.dial(bare, SECRET_OF_GRANT).join()) {
                session.backlog().join();
                session.fetchAttachments(true);
                b.presence().set(SHOWN, SHOWN);
                client.put(ID + "-live", document(1));
                session.delivered().join();
                session.awaitEqual().join();
            }
            try (KeptPeer kept = b.keep(address)) {
                kept.connected().join().backlog().join();
            }
            // What goes wrong.
            assertThatThrownBy(() -> b.dial(bare, WRONG).join()).hasCauseInstanceOf(SyncException.class);
            try (Session reader = b.dial(bare, SECRET_OF_READER).join()) {
                client.put(ID + "-refused", document(2));
                assertThatThrownBy(() -> reader.delivered().join()).hasCauseInstanceOf(SyncException.class);
            }
            refusing.set(true);
            try (Session writer = b.dial(bare, SECRET_OF_GRANT).join()) {
                client.put(ID + "-not-this-one", document(3));
                assertThatThrownBy(() -> writer.delivered().join()).hasCauseInstanceOf(SyncException.class);
                grants.revoke("writer");
                assertThatThrownBy(() -> writer.closed().join()).hasCauseInstanceOf(SyncException.class);
            }
            refusing.set(false);
            offer = a.offer("websocket").join();
            String answer = b.accept(offer).join();
            a.connect(answer).join().backlog().join();
            assertThatThrownBy(() -> a.connect("{\"" + CONTENT + "\":1").join())
                    .hasCauseInstanceOf(SyncException.class);
            try (Database small = Database.inMemory(
                            DatabaseOptions.builder().maxDocumentBytes(64).build());
                    Sync c = new Sync(small)) {
                assertThatThrownBy(() ->
                                c.dial(address).thenCompose(Session::backlog).join())
                        .hasCauseInstanceOf(SyncException.class);
            }
            hub.subscribe(ids -> {
                throw new IllegalStateException("a listener of the application's");
            });
            hub.put(ID + "-heard", document(4));
            hub.compact();
            await().untilAsserted(() -> assertThat(messages()).anyMatch(m -> m.contains("a listener of")));
        }
        Database.open(files).close();

        String log = String.join("\n", messages());
        assertThat(log)
                .contains("event=session_opened", "event=session_closed", "event=caller_refused")
                .contains("event=changes_refused", "event=compacted", "grant=writer")
                .doesNotContain(CONTENT, SHOWN)
                .doesNotContain(SECRET_OF_ADDRESS, SECRET_OF_GRANT, SECRET_OF_READER, WRONG)
                .doesNotContain(offer);
        assertThat(wordsOf(offer)).isNotEmpty().noneMatch(log::contains);
        // Somebody has to know which one.
        assertThat(log.lines().filter(line -> line.contains(ID)))
                .isNotEmpty()
                .allMatch(line -> line.contains("\" was refused: "));
        assertThat(messages().stream()
                        .filter(line -> line.startsWith("event="))
                        .map(line -> line.lines().findFirst().orElseThrow()))
                .isNotEmpty()
                .allMatch(line -> line.matches(
                        "[a-z_]+=([^ =\"]+|\"([^\"\\\\]|\\\\.)*\")( [a-z_]+=([^ =\"]+|\"([^\"\\\\]|\\\\.)*\"))*"));
    }

    private static String document(int number) {
        return "{\"text\":\"" + CONTENT + "\",\"number\":" + number + "}";
    }

    /** What an offer holds that nobody can guess, its secret among it. */
    private static List<String> wordsOf(String offer) {
        String json = new String(Base64.getDecoder().decode(offer), StandardCharsets.US_ASCII);
        return Pattern.compile("[A-Za-z0-9_-]{22,}")
                .matcher(json)
                .results()
                .map(MatchResult::group)
                .toList();
    }

    private List<String> messages() {
        SimpleFormatter formatter = new SimpleFormatter();
        return records.stream()
                .map(record -> {
                    StringWriter text = new StringWriter();
                    text.append(formatter.formatMessage(record));
                    if (record.getThrown() != null) {
                        text.append('\n');
                        record.getThrown().printStackTrace(new PrintWriter(text, true));
                    }
                    return text.toString();
                })
                .toList();
    }

    /** An application's listener with a fault. */
    private static final class ThrowingListener implements SyncListener {
        @Override
        public void sessionOpened(Session session) {
            throw new IllegalStateException("a fault of the application's");
        }
    }
}
