package dev.livesync.transport.webrtc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SessionDescriptionTest {
    private static final String HASH =
            "01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF:01:23:45:67:89:AB:CD:EF";
    private static final String OFFER = String.join(
            "\r\n",
            "v=0",
            "o=- 1 2 IN IP4 127.0.0.1",
            "s=-",
            "t=0 0",
            "a=group:BUNDLE 0",
            "a=msid-semantic: WMS",
            "m=application 9 UDP/DTLS/SCTP webrtc-datachannel",
            "c=IN IP4 0.0.0.0",
            "a=candidate:1 1 udp 2122260223 192.0.2.7 50000 typ host generation 0",
            "a=ice-ufrag:abcd",
            "a=ice-pwd:0123456789012345678901",
            "a=fingerprint:sha-256 " + HASH,
            "a=setup:actpass",
            "a=mid:0",
            "a=sctp-port:5000",
            "a=max-message-size:262144",
            "");

    static String fingerprintOf(Signal signal) {
        Matcher matcher = Pattern.compile("a=fingerprint:sha-256 ([0-9A-F:]+)").matcher(signal.field("sdp"));
        assertThat(matcher.find()).isTrue();
        return matcher.group(1);
    }

    private static SessionDescription offer(String sdp) {
        return SessionDescription.offer(new Signal(Signal.Kind.OFFER, Map.of("sdp", sdp)));
    }

    @Test
    void whatItSaysIsRead() {
        SessionDescription read = offer(OFFER);
        assertThat(read.maxMessageBytes()).isEqualTo(262_144);
        assertThat(read.remote()).isEqualTo("webrtc:192.0.2.7:50000");
        assertThat(read.hasAddress()).isTrue();
        assertThat(HexFormat.ofDelimiter(":").withUpperCase().formatHex(read.fingerprint()))
                .isEqualTo(HASH);
        assertThat(read.mid()).isEqualTo("0");
        assertThat(offer(OFFER.replace("\r\n", "\n")).sdp()).doesNotContain("\r");
    }

    @Test
    void itsSectionCanBeRenamedAndNamedBack() {
        SessionDescription ours = offer(OFFER);
        SessionDescription theirs = ours.withMid(ours.ownMid());
        assertThat(theirs.mid()).isEqualTo(ours.ownMid()).matches("[0-9a-f]{12}");
        assertThat(theirs.sdp()).contains("a=group:BUNDLE " + ours.ownMid() + "\r\n");
        assertThat(theirs.withMid("0").sdp()).isEqualTo(OFFER);
        assertThat(offer(OFFER.replace("abcd", "abce")).ownMid()).isNotEqualTo(ours.ownMid());
    }

    @ParameterizedTest
    @CsvSource({"1024, 1024", "65535, 65535", "262145, 262144", "999999999999, 262144", "0, 262144"})
    void theLargestMessageIsWhatBothCan(String stated, int taken) {
        assertThat(offer(OFFER.replace("size:262144", "size:" + stated)).maxMessageBytes())
                .isEqualTo(taken);
    }

    @Test
    void ourLimitIsStatedWhereItIsLower() {
        assertThat(offer(OFFER).withMaxMessage(5_000).sdp()).contains("a=max-message-size:5000\r\n");
        assertThat(offer(OFFER).withMaxMessage(1 << 20).sdp()).isEqualTo(OFFER);
    }

    @ParameterizedTest
    @CsvSource({"1023", "-1", "x", "9999999999999999999"})
    void aLimitThatIsNoneIsRefused(String stated) {
        assertThatThrownBy(() -> offer(OFFER.replace("size:262144", "size:" + stated)))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
    }

    /** Whatever strangers write: read, or refused as malformed. */
    @Test
    void damagedOnesAreReadOrRefused() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int read = 0;
        for (int i = 0; i < 5_000; i++) {
            StringBuilder damaged = new StringBuilder(OFFER);
            for (int edits = 1 + random.nextInt(3); edits > 0 && !damaged.isEmpty(); edits--) {
                int at = random.nextInt(damaged.length());
                switch (random.nextInt(4)) {
                    case 0 -> damaged.setCharAt(at, (char) random.nextInt(300));
                    case 1 -> damaged.deleteCharAt(at);
                    case 2 -> damaged.insert(at, OFFER, 0, random.nextInt(OFFER.length()));
                    default -> damaged.setLength(Math.max(1, at));
                }
            }
            try {
                offer(damaged.toString());
                read++;
            } catch (SyncException e) {
                assertThat(e.kind()).as("seed %d, round %d", seed, i).isEqualTo(ErrorKind.MALFORMED);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + i + ": " + damaged, e);
            }
        }
        assertThat(read).as("seed %d: some damage does not matter", seed).isPositive();
    }
}
