package dev.livesync.it.webrtc;

import static dev.livesync.it.webrtc.WebRtcReplica.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Somebody who carries the signals of a WebRTC exchange takes LiveSync's part out, to be taken for an alpha by both ends. */
class StrippedSignalsTest {
    private final WebRtcReplica proposer = new WebRtcReplica(false);
    private final WebRtcReplica acceptor = new WebRtcReplica(false);

    @BeforeEach
    void fill() {
        proposer.database().put("ours", "{\"v\":1}");
        acceptor.database().put("theirs", "{\"v\":2}");
    }

    @AfterEach
    void nothingHasPassed() {
        assertThat(proposer.ids()).containsExactly("ours");
        assertThat(acceptor.ids()).containsExactly("theirs");
        assertThat(proposer.sync().sessions()).isEmpty();
        assertThat(acceptor.sync().sessions()).isEmpty();
        proposer.close();
        acceptor.close();
    }

    @Test
    void aStrippedOfferIsRefusedByWhoeverGetsIt() throws Exception {
        String stripped = stripped(get(proposer.sync().offer()));
        SyncException e = refusal(() -> get(acceptor.sync().accept(stripped)));
        assertThat(e.getMessage()).startsWith("the offer has no livesync part").contains("--alpha");
    }

    /** The one in the middle is connected with both, and passes what they say on. */
    @Test
    void theOneInTheMiddleIsDetectedByBothEnds() throws Exception {
        try (WebRtcReplica middle = new WebRtcReplica(true)) {
            String toUs = get(middle.sync().accept(stripped(get(proposer.sync().offer()))));
            SyncException here = refusal(() -> get(proposer.sync().connect(toUs)));
            assertThat(here.getMessage()).startsWith("the answer has no livesync part");

            String toThem = stripped(get(middle.sync().offer()));
            SyncException there = refusal(() -> get(acceptor.sync().accept(toThem)));
            assertThat(there.getMessage()).startsWith("the offer has no livesync part");
            assertThat(middle.ids()).isEmpty();
        }
    }

    /** An alpha knows no rights, so nothing can make one of whom a grant limits. */
    @Test
    void anOfferWithAGrantTakesNoAlphaWhereOthersDo() throws Exception {
        Grants grants = Grants.inMemory();
        grants.add(Grant.of("alice", Rights.READ, new SecureRandom()));
        try (WebRtcReplica open = new WebRtcReplica(true);
                WebRtcReplica middle = new WebRtcReplica(true);
                OpenOffer offer = get(open.sync().openOffer("webrtc", grants, "alice"))) {
            String answer = get(middle.sync().accept(stripped(offer.text())));
            assertThat(refusal(() -> get(offer.connect(answer))).getMessage())
                    .startsWith("the answer has no livesync part")
                    .contains("grant alice");
            Exception elsewhere = catchThrowableOfType(
                    ExecutionException.class, () -> get(open.sync().connect(answer)));
            assertThat(((SyncException) elsewhere.getCause()).kind()).isEqualTo(ErrorKind.NOT_FOUND);
            assertThat(middle.sync().sessions()).isEmpty();
        }
    }

    /** An end that takes alphas is told what it talks to. */
    @Test
    void whereAlphasAreAllowedTheSessionSaysThatNothingWasProved() throws Exception {
        try (WebRtcReplica open = new WebRtcReplica(true);
                WebRtcReplica other = new WebRtcReplica(true)) {
            String answer = get(other.sync().accept(stripped(get(open.sync().offer()))));
            Session session = get(open.sync().connect(answer));
            assertThat(session.peer().isAlpha()).isTrue();
            assertThat(session.peer().remote()).endsWith("(an alpha, which proves nothing)");
        }
    }

    private static String stripped(String signal) {
        String json = new String(Base64.getDecoder().decode(signal), StandardCharsets.ISO_8859_1);
        String without = json.replaceFirst(",\"livesync\":\\{[^{}]*}", "");
        assertThat(without).isNotEqualTo(json);
        return Base64.getEncoder().encodeToString(without.getBytes(StandardCharsets.ISO_8859_1));
    }

    private interface Call {
        void run() throws Exception;
    }

    private static SyncException refusal(Call call) {
        Exception thrown = catchThrowableOfType(ExecutionException.class, call::run);
        assertThat(thrown).isNotNull();
        SyncException e = (SyncException) thrown.getCause();
        assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        return e;
    }
}
