package dev.livesync.it.webrtc;

import static dev.livesync.it.webrtc.WebRtcReplica.get;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Answers as people paste them: half, an old one, somebody else's. Each is refused in words, and the right one still fits. */
class AnswersTest {
    private final WebRtcReplica here = new WebRtcReplica();
    private final WebRtcReplica there = new WebRtcReplica();
    private final WebRtcReplica stranger = new WebRtcReplica();

    @AfterEach
    void close() {
        here.close();
        there.close();
        stranger.close();
    }

    private static SyncException failure(CompletableFuture<?> stage) {
        try {
            Object value = stage.orTimeout(60, TimeUnit.SECONDS).join();
            throw new AssertionError("it succeeded: " + value);
        } catch (CompletionException e) {
            return (SyncException) e.getCause();
        }
    }

    private static String text(String signal) {
        return new String(Base64.getDecoder().decode(signal), StandardCharsets.UTF_8);
    }

    private static String signal(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** The field's value as it stands in the text, escapes and all. */
    private static String field(String signal, String name) {
        return text(signal).replaceAll("(?s).*\"" + name + "\":\"((?:[^\"\\\\]|\\\\.)*)\".*", "$1");
    }

    @Test
    void badForeignAndReplayedAnswersAreRefusedAndTheRightOneConnects() throws Exception {
        here.database().put("a", "{}");
        String offer = get(here.sync().offer());
        String right = get(there.sync().accept(offer));

        for (String bad : new String[] {
            "", "what?", right.substring(0, right.length() / 2), signal("{}"), signal("{\"type\":\"answer\"}"), offer
        }) {
            assertThat(failure(here.sync().connect(bad)).kind()).as(bad).isEqualTo(ErrorKind.MALFORMED);
        }

        String toStranger = get(there.sync().accept(get(stranger.sync().offer())));
        SyncException foreign = failure(here.sync().connect(toStranger));
        assertThat(foreign.kind()).isEqualTo(ErrorKind.NOT_FOUND);
        assertThat(foreign).hasMessageContaining("another one");

        // It claims to be the answer to this offer, but somebody else's session description is in it.
        String mixed = signal(text(right).replace(field(right, "sdp"), field(toStranger, "sdp")));
        assertThat(mixed).isNotEqualTo(right);
        SyncException swapped = failure(here.sync().connect(mixed));
        assertThat(swapped.kind()).isEqualTo(ErrorKind.MALFORMED);
        assertThat(swapped).hasMessageContaining("another offer");

        Session session = get(here.sync().connect(right));
        get(session.awaitEqual());
        assertThat(there.ids()).containsExactly("a");

        SyncException replayed = failure(here.sync().connect(right));
        assertThat(replayed.kind()).isEqualTo(ErrorKind.NOT_FOUND);
        assertThat(replayed).hasMessageContaining("used");
        here.database().put("b", "{}");
        WebRtcReplica.assertEqual(here, there);
    }

    @Test
    void anAnswerIsOfNoUseToTheNextOffer() throws Exception {
        String old = get(there.sync().accept(get(here.sync().offer())));
        Session session = get(here.sync().connect(old));
        session.close();
        get(session.closed());
        String offer = get(here.sync().offer());
        assertThat(failure(here.sync().connect(old)).kind()).isEqualTo(ErrorKind.NOT_FOUND);
        get(get(here.sync().connect(get(there.sync().accept(offer)))).awaitEqual());
    }
}
