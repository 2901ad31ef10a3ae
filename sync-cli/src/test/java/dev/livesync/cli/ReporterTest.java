package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.PeerInfo;
import dev.livesync.Session;
import dev.livesync.SessionStatistics;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.grant.Rights;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the user reads of sessions and of refusals. */
class ReporterTest {
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final AtomicLong time = new AtomicLong();
    private final Console console = new Console(
            InputStream.nullInputStream(),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of(),
            () -> false);
    private final Reporter reporter =
            new Reporter(console, Progress.start(console, new Output(), "syncing", "events", -1), time::get);

    private List<String> lines() {
        List<String> lines = err.toString(StandardCharsets.UTF_8).lines().toList();
        err.reset();
        return lines;
    }

    /** Answers these calls and no others. */
    private static <T> T answering(Class<T> type, Map<String, Object> answers) {
        return type.cast(Proxy.newProxyInstance(
                ReporterTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    Object answer = answers.get(method.getName());
                    assertThat(answer).as(method.getName()).isNotNull();
                    return answer;
                }));
    }

    private static Session session(String remote, Optional<String> grant, Rights rights) {
        PeerInfo peer = answering(PeerInfo.class, Map.of("remote", remote, "grant", grant, "rights", rights));
        SessionStatistics counts = answering(SessionStatistics.class, Map.of("eventsReceived", 3L, "eventsSent", 5L));
        return answering(Session.class, Map.of("peer", peer, "id", remote, "statistics", counts));
    }

    private static SyncException refusal(String words) {
        return new SyncException(ErrorKind.REFUSED, words);
    }

    @Test
    void aGrantIsNamedWithItsRights() {
        reporter.sessionOpened(session("ws://192.0.2.1:1/", Optional.of("alice"), Rights.READ));
        reporter.sessionOpened(session("ws://192.0.2.1:2/", Optional.empty(), Rights.READ_WRITE));
        assertThat(lines())
                .containsExactly(
                        "connected with ws://192.0.2.1:1/, grant alice (read)", "connected with ws://192.0.2.1:2/");
    }

    /** The core says it behind the peer's name, so each line has to have that. */
    @Test
    void whoProvedNothingIsToldApartInEachLine() {
        String remote = "webrtc:192.0.2.1:1 (an alpha, which proves nothing)";
        Session alpha = session(remote, Optional.empty(), Rights.READ_WRITE);
        reporter.sessionOpened(alpha);
        reporter.equalChanged(alpha, true);
        reporter.sessionClosed(alpha, null);
        assertThat(lines())
                .hasSize(3)
                .allMatch(line -> line.contains(remote))
                .contains("in step with " + remote + ": 3 events received, 5 sent");
    }

    @Test
    void whyASessionEndedIsSaid() {
        Session session = session("ws://192.0.2.1:1/", Optional.of("alice"), Rights.READ);
        reporter.sessionClosed(session, refusal("grant alice was revoked"));
        assertThat(lines()).containsExactly("ws://192.0.2.1:1/: grant alice was revoked");
    }

    @Test
    void noRefusalIsLostWhateverItWasOf() {
        Session session = session("ws://192.0.2.1:1/", Optional.empty(), Rights.READ);
        for (int i = 0; i < 10; i++) {
            reporter.changesRefused(session, refusal("peer refused " + i));
        }
        assertThat(lines()).hasSize(10).contains("peer refused 9");
        for (int i = 0; i < 7; i++) {
            reporter.refused("192.0.2.2:" + i, refusal("the secret is wrong"));
        }
        assertThat(lines()).isEmpty();
        time.addAndGet(Duration.ofSeconds(10).toNanos());
        reporter.changesRefused(session, refusal("peer refused again"));
        assertThat(lines()).containsExactly("peer refused again (after 7 more that were refused)");
        reporter.refused("192.0.2.2:9", refusal("the secret is wrong"));
        reporter.close();
        assertThat(lines()).containsExactly("1 more were refused");
    }
}
