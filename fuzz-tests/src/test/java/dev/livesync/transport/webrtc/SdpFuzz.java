package dev.livesync.transport.webrtc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.Signal;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** Session descriptions: what is changed in one is changed, and it is one still. */
public final class SdpFuzz {
    private SdpFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(FuzzedReader.small("sdp", Set.of(ErrorKind.MALFORMED), SdpFuzz::read, SdpFuzz::seeds)
                .allocating(16_000));
    }

    private static void read(byte[] input) {
        Choices choices = new Choices(input);
        Signal.Kind kind = choices.flag() ? Signal.Kind.ANSWER : Signal.Kind.OFFER;
        SessionDescription sdp = SessionDescription.of(kind, new String(choices.rest(), StandardCharsets.ISO_8859_1));
        assertThat(sdp.maxMessageBytes()).isBetween(1_024, SessionDescription.MAX_MESSAGE);
        assertThat(sdp.fingerprint().length).isBetween(20, 64);
        assertThat(sdp.remote()).hasSizeLessThan(300).doesNotContain("\n", "\r");
        SessionDescription renamed = sdp.withMid(sdp.ownMid());
        assertThat(renamed.mid()).isIn(sdp.mid(), sdp.ownMid());
        assertThat(renamed.fingerprint()).isEqualTo(sdp.fingerprint());
        assertThat(sdp.withMaxMessage(2_000).maxMessageBytes()).isLessThanOrEqualTo(sdp.maxMessageBytes());
    }

    private static List<byte[]> seeds() {
        String common = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0\r\n"
                + "m=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0\r\n"
                + "a=candidate:1 1 udp 2122260223 192.0.2.1 50000 typ host\r\na=ice-ufrag:abcd\r\n"
                + "a=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=fingerprint:sha-256 " + "AB:".repeat(31) + "AB\r\n";
        String rest = "a=mid:0\r\na=sctp-port:5000\r\na=max-message-size:262144\r\n";
        return List.of(
                Seeds.of(0, common + "a=setup:actpass\r\n" + rest), Seeds.of(1, common + "a=setup:active\r\n" + rest));
    }
}
