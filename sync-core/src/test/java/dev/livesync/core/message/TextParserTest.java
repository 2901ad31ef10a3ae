package dev.livesync.core.message;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextParserTest {
    private static final Cid A = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
    private static final Cid B = Cid.hash(Cid.DAG_CBOR, new byte[] {2});
    private static final String DIFF = "{\"clock\":[\"" + A + "\"],\"cids\":[\"" + A + "\",\"" + B + "\"]}";

    @Test
    void readsADiffWhereverItIsCut() {
        for (int cut = 0; cut <= DIFF.length(); cut++) {
            for (int step : new int[] {1, 7, 1_000}) {
                WireMessage.Diff diff = (WireMessage.Diff) parse(DIFF.getBytes(UTF_8), cut, step);
                assertThat(diff.clock()).containsExactly(A);
                assertThat(diff.cids().size()).isEqualTo(2);
                assertThat(diff.cids().contains(A) && diff.cids().contains(B)).isTrue();
            }
        }
    }

    @Test
    void readsWhitespaceAndWhatItDoesNotKnow() {
        WireMessage.Diff diff =
                (WireMessage.Diff) parse(" {\"new\":{\"cids\":[1,{\"x\":[null]}],\"y\":[[]]},\n\"cids\" : [ \"" + A
                        + "\" ] , \"clock\" :[],\"z\":\"\\u00e9\"}\n");
        assertThat(diff.clock()).isEmpty();
        assertThat(diff.cids().contains(A)).isTrue();
        assertThat(parse("{}")).isInstanceOf(WireMessage.Unknown.class);
        assertThat(parse("{\"hello\":{\"version\":1}}")).isInstanceOf(WireMessage.Unknown.class);
        assertThat(parse("{\"ok\":false}")).isInstanceOf(WireMessage.Unknown.class);
    }

    @Test
    void readsWhatControlTextWrites() {
        assertThat(parse(new String(ControlText.ok(), UTF_8))).isEqualTo(new WireMessage.Ok());
        assertThat(parse(ControlText.begin(Message.Kind.TEXT, 5)))
                .isEqualTo(new WireMessage.Begin(Message.Kind.TEXT, 5));
        assertThat(parse(ControlText.begin(Message.Kind.BINARY, 1L << 40)))
                .isEqualTo(new WireMessage.Begin(Message.Kind.BINARY, 1L << 40));
        assertThat(parse(ControlText.credit(Long.MAX_VALUE))).isEqualTo(new WireMessage.Credit(Long.MAX_VALUE));
        assertThat(parse(ack(3, List.of(A, B), 1_024))).isEqualTo(new WireMessage.Ack(3, List.of(A, B), null));
        assertThat(parse(ack(3, List.of(A, B), 100)))
                .isEqualTo(new WireMessage.Ack(3, null, ClockDigest.of(List.of(A, B))));
        assertThat(parse(ack(3, List.of(), 100))).isEqualTo(new WireMessage.Ack(3, List.of(), null));
        assertThat(parse(ControlText.ping(1))).isEqualTo(new WireMessage.Ping(1));
        assertThat(parse(ControlText.pong(2))).isEqualTo(new WireMessage.Pong(2));
        assertThat(parse(ControlText.bye())).isEqualTo(new WireMessage.Bye());
        assertThat(parse(ControlText.error(ErrorKind.MALFORMED, "a \"quoted\" \\ thing\nand \u202e\ud83d\ude00")))
                .isEqualTo(new WireMessage.Failure("MALFORMED", "a \"quoted\" \\ thing?and ???"));
    }

    private static Message ack(long cars, List<Cid> heads, int maxBytes) {
        return ControlText.ack(WireMessage.Ack.of(cars, heads, ControlText.namesHeads(heads.size(), maxBytes)));
    }

    @Test
    void anAckNeverOutgrowsItsBounds() {
        List<Cid> many = java.util.Collections.nCopies(10_000, A);
        assertThat(ack(Long.MAX_VALUE, many, 1 << 30).size()).isLessThan(1_000);
        for (int heads = 0; heads < 300; heads++) {
            assertThat(ack(Long.MAX_VALUE, many.subList(0, heads), 1_024).size())
                    .isLessThanOrEqualTo(1_024);
            assertThat(ack(Long.MAX_VALUE, many.subList(0, heads), 1 << 30).size())
                    .isLessThanOrEqualTo(16 << 10);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\u0001',
            value = {
                "null|is null|4",
                "17|is JSON, but no object|2",
                "[]|is JSON, but no object|1",
                "\"x\"|is JSON, but no object|",
                "|is no JSON object, or breaks off|0",
                "{|is no JSON|",
                "{\"clock\":[|is no JSON|",
                "{\"ok\":tru|is no JSON|",
                "{\"ok\":true}}|is no JSON|",
                "{} {}|goes on after its end|",
                "{\"clock\":[],\"cids\":null}|\"cids\" that is no array|",
                "{\"clock\":[],\"cids\":{}}|\"cids\" that is no array|",
                "{\"clock\":[],\"cids\":\"a\"}|\"cids\" that is no array|",
                "{\"clock\":7,\"cids\":[]}|\"clock\" that is no array|",
                "{\"clock\":[],\"cids\":[7]}|in \"cids\" that is no CID|",
                "{\"clock\":[],\"cids\":[null]}|in \"cids\" that is no CID|",
                "{\"clock\":[],\"cids\":[[]]}|in \"cids\" that is no CID|",
                "{\"clock\":[],\"cids\":[\"bafy\"]}|in \"cids\" that is no CID|",
                "{\"clock\":[{}],\"cids\":[]}|in \"clock\" that is no CID|",
                "{\"clock\":[]}|a diff without \"cids\"|",
                "{\"cids\":[]}|a diff without \"clock\"|",
                "{\"clock\":[],\"clock\":[],\"cids\":[]}|\"clock\" twice|",
                "{\"clock\":[],\"cids\":[],\"cids\":[]}|\"cids\" twice|",
                "{\"credit\":-1}|no whole number|",
                "{\"credit\":9223372036854775808}|no whole number|",
                "{\"credit\":1.5}|no whole number|",
                "{\"credit\":\"1\"}|no whole number|",
                "{\"ack\":null}|no whole number|",
                "{\"begin\":{\"kind\":\"text\"}}|no whole number|",
                "{\"begin\":{\"kind\":\"image\",\"bytes\":1}}|neither text nor binary|",
                "{\"ack\":1,\"heads\":7}|\"heads\" that is no array|",
                "\u00ff\u00fe|is no JSON|",
                "{'ok':true}|is no JSON|",
                "{\"ok\":NaN}|is no JSON|",
            })
    void refuses(String text, String why, String offset) {
        assertThatExceptionOfType(SyncException.class)
                .isThrownBy(() -> parse(text == null ? "" : text))
                .withMessageContaining(why)
                .withMessageContaining("offset " + (offset == null ? "" : offset))
                .matches(e -> e.kind() == ErrorKind.MALFORMED);
    }

    @Test
    void namesTheOffset() {
        String text = "{\"clock\":[],\"cids\":[\"" + A + "\",\"no\"]}";
        int at = text.indexOf("\"no\"");
        assertThatExceptionOfType(SyncException.class)
                .isThrownBy(() -> parse(text))
                .satisfies(e -> {
                    int named = Integer.parseInt(e.getMessage().replaceAll("(?s).*\\(offset (\\d+)\\).*", "$1"));
                    assertThat(named).isBetween(at, at + 5);
                });
    }

    @Test
    void passesOverForeignCidsAndRefusesWrongOnes() {
        byte[] raw = A.toByteArray();
        raw[2] = 0x1b; // keccak-256
        String foreign = base32(raw);
        WireMessage.Diff diff = (WireMessage.Diff) parse("{\"clock\":[],\"cids\":[\"" + foreign + "\",\"" + A + "\"]}");
        assertThat(diff.cids().size()).isEqualTo(1);
        String text = A.toString();
        for (String wrong : List.of(
                text.substring(1) + "a",
                text.toUpperCase(java.util.Locale.ROOT),
                text + "a",
                text.substring(0, 58),
                text.substring(0, 58) + "b",
                text.substring(0, 30) + "1" + text.substring(31),
                text.substring(0, 30) + "\u00e9" + text.substring(31))) {
            assertThatExceptionOfType(SyncException.class)
                    .as(wrong)
                    .isThrownBy(() -> parse("{\"clock\":[],\"cids\":[\"" + wrong + "\"]}"))
                    .matches(e -> e.kind() == ErrorKind.MALFORMED);
        }
    }

    private static String base32(byte[] bytes) {
        return "b"
                + new java.math.BigInteger(1, bytes)
                        .shiftLeft(2)
                        .toString(32)
                        .chars()
                        .map(c -> "abcdefghijklmnopqrstuvwxyz234567".charAt(Character.digit(c, 32)))
                        .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                        .insert(0, "a")
                        .toString();
    }

    @Test
    void boundsWhatAPeerNames() {
        TextParser one = new TextParser(1, 1, 1);
        String two = "\"" + A + "\",\"" + B + "\"";
        feed(one, "{\"clock\":[" + two + "],\"cids\":[" + two + "]}");
        WireMessage.Diff diff = (WireMessage.Diff) one.end();
        assertThat(diff.clock()).containsExactly(A);
        assertThat(diff.whole()).isEqualTo(new ClockDigest(2, ""));
        assertThat(diff.cids().size()).isEqualTo(1);
        TextParser ack = new TextParser(1, 1, 1);
        feed(ack, "{\"ack\":1,\"heads\":[" + two + "]}");
        assertThat(ack.end()).isEqualTo(new WireMessage.Ack(1, null, new ClockDigest(2, "")));
        assertLimit(() -> parse("{\"x\":" + "[".repeat(100)), "nests deeper");
        assertLimit(() -> parse("{\"x\":\"" + "y".repeat(100_000) + "\"}"), "too long");
        assertLimit(() -> parse("{\"" + "y".repeat(100_000) + "\":1}"), "too long");
        assertLimit(() -> parse("{\"x\":" + "1".repeat(1_000) + "}"), "too long");
    }

    private static void assertLimit(Runnable call, String why) {
        assertThatExceptionOfType(SyncException.class)
                .isThrownBy(call::run)
                .withMessageContaining(why)
                .matches(e -> e.kind() == ErrorKind.LIMIT_EXCEEDED);
    }

    @Test
    void aClockThatIsNamedInPartSaysSo() {
        List<Cid> all = List.of(A, B);
        DiffText text = new DiffText(List.of(A), ClockDigest.of(all), List.of(B).iterator(), 1, () -> {});
        byte[] bytes = new byte[(int) text.size()];
        text.next(bytes, 0, bytes.length);
        assertThat(bytes.length).isLessThan((int) DiffText.longest(1));
        WireMessage.Diff diff = (WireMessage.Diff) parse(new String(bytes, UTF_8));
        assertThat(diff.clock()).containsExactly(A);
        assertThat(diff.whole()).isEqualTo(ClockDigest.of(all)).isNotEqualTo(ClockDigest.of(List.of(A)));
        assertThat(diff.cids().contains(B)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void readsHundredsOfThousandsInPieces(long seed) {
        Random random = new Random(seed);
        int count = 200_000;
        List<Cid> cids = java.util.stream.Stream.generate(() -> Cid.ofDigest(
                        Cid.DAG_CBOR, random.nextLong(), random.nextLong(), random.nextLong(), random.nextLong()))
                .limit(count)
                .toList();
        DiffText text = new DiffText(cids.subList(0, 3), cids.iterator(), count, () -> {});
        TextParser parser = new TextParser(count, 10, seed);
        byte[] piece = new byte[5_000];
        for (long left = text.size(); left > 0; ) {
            int n = (int) Math.min(left, 1 + random.nextInt(piece.length));
            text.next(piece, 0, n);
            parser.feed(piece, 0, n);
            left -= n;
        }
        WireMessage.Diff diff = (WireMessage.Diff) parser.end();
        assertThat(diff.clock()).isEqualTo(cids.subList(0, 3));
        assertThat(diff.cids().size()).isEqualTo(count);
        assertThat(cids).allMatch(diff.cids()::contains);
    }

    /** The parser for pieces took {@code {"x":}} and {@code {"x":1,}} where the text was cut right before the end of the object. */
    @Test
    void takesAndRefusesTheSameWhereverItIsCut() {
        List<String> valid = List.of("{", "\"a\"", ":", "[", "1", ",", "{", "\"b,\"", ":", "2", "}", "]", "}");
        Set<List<String>> texts = new LinkedHashSet<>(withAMistake(valid));
        List<List<String>> once = List.copyOf(texts);
        Random random = new Random(1);
        for (int i = 0; i < 3_000; i++) {
            List<List<String>> twice = withAMistake(once.get(random.nextInt(once.size())));
            texts.add(twice.get(random.nextInt(twice.size())));
        }
        int taken = 0;
        for (List<String> text : texts) {
            byte[] bytes = String.join("", text).getBytes(UTF_8);
            boolean whole = isTaken(bytes, bytes.length);
            taken += whole ? 1 : 0;
            for (int cut = 1; cut < bytes.length; cut++) {
                assertThat(isTaken(bytes, cut))
                        .as("%s, cut after %d bytes", String.join("", text), cut)
                        .isEqualTo(whole);
            }
        }
        assertThat(taken).as("of %d texts", texts.size()).isBetween(20, texts.size() / 2);
    }

    /** The text with a token left out, put in or in another's place. */
    private static List<List<String>> withAMistake(List<String> text) {
        List<List<String>> mistakes = new ArrayList<>();
        for (int at = 0; at < text.size(); at++) {
            for (String token : List.of("{", "}", "[", "]", ",", ":", "\"c\"", "null", " ")) {
                mistakes.add(replaced(text, at, 0, token));
                mistakes.add(replaced(text, at, 1, token));
            }
            mistakes.add(replaced(text, at, 1, ""));
        }
        return mistakes;
    }

    private static List<String> replaced(List<String> text, int at, int tokens, String by) {
        List<String> all = new ArrayList<>(text.subList(0, at));
        all.add(by);
        all.addAll(text.subList(at + tokens, text.size()));
        return all;
    }

    private static boolean isTaken(byte[] bytes, int cut) {
        try {
            parse(bytes, cut, 1_000_000);
            return true;
        } catch (SyncException e) {
            assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED);
            return false;
        }
    }

    // ---- helpers

    private static WireMessage parse(Message message) {
        assertThat(message.kind()).isEqualTo(Message.Kind.TEXT);
        return parse(new String(message.payload(), UTF_8));
    }

    private static WireMessage parse(String text) {
        byte[] bytes = text.startsWith("\u00ff") ? new byte[] {(byte) 0xff, (byte) 0xfe} : text.getBytes(UTF_8);
        return parse(bytes, 0, 1_000_000);
    }

    private static WireMessage parse(byte[] bytes, int cut, int step) {
        TextParser parser = new TextParser(1_000, 1_000, 1);
        parser.feed(bytes.clone(), 0, cut);
        for (int at = cut; at < bytes.length; at += step) {
            parser.feed(bytes.clone(), at, Math.min(step, bytes.length - at));
        }
        return parser.end();
    }

    private static void feed(TextParser parser, String text) {
        parser.feed(text.getBytes(UTF_8), 0, text.length());
        parser.end();
    }
}
