package dev.livesync.it.webrtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.it.cli.Command;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed with -9 says nothing to anybody. Whoever waits for it hears of it within 20 seconds, whichever side
 * had offered.
 */
class KilledPeerTest {
    private static final long PATIENCE_SECONDS = 120;

    @TempDir
    private Path directory;

    @Test
    void whoWaitsForAKilledPeerIsTold() throws Exception {
        try (Meeting offering = new Meeting();
                Meeting accepting = new Meeting();
                Command accept = Command.start("accept", directory.resolve("b"));
                Command offer = Command.start("offer", directory.resolve("c"), "--transport", "webrtc")) {
            // It dies as soon as there is a session, long before it has all of it.
            offering.doomed.complete(accept);
            accepting.doomed.complete(offer);
            accept.type(offering.sync.offer().get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            offer.type(accepting.sync.accept(offer.line(1)).get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            var unused = offering.sync.connect(accept.line(1));

            offering.assertTold("it accepted");
            accepting.assertTold("it offered");
        }
    }

    /** A database with 24 MB to give, whose peer is killed when it meets it. */
    private static final class Meeting implements AutoCloseable {
        private final CompletableFuture<Command> doomed = new CompletableFuture<>();
        private final CompletableFuture<Session> met = new CompletableFuture<>();
        private final CompletableFuture<Duration> told = new CompletableFuture<>();
        private final Database database = Database.inMemory();
        private final Sync sync = Sync.builder(database)
                .transport(new WebRtcTransportProvider())
                .listener(new SyncListener() {
                    @Override
                    public void sessionOpened(Session session) {
                        doomed.join().killNow();
                        long killed = System.nanoTime();
                        met.complete(session);
                        var unused = session.backlog()
                                .whenComplete(
                                        (all, failure) -> told.complete(Duration.ofNanos(System.nanoTime() - killed)));
                    }
                })
                .build();

        Meeting() {
            for (int i = 0; i < 3; i++) {
                database.put("large" + i, "{\"text\":\"" + "x".repeat(8 << 20) + "\"}");
            }
        }

        void assertTold(String which) throws Exception {
            Session session = met.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            Duration after = told.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            System.out.println("killed (" + which + "): backlog() failed after " + after.toMillis() + " ms");
            SyncException failure = failure(session.backlog());
            assertThat(failure.kind()).as(which).isEqualTo(ErrorKind.DISCONNECTED);
            assertThat(failure)
                    .hasMessageContaining(session.peer().remote())
                    .hasMessageContaining("has not been heard of");
            assertThat(failure(session.closed())).isEqualTo(failure);
            assertThat(after).as(which).isLessThan(Duration.ofSeconds(20));
            assertThat(sync.sessions()).isEmpty();
        }

        private static SyncException failure(CompletableFuture<Void> over) {
            try {
                over.orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS).join();
                throw new AssertionError("it succeeded");
            } catch (CompletionException e) {
                return (SyncException) e.getCause();
            }
        }

        @Override
        public void close() {
            sync.close();
            database.close();
        }
    }
}
