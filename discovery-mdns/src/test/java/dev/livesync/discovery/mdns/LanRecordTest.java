package dev.livesync.discovery.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.discovery.DiscoveredPeer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** What is announced, and what strangers make of it. */
class LanRecordTest {
    private static final byte[] KEY = HexFormat.of().parseHex("000102030405060708090a0b0c0d0e0f".repeat(2));
    private static final GroupTag TAG = new GroupTag(KEY, "notes");
    private static final LanRecord RECORD = new LanRecord(
            new DiscoveredPeer("m7", List.of("libp2p:/ip4/192.168.1.2/tcp/4001", "ws://192.168.1.2:80/")),
            Instant.ofEpochSecond(1_767_225_600));

    private static byte[] strings(String... strings) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (String string : strings) {
            out.write(string.length());
            out.writeBytes(string.getBytes(StandardCharsets.ISO_8859_1));
        }
        return out.toByteArray();
    }

    /** Any strings with a member's tag. */
    private static byte[] tagged(String... strings) {
        byte[] bytes = strings(strings);
        String tag = Base64.getUrlEncoder().withoutPadding().encodeToString(TAG.of(bytes, bytes.length));
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(bytes);
        out.writeBytes(strings("k=" + tag));
        return out.toByteArray();
    }

    @Test
    void itIsTheseBytes() {
        // The tag: python3, hmac of the standard library.
        assertThat(RECORD.encode(TAG))
                .isEqualTo(strings(
                        "v=1",
                        "n=m7",
                        "t=1767225600",
                        "a0=libp2p:/ip4/192.168.1.2/tcp/4001",
                        "a1=ws://192.168.1.2:80/",
                        "k=ZomsX_uVIKUi8RFNkRtKuA"));
    }

    @Test
    void membersReadWhatTheyWrote() {
        assertThat(LanRecord.decode(RECORD.encode(TAG), TAG)).contains(RECORD);
        assertThat(LanRecord.decode(RECORD.encode(TAG), new GroupTag(KEY, "letters")))
                .isEmpty();
        assertThat(LanRecord.decode(RECORD.encode(TAG), new GroupTag(new byte[32], "notes")))
                .isEmpty();
    }

    @Test
    void whatLaterBuildsAddIsLeftOut() {
        assertThat(LanRecord.decode(tagged("v=1", "x=y", "n=a", "new", "", "t=5", "a0=ws://h/", "z=1"), TAG))
                .contains(new LanRecord(new DiscoveredPeer("a", List.of("ws://h/")), Instant.ofEpochSecond(5)));
    }

    @Test
    void whatAMemberWritesThatIsNoRecordIsNone() {
        List<String> nine = new ArrayList<>(List.of("v=1", "n=a", "t=5"));
        for (int i = 0; i < 9; i++) {
            nine.add("a" + i + "=ws://h/");
        }
        for (String[] strings : new String[][] {
            {},
            {""},
            {"v=2", "n=a", "t=5", "a0=ws://h/"},
            {"n=a", "t=5", "a0=ws://h/"},
            {"v=1", "t=5", "a0=ws://h/"},
            {"v=1", "n=a b", "t=5", "a0=ws://h/"},
            {"v=1", "n=" + "a".repeat(65), "t=5", "a0=ws://h/"},
            {"v=1", "n=a", "a0=ws://h/"},
            {"v=1", "n=a", "t=", "a0=ws://h/"},
            {"v=1", "n=a", "t=99999999999999999999", "a0=ws://h/"},
            {"v=1", "n=a", "t=9223372036854775807", "a0=ws://h/"},
            {"v=1", "n=a", "t=5"},
            {"v=1", "n=a", "t=5", "a0="},
            {"v=1", "n=a", "t=5", "a1=ws://h/"},
            {"v=1", "n=a", "t=5", "a0=ws://h/#secret"},
            nine.toArray(String[]::new)
        }) {
            assertThat(LanRecord.decode(tagged(strings), TAG))
                    .as(String.join(" ", strings))
                    .isEmpty();
        }
        byte[] beyond = {3, 'v', '=', '1', 9, 'n'};
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(beyond);
        out.writeBytes(
                strings("k=" + Base64.getUrlEncoder().withoutPadding().encodeToString(TAG.of(beyond, beyond.length))));
        assertThat(LanRecord.decode(out.toByteArray(), TAG)).isEmpty();
        String[] many = new String[300];
        java.util.Arrays.fill(many, "abc");
        assertThat(LanRecord.decode(tagged(many), TAG)).isEmpty();
    }

    @Test
    void whoeverChangesAnythingIsNoMember() {
        byte[] good = RECORD.encode(TAG);
        for (int i = 0; i < good.length; i++) {
            for (int bit = 0; bit < 8; bit++) {
                byte[] changed = good.clone();
                changed[i] ^= (byte) (1 << bit);
                // The last character of base64 has bits that mean nothing.
                boolean same =
                        i == good.length - 1 && LanRecord.decode(changed, TAG).isPresent();
                if (same) {
                    assertThat(LanRecord.decode(changed, TAG)).contains(RECORD);
                } else {
                    assertThat(LanRecord.decode(changed, TAG))
                            .as("byte %d, bit %d", i, bit)
                            .isEmpty();
                }
            }
        }
    }

    @Test
    void nothingThatAnybodySendsThrows() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        byte[] good = RECORD.encode(TAG);
        for (int round = 0; round < 20_000; round++) {
            byte[] text;
            if (random.nextBoolean()) {
                text = new byte[random.nextInt(200)];
                random.nextBytes(text);
            } else {
                text = java.util.Arrays.copyOf(good, random.nextInt(good.length + 20));
                for (int i = random.nextInt(4); i >= 0 && text.length > 0; i--) {
                    text[random.nextInt(text.length)] = (byte) random.nextInt();
                }
            }
            assertThat(LanRecord.decode(text, TAG).filter(record -> !record.equals(RECORD)))
                    .as("seed %d, round %d", seed, round)
                    .isEmpty();
        }
    }

    @Test
    void whatDoesntFitOnTheNetworkIsNotWritten() {
        for (List<String> addresses : List.of(
                List.of("ws://h/" + "x".repeat(260)),
                List.of("ws://h/ x"),
                List.of("ws://h/\u00e9"),
                List.of(
                        "ws://a/" + "x".repeat(240),
                        "ws://b/" + "x".repeat(240),
                        "ws://c/" + "x".repeat(240),
                        "ws://d/" + "x".repeat(240)))) {
            LanRecord record = new LanRecord(new DiscoveredPeer("a", addresses), Instant.EPOCH);
            assertThatThrownBy(() -> record.encode(TAG)).isInstanceOf(IllegalArgumentException.class);
        }
        LanRecord most = new LanRecord(
                new DiscoveredPeer("a".repeat(64), java.util.Collections.nCopies(8, "ws://" + "h".repeat(95) + "/")),
                Instant.EPOCH);
        byte[] text = most.encode(TAG);
        assertThat(text).hasSizeLessThanOrEqualTo(LanRecord.MAX_BYTES).hasSizeGreaterThan(900);
        assertThat(LanRecord.decode(text, TAG)).contains(most);
    }
}
