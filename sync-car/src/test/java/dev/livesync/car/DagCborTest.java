package dev.livesync.car;

import static dev.livesync.car.Fixtures.hex;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DagCborTest {
    private static final String CID = "01711220" + "ab".repeat(32);

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("dev.livesync.car.Fixtures#malformed")
    void refusesEachMalformedClassWithItsOwnMessage(String digits, String message) {
        byte[] bytes = hex(digits);
        refused(bytes, ErrorKind.MALFORMED, "dag-cbor: " + message);
    }

    @Test
    void refusesLinksToCidsThatItCannotHold() {
        refused(
                hex("d82a5823" + "00" + "1220" + "ab".repeat(32)),
                ErrorKind.UNSUPPORTED,
                "dag-cbor: CID version 0 at offset 5");
        refused(hex("d82a450002711220"), ErrorKind.UNSUPPORTED, "dag-cbor: CID version 2 at offset 4");
        refused(
                hex("d82a4600018901" + "1220"),
                ErrorKind.UNSUPPORTED,
                "dag-cbor: CID with a codec of more than one byte at offset 4");
        refused(
                hex("d82a4500017100" + "00"),
                ErrorKind.UNSUPPORTED,
                "dag-cbor: CID with hash 0x0 (only SHA2-256 is known) at offset 4");
    }

    /** Both ways of reading refuse alike: the bytes as they are, and as a block that is only checked. */
    private static void refused(byte[] bytes, ErrorKind kind, String message) {
        assertThatThrownBy(() -> DagCbor.decode(bytes))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessage(message);
        Block block = Block.of(Cid.DAG_CBOR, bytes);
        String named = message.replaceFirst("dag-cbor:", "block " + block.cid() + ":");
        assertThatThrownBy(() -> DagCbor.validate(block, Limits.DEFAULT))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessage(named);
        assertThatThrownBy(() -> DagCbor.decode(block, Limits.DEFAULT)).hasMessage(named);
    }

    @Test
    void readsAndWritesEveryKindOfValue() {
        roundTrip("00", new Value.Int(0));
        roundTrip("17", new Value.Int(23));
        roundTrip("1818", new Value.Int(24));
        roundTrip("18ff", new Value.Int(255));
        roundTrip("190100", new Value.Int(256));
        roundTrip("19ffff", new Value.Int(65_535));
        roundTrip("1a00010000", new Value.Int(65_536));
        roundTrip("1affffffff", new Value.Int(4_294_967_295L));
        roundTrip("1b0000000100000000", new Value.Int(4_294_967_296L));
        roundTrip("1b7fffffffffffffff", new Value.Int(Long.MAX_VALUE));
        roundTrip("1b8000000000000000", new Value.BigInt(BigInteger.ONE.shiftLeft(63)));
        roundTrip(
                "1bffffffffffffffff",
                new Value.BigInt(BigInteger.ONE.shiftLeft(64).subtract(BigInteger.ONE)));
        roundTrip("20", new Value.Int(-1));
        roundTrip("3818", new Value.Int(-25));
        roundTrip("3b7fffffffffffffff", new Value.Int(Long.MIN_VALUE));
        roundTrip(
                "3b8000000000000000",
                new Value.BigInt(BigInteger.ONE.shiftLeft(63).negate().subtract(BigInteger.ONE)));
        roundTrip(
                "3bffffffffffffffff",
                new Value.BigInt(BigInteger.ONE.shiftLeft(64).negate()));
        roundTrip("fb3ff8000000000000", new Value.Real(1.5));
        roundTrip("fb3ff0000000000000", new Value.Real(1.0));
        roundTrip("fb8000000000000000", new Value.Real(-0.0));
        roundTrip("fb0000000000000001", new Value.Real(Double.MIN_VALUE));
        roundTrip("fb7fefffffffffffff", new Value.Real(Double.MAX_VALUE));
        roundTrip("f4", new Value.Bool(false));
        roundTrip("f5", new Value.Bool(true));
        roundTrip("f6", Value.NULL);
        roundTrip("60", new Value.Text(""));
        roundTrip("62c3bc", new Value.Text("\u00fc"));
        roundTrip("63e6b0b4", new Value.Text("\u6c34"));
        roundTrip("64f0908591", new Value.Text("\ud800\udd51"));
        roundTrip("63efbfbd", new Value.Text("\ufffd"));
        roundTrip("64f48fbfbf", new Value.Text(new String(Character.toChars(0x10ffff))));
        roundTrip("40", new Value.Bytes(new byte[0]));
        roundTrip("420102", new Value.Bytes(new byte[] {1, 2}));
        roundTrip(
                "825818" + "00".repeat(24) + "f6",
                new Value.Sequence(List.of(new Value.Bytes(new byte[24]), Value.NULL)));
        roundTrip("80", new Value.Sequence(List.of()));
        roundTrip("820102", new Value.Sequence(List.of(new Value.Int(1), new Value.Int(2))));
        roundTrip("a0", Value.Mapping.EMPTY);
        roundTrip("d82a582500" + CID, new Value.Link(Cid.fromBytes(hex(CID), 0)));
    }

    private static void roundTrip(String digits, Value value) {
        assertThat(DagCbor.encode(value)).isEqualTo(hex(digits));
        assertThat(DagCbor.decode(hex(digits))).isEqualTo(value);
        DagCbor.validate(Block.of(Cid.DAG_CBOR, hex(digits)), Limits.DEFAULT);
    }

    @Test
    void putsKeysInOrderByBytesNotByChars() {
        Map<String, Value> map = new LinkedHashMap<>();
        // Of three bytes each; then of four, where UTF-16 and UTF-8 disagree about which comes first.
        for (String key : List.of("\ufffda", "\ud800\udc00", "bbb", "z", "aaa", "", "\u00e9", "zz")) {
            map.put(key, Value.NULL);
        }
        byte[] bytes = DagCbor.encode(new Value.Mapping(map));
        Value.Mapping back = (Value.Mapping) DagCbor.decode(bytes);
        assertThat(back.entries().keySet())
                .containsExactly("", "z", "zz", "\u00e9", "aaa", "bbb", "\ufffda", "\ud800\udc00");
        assertThat(DagCbor.encode(back)).isEqualTo(bytes);
    }

    @Test
    void longStringsOfEveryAlignmentAreCheckedAndKept() {
        for (int i = 0; i < 40; i++) {
            String s = "x".repeat(i) + "\u00fc\u6c34" + "y".repeat(39 - i);
            byte[] bytes = DagCbor.encode(new Value.Text(s));
            assertThat(DagCbor.decode(bytes)).isEqualTo(new Value.Text(s));
            int umlaut = bytes.length - s.getBytes(StandardCharsets.UTF_8).length + i;
            bytes[umlaut] = (byte) 0xff;
            assertThatThrownBy(() -> DagCbor.decode(bytes))
                    .hasMessage("dag-cbor: string is not valid UTF-8 at offset " + umlaut);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\ud800", "\udc00", "a\ud800", "\ud800a", "\udc00\ud800", "\ud800\ud800\udc00"})
    void refusesToWriteLoneSurrogates(String s) {
        for (Value value : List.of(new Value.Text(s), new Value.Mapping(Map.of(s, Value.NULL)))) {
            assertThatThrownBy(() -> DagCbor.encode(value))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT))
                    .hasMessage("dag-cbor cannot carry a string with a lone surrogate");
        }
    }

    @Test
    void boundsDepthBothWays() {
        Limits three = Limits.DEFAULT.toBuilder().depth(3).build();
        assertThat(DagCbor.decode(hex("818180"), three)).isEqualTo(nested(3));
        limited(() -> DagCbor.decode(hex("81818180"), three), "dag-cbor: nested deeper than 3 levels at offset 3");
        Limits one = Limits.DEFAULT.toBuilder().depth(1).build();
        limited(() -> DagCbor.decode(hex("a1616180"), one), "dag-cbor: nested deeper than 1 levels at offset 3");
        assertThat(DagCbor.encode(nested(3), three)).isEqualTo(hex("818180"));
        limited(() -> DagCbor.encode(nested(4), three), "dag-cbor: nested deeper than 3 levels");
    }

    /** Three quarters of what threads usually have. */
    @Test
    void theDeepestValueThatCanBeAllowedDoesNotOverflowASmallStack() throws Exception {
        Limits deepest = Limits.DEFAULT.toBuilder().depth(Limits.MAX_DEPTH).build();
        byte[] bytes = hex("81".repeat(Limits.MAX_DEPTH - 1) + "80");
        FutureTask<Value> task = new FutureTask<>(() -> {
            Value value = DagCbor.decode(bytes, deepest);
            assertThat(DagCbor.encode(value, deepest)).isEqualTo(bytes);
            DagCbor.validate(Block.of(Cid.DAG_CBOR, bytes), deepest);
            limited(
                    () -> DagCbor.decode(hex("81".repeat(100_000) + "80"), deepest),
                    "dag-cbor: nested deeper than " + Limits.MAX_DEPTH + " levels at offset " + Limits.MAX_DEPTH);
            return value;
        });
        Thread thread = new Thread(null, task, "livesync-test-small-stack", 768 << 10);
        thread.setDaemon(true);
        thread.start();
        assertThat(task.get(30, TimeUnit.SECONDS)).isInstanceOf(Value.Sequence.class);
        assertThatThrownBy(() -> Limits.DEFAULT.toBuilder().depth(Limits.MAX_DEPTH + 1))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION));
    }

    @Test
    void boundsSizeAndCountBothWays() {
        Limits small = Limits.DEFAULT.toBuilder().blockBytes(4).items(3).build();
        assertThat(DagCbor.decode(hex("820102"), small)).isNotNull();
        limited(
                () -> DagCbor.decode(hex("8401020304"), small),
                "dag-cbor: 5 bytes are over the limit of 4 for a block");
        limited(() -> DagCbor.decode(hex("83010203"), small), "dag-cbor: more than 3 values at offset 0");
        limited(() -> DagCbor.decode(hex("82018180"), small), "dag-cbor: more than 3 values at offset 2");
        limited(
                () -> DagCbor.encode(new Value.Text("abcde"), small),
                "dag-cbor: 6 bytes are over the limit of 4 for a block");
        limited(() -> DagCbor.encode(new Value.Text("a".repeat(1000)), small), "dag-cbor: more than 4 bytes");
        limited(
                () -> DagCbor.encode(new Value.Sequence(List.of(Value.NULL, Value.NULL, Value.NULL)), small),
                "dag-cbor: more than 3 values");
    }

    /** Nested arrays that each announce as much as the bytes allow must not make it take memory for each. */
    @Test
    void nestedAnnouncementsAreCountedTogether() {
        StringBuilder digits = new StringBuilder();
        for (int i = 0; i < 500; i++) {
            digits.append("9a000ffff0");
        }
        byte[] start = hex(digits.toString());
        byte[] bytes = java.util.Arrays.copyOf(start, 2_000_000);
        limited(() -> DagCbor.decode(bytes), "dag-cbor: more than 1048576 values at offset 5");
    }

    private static void limited(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED))
                .hasMessage(message);
    }

    private static Value nested(int levels) {
        Value value = new Value.Sequence(List.of());
        for (int i = 1; i < levels; i++) {
            value = new Value.Sequence(List.of(value));
        }
        return value;
    }

    @Test
    void refusesBlocksOfAnotherCodec() {
        Block raw = Block.of(Cid.RAW, hex("00"));
        assertThatThrownBy(() -> DagCbor.decode(raw, Limits.DEFAULT))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
                .hasMessage("block " + raw.cid() + ": codec 0x55 is not dag-cbor");
    }
}
