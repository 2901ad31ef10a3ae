package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.KeptPeer;
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
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** What the user reads of sessions and of refusals. */
class ReporterTest {
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private final AtomicLong time = new AtomicLong();
    private final Console console = new Console(
            InputStream.nullInputStream(),
            new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Map.of(),
            () -> false);
    private final Reporter reporter =
            new Reporter(console, Progress.start(console, new Output(), "syncing", "events", -1), time::get, () -> NOW);

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
        PeerInfo peer = answering(
                PeerInfo.class,
                Map.of("remote", remote, "grant", grant, "rights", rights, "features", Set.of("hello")));
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

    private void kept(KeptPeer.State state, String why, int failures, long millis) {
        kept("ws://192.0.2.1:1/", state, why, failures, millis);
    }

    private void kept(String address, KeptPeer.State state, String why, int failures, long millis) {
        Optional<SyncException> failure =
                why.isEmpty() ? Optional.empty() : Optional.of(new SyncException(ErrorKind.UNREACHABLE, why));
        reporter.keptPeerChanged(
                answering(KeptPeer.class, Map.of("address", address)),
                answering(
                        KeptPeer.Status.class,
                        Map.of(
                                "state", state,
                                "failure", failure,
                                "failures", failures,
                                "nextDial", Optional.of(NOW.plusMillis(millis)))));
    }

    @Test
    void aPeerThatIsDialledAgainIsSaidOnceForEachReason() {
        kept(KeptPeer.State.CONNECTING, "", 0, 0);
        kept(KeptPeer.State.CONNECTED, "", 0, 0);
        kept(KeptPeer.State.CONNECTING, "it broke", 0, 0);
        kept(KeptPeer.State.WAITING, "nobody listens", 1, 140);
        kept(KeptPeer.State.CONNECTING, "nobody listens", 1, 0);
        kept(KeptPeer.State.CONNECTED, "", 1, 0);
        kept(KeptPeer.State.WAITING, "it broke", 2, 12_345);
        kept(KeptPeer.State.CONNECTING, "it broke", 2, 0);
        kept(KeptPeer.State.STOPPED, "wrong secret", 2, 0);
        assertThat(lines())
                .containsExactly(
                        "dialling ws://192.0.2.1:1/ again",
                        "dialling ws://192.0.2.1:1/ again in 0.1 s: nobody listens",
                        "dialling ws://192.0.2.1:1/ again in 12.3 s");
    }

    @Test
    void severalPeersAreToldApart() {
        kept("memory:a", KeptPeer.State.CONNECTED, "", 0, 0);
        kept("memory:b", KeptPeer.State.CONNECTING, "", 0, 0);
        kept("memory:b", KeptPeer.State.WAITING, "nobody listens", 1, 140);
        kept("memory:a", KeptPeer.State.CONNECTING, "it broke", 0, 0);
        kept("memory:b", KeptPeer.State.STOPPED, "", 1, 0);
        assertThat(lines())
                .containsExactly("dialling memory:b again in 0.1 s: nobody listens", "dialling memory:a again");
    }

    @Test
    void aHubThatIsDownForANightIsFewLines() {
        for (int i = 1; i <= 2_000; i++) {
            kept(KeptPeer.State.CONNECTING, "nobody listens", i, 0);
            kept(KeptPeer.State.WAITING, "nobody listens", i, 15_000);
        }
        assertThat(lines()).hasSize(8 + 100);
        kept(KeptPeer.State.WAITING, "no route", 2_001, 15_000);
        assertThat(lines()).hasSize(1);
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
