package dev.livesync.core.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SignalTextTest {
    private static final int MAX = 65_536;
    private static final Secret SECRET = Secret.generate(new Random(1));
    private static final Extension EXTENSION =
            new Extension("AAAAAAAAAAAAAAAAAAAAAA", "websocket", SECRET, List.of("acks", "hello"), "ws://127.0.0.1:1/");

    @Test
    void whatIsWrittenIsRead() {
        Signal signal = new Signal(Signal.Kind.OFFER, Map.of("sdp", "v=0\r\no=- 4 \u00e9 \"quoted\""));
        SignalText written = SignalText.write(signal, EXTENSION);
        SignalText read = SignalText.read(Signal.Kind.OFFER, written.text(), MAX);
        assertThat(read.signal()).isEqualTo(signal);
        assertThat(read.extension()).isEqualTo(EXTENSION);
        assertThat(read.hash()).isEqualTo(written.hash());
    }

    @Test
    void anAlphasOfferIsReadAndOursIsLegibleForIt() {
        String alphas = base64("{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\"}");
        SignalText read = SignalText.read(Signal.Kind.OFFER, alphas, MAX);
        assertThat(read.extension()).isNull();
        assertThat(read.signal().fields()).containsExactly(Map.entry("sdp", "v=0\r\n"));
        assertThat(SignalText.write(read.signal(), null).text()).isEqualTo(alphas);

        String ours = SignalText.write(read.signal(), EXTENSION).text();
        String json = new String(Base64.getDecoder().decode(ours), StandardCharsets.US_ASCII);
        assertThat(json)
                .startsWith("{\"type\":\"offer\",\"sdp\":\"v=0\\r\\n\",\"livesync\":{")
                .isPrintable();
    }

    @Test
    void blanksAndMissingPaddingChangeNeitherContentNorHash() {
        SignalText written = SignalText.write(new Signal(Signal.Kind.ANSWER, Map.of("sdp", "x")), EXTENSION);
        String wrapped = " " + written.text().replaceAll("(.{20})", "$1\r\n").replace("=", "") + "\n";
        SignalText read = SignalText.read(Signal.Kind.ANSWER, wrapped, MAX);
        assertThat(read.signal()).isEqualTo(written.signal());
        assertThat(read.hash()).isEqualTo(written.hash());
    }

    /** As mail programs, chats, editors and people with a mouse leave it. */
    @Test
    void whatCarryingAddsChangesNeitherContentNorHash() {
        for (String content : List.of("x", "xy", "xyz")) {
            SignalText written = SignalText.write(new Signal(Signal.Kind.OFFER, Map.of("sdp", content)), EXTENSION);
            String text = written.text();
            for (String carried : List.of(
                    "\"" + text + "\"",
                    "'" + text + "'\n",
                    "`" + text + "`",
                    "**" + text + "**",
                    "\u201c" + text + "\u201d\n",
                    "\u00ab\u00a0" + text + "\u00a0\u00bb",
                    "<" + text + ">\n",
                    "\ufeff" + text,
                    text.replaceAll("(.{10})", "    $1\n"),
                    text.replaceAll("(.{76})", "> $1\r\n"),
                    text.replaceAll("(.{72})", ">> > $1\n"),
                    text.replaceAll("(.{60})", "| $1\r"),
                    text.replaceAll("(.{75})", "$1=\r\n"),
                    text.replaceAll("(.{7})", "\u00a0\u200b$1\u00ad \\\\\n"))) {
                SignalText read = SignalText.read(Signal.Kind.OFFER, carried, MAX);
                assertThat(read.signal()).as(carried).isEqualTo(written.signal());
                assertThat(read.hash()).as(carried).isEqualTo(written.hash());
            }
        }
    }

    @Test
    void whatIsNoTextIsLeftOut() {
        String text = base64("{\"type\":\"offer\",\"n\":1,\"o\":{\"a\":[true,null,1.5]},\"sdp\":\"s\"}");
        assertThat(SignalText.read(Signal.Kind.OFFER, text, MAX).signal().fields())
                .containsExactly(Map.entry("sdp", "s"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            ''                                          | the offer is empty
            ' '                                         | the offer is empty
            hello, world                                | the offer is no base64: character 5
            eyJ0eXBlIjoib2ZmZXI                         | the offer is cut off
            e                                           | the offer is no base64: it is cut off
            eyJ0eXBlIjoi=b2ZmZXIifQ==                   | the offer is no base64
            """)
    void garbageIsNamed(String text, String message) {
        refused(text, ErrorKind.MALFORMED, message);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            nothing                        | the offer is no JSON object
            []                             | the offer is no JSON object
            null                           | the offer is no JSON object
            {"type":"offer"                | the offer is cut off
            {"type":"offer"}{}             | the offer goes on
            {"type":"offer","type":"offer"}| the offer is no JSON object (character
            {"type":"answer","sdp":"x"}    | may be an answer
            {"type":7}                     | the offer is none
            {}                             | the offer is none
            {"type":"offer","livesync":1}  | the offer is no object
            {"type":"offer","livesync":null}                     | the offer is no object
            {"type":"offer","livesync":{}}                       | the offer has no version
            {"type":"offer","livesync":{"version":1}}            | the offer has no id
            {"type":"offer","livesync":{"version":1,"id":"../"}} | the offer has an id
            {"type":"offer","livesync":{"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","transport":"A/B"}} | names a transport
            {"type":"offer","livesync":{"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","transport":"x"}} | has no secret
            {"type":"offer","livesync":{"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","transport":"x","secret":"short"}} | has 5 characters
            {"type":"offer","livesync":{"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","transport":"x","secret":"AAAAAAAAAAAAAAAAAAAA+/"}} | at position 20
            {"type":"offer","livesync":{"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","transport":"x","secret":"GGGGGGGGGGGGGGGGGGGGGG"}} | has no list
            {"type":"offer","livesync":{"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","transport":"x","secret":"GGGGGGGGGGGGGGGGGGGGGG","features":[1]}} | no name
            {"type":"offer","livesync":{"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","transport":"x","secret":"GGGGGGGGGGGGGGGGGGGGGG","features":[],"address":"ws://h/#x"}} | has an address
            {"type":"offer","livesync":{"version":1,"id":"AAAAAAAAAAAAAAAAAAAAAA","transport":"x","secret":"GGGGGGGGGGGGGGGGGGGGGG","features":[],"address":7}} | has no address
            {"type":"offer","a":[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]} | nested deeper
            """)
    void nonsenseInsideIsNamed(String json, String message) {
        refused(base64(json), ErrorKind.MALFORMED, message);
    }

    @Test
    void aLaterVersionIsNoGarbage() {
        refused(base64("{\"type\":\"offer\",\"livesync\":{\"version\":2}}"), ErrorKind.UNSUPPORTED, "version 2");
    }

    @Test
    void theLongestSignalIsRead() {
        for (Signal.Kind kind : Signal.Kind.values()) {
            int around = SignalText.write(new Signal(kind, Map.of("sdp", "")), EXTENSION)
                    .text()
                    .length();
            String text = "";
            for (int more = (MAX - around) / 4 * 3; text.length() < MAX; more++) {
                text = SignalText.write(new Signal(kind, Map.of("sdp", "x".repeat(more))), EXTENSION)
                        .text();
            }
            String longest = text;
            assertThat(longest).hasSize(MAX);
            assertThat(SignalText.read(kind, longest, MAX).text()).isEqualTo(longest);
            assertThatThrownBy(() -> SignalText.read(kind, longest + "\n", MAX))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED))
                    .hasMessageContaining("65537 characters; at most 65536");
        }
    }

    @Test
    void anOversizeSignalIsNotRead() {
        refused("A".repeat(MAX + 1), ErrorKind.MALFORMED, "65537 characters; at most 65536");
    }

    @Test
    void everyTruncationIsRefusedAndNoMessageTellsTheSecret() {
        String text = SignalText.write(new Signal(Signal.Kind.OFFER, Map.of("sdp", "v=0")), EXTENSION)
                .text();
        for (int length = 0; length < text.length() - 4; length++) {
            String cut = text.substring(0, length);
            assertThatThrownBy(() -> SignalText.read(Signal.Kind.OFFER, cut, MAX))
                    .as("cut at %d", length)
                    .isInstanceOfSatisfying(SyncException.class, e -> {
                        assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED);
                        assertThat(e.getMessage())
                                .doesNotContain(SECRET.text().substring(0, 8))
                                .doesNotContain("\n");
                    });
        }
    }

    @Test
    void flippedCharactersNeverEndInAnythingButARefusal() {
        String text = SignalText.write(new Signal(Signal.Kind.OFFER, Map.of("sdp", "v=0")), EXTENSION)
                .text();
        long seed = 7;
        Random random = new Random(seed);
        for (int round = 0; round < 20_000; round++) {
            char[] flipped = text.toCharArray();
            flipped[random.nextInt(flipped.length)] = (char) random.nextInt(128);
            try {
                SignalText.read(Signal.Kind.OFFER, new String(flipped), MAX);
            } catch (SyncException e) {
                assertThat(e.kind())
                        .as("seed %d round %d: %s", seed, round, e.getMessage())
                        .isIn(ErrorKind.MALFORMED, ErrorKind.UNSUPPORTED);
            }
        }
    }

    @Test
    void toStringTellsNoSecret() {
        SignalText text = SignalText.write(new Signal(Signal.Kind.OFFER, Map.of()), EXTENSION);
        assertThat(text.toString() + EXTENSION + SECRET).doesNotContain(SECRET.text());
    }

    private static void refused(String text, ErrorKind kind, String message) {
        assertThatThrownBy(() -> SignalText.read(Signal.Kind.OFFER, text, MAX))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining(message);
    }

    private static String base64(String json) {
        return Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.ISO_8859_1));
    }
}
