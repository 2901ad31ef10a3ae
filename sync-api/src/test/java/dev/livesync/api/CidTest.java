package dev.livesync.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CidTest {
    private static final long SEED = 20_231_123;

    /** Of no bytes at all, under both codecs, as multiformats' own tools print them. */
    private static final String RAW_OF_NOTHING = "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku";

    private static final String SOME = "bafyreibllbdlexr25r2fe42dh56rqbfif3vcu4iyzh5ltk4z33myo74mcu";

    @Test
    void hashesToTheKnownText() {
        Cid cid = Cid.hash(Cid.RAW, new byte[0]);
        assertThat(cid).hasToString(RAW_OF_NOTHING);
        assertThat(cid.codec()).isEqualTo(Cid.RAW);
        assertThat(Cid.parse(RAW_OF_NOTHING)).isEqualTo(cid);
    }

    /** The alphabet as a number in base 32: another way to the same text. */
    private static String base32(byte[] bytes) {
        String digits = new BigInteger(1, bytes).shiftLeft(2).toString(32);
        StringBuilder text = new StringBuilder("b").append("a".repeat(58 - digits.length()));
        for (int i = 0; i < digits.length(); i++) {
            text.append("abcdefghijklmnopqrstuvwxyz234567".charAt(Character.digit(digits.charAt(i), 32)));
        }
        return text.toString();
    }

    @Test
    void textAndBytesRoundTrip() {
        Random random = new Random(SEED);
        for (int i = 0; i < 10_000; i++) {
            Cid cid = random(random);
            byte[] bytes = cid.toByteArray();
            assertThat(bytes).hasSize(Cid.BYTES).startsWith(1, cid.codec(), 0x12, 0x20);
            assertThat(cid.toString()).hasSize(Cid.CHARS).isEqualTo(base32(bytes));
            assertThat(Cid.parse(cid.toString())).isEqualTo(cid).hasSameHashCodeAs(cid);
            assertThat(Cid.fromBytes(bytes, 0)).isEqualTo(cid);
            assertThat(Cid.ofDigest(
                            cid.codec(), cid.digestLong(0), cid.digestLong(1), cid.digestLong(2), cid.digestLong(3)))
                    .isEqualTo(cid);
        }
    }

    @Test
    void writesWhereItIsToldAndNothingElse() {
        Cid cid = Cid.parse(SOME);
        byte[] bytes = new byte[50];
        cid.writeTo(bytes, 7);
        assertThat(Cid.fromBytes(bytes, 7)).isEqualTo(cid);
        assertThat(Arrays.copyOf(bytes, 7)).containsOnly(0);
        assertThat(Arrays.copyOfRange(bytes, 43, 50)).containsOnly(0);
        byte[] text = new byte[70];
        cid.writeText(text, 5);
        assertThat(new String(text, 5, Cid.CHARS, StandardCharsets.ISO_8859_1)).isEqualTo(SOME);
        assertThat(Arrays.copyOf(text, 5)).containsOnly(0);
        assertThat(Arrays.copyOfRange(text, 64, 70)).containsOnly(0);
        outOfBounds(() -> cid.writeTo(bytes, 15));
        outOfBounds(() -> cid.writeTo(bytes, -1));
        outOfBounds(() -> cid.writeText(text, 12));
        outOfBounds(() -> cid.digestLong(4));
        outOfBounds(() -> Cid.ofDigest(Cid.RAW, new byte[31], 0));
    }

    private static void outOfBounds(ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /** Pairs at random, pairs that differ in one bit, and pairs of different codecs. */
    @Test
    void ordersAsTheTextDoes() {
        Random random = new Random(SEED);
        for (int i = 0; i < 20_000; i++) {
            Cid a = random(random);
            inTextOrder(a, random(random));
            inTextOrder(a, a);
            byte[] bytes = a.toByteArray();
            int bit = i % 256;
            bytes[4 + bit / 8] ^= (byte) (0x80 >>> bit % 8);
            inTextOrder(a, Cid.fromBytes(bytes, 0));
            // The same five-bit group, all of its bits at random.
            bytes[4 + bit / 8] = (byte) random.nextInt();
            inTextOrder(a, Cid.fromBytes(bytes, 0));
            inTextOrder(a, Cid.ofDigest(a.codec() ^ 1 << i % 7, bytes, 4));
        }
    }

    private static void inTextOrder(Cid a, Cid b) {
        int expected = Integer.signum(a.toString().compareTo(b.toString()));
        if (Integer.signum(a.compareTo(b)) != expected || Integer.signum(b.compareTo(a)) != -expected) {
            throw new AssertionError("seed " + SEED + ": " + a + " and " + b);
        }
        assertThat(a.equals(b)).isEqualTo(expected == 0);
    }

    /** Worst case of a 64-bit heap: a header of 16 bytes, references and ints as wide as they get, objects of whole 8 bytes. */
    @Test
    void takesAtMost56BytesOfHeap() {
        int bytes = 16;
        for (Field field : Cid.class.getDeclaredFields()) {
            if (!Modifier.isStatic(field.getModifiers())) {
                assertThat(field.getType().isPrimitive())
                        .as(field + " would point to more heap")
                        .isTrue();
                bytes += field.getType() == long.class ? 8 : 4;
            }
        }
        assertThat(Cid.class.getSuperclass()).isEqualTo(Object.class);
        assertThat((bytes + 7) / 8 * 8).isLessThanOrEqualTo(56);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "b",
                "bafyreibllbdlexr25r2fe42dh56rqbfif3vcu4iyzh5ltk4z33myo74mc",
                "bafyreibllbdlexr25r2fe42dh56rqbfif3vcu4iyzh5ltk4z33myo74mcua",
                "Bafyreibllbdlexr25r2fe42dh56rqbfif3vcu4iyzh5ltk4z33myo74mcu",
                "zafyreibllbdlexr25r2fe42dh56rqbfif3vcu4iyzh5ltk4z33myo74mcu",
                "QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG"
            })
    void refusesWhatDoesNotLookLikeACid(String text) {
        refused(ErrorKind.MALFORMED, "not a CID (base32, 59 characters): ", () -> Cid.parse(text));
    }

    @ParameterizedTest
    @ValueSource(chars = {'A', '0', '1', '8', '=', ' ', '\n', '\u00e9', '\u0660', '\uff41', '`', '{'})
    void refusesEveryOtherCharacter(char c) {
        for (int at : new int[] {1, 30, 58}) {
            StringBuilder text = new StringBuilder(SOME);
            text.setCharAt(at, c);
            refused(ErrorKind.MALFORMED, "not a CID (character " + at + "): ", () -> Cid.parse(text));
        }
    }

    @Test
    void refusesPaddingBitsThatAreSet() {
        // The last character carries three bits of the digest and two of padding.
        String alphabet = "abcdefghijklmnopqrstuvwxyz234567";
        int last = alphabet.indexOf(SOME.charAt(58));
        assertThat(last % 4).isZero();
        for (int padding = 1; padding < 4; padding++) {
            String text = SOME.substring(0, 58) + alphabet.charAt(last + padding);
            refused(ErrorKind.MALFORMED, "not a CID (padding bits are set): ", () -> Cid.parse(text));
        }
    }

    @Test
    void messagesStayOneLineAndShort() {
        assertThatThrownBy(() -> Cid.parse("b\n\u0007" + "x".repeat(1000)))
                .hasMessageMatching("not a CID \\(base32, 59 characters\\): \"b\\?\\?x{67}\\.\\.\\.\"");
    }

    @Test
    void refusesOtherKindsOfCid() {
        byte[] bytes = Cid.parse(SOME).toByteArray();
        refused(ErrorKind.MALFORMED, "CID needs 36 bytes, 35 are left at offset 1", () -> Cid.fromBytes(bytes, 1));
        refused(ErrorKind.MALFORMED, "CID needs 36 bytes", () -> Cid.fromBytes(new byte[0], 0));
        refused(ErrorKind.MALFORMED, "CID needs 36 bytes", () -> Cid.fromBytes(bytes, -1));
        for (int at = 0; at < 4; at++) {
            byte[] other = bytes.clone();
            other[at] ^= (byte) 0x80;
            refused(ErrorKind.UNSUPPORTED, "CID at offset 0 is not version 1", () -> Cid.fromBytes(other, 0));
            refused(ErrorKind.UNSUPPORTED, "CID at offset 0 is not version 1", () -> Cid.parse(base32(other)));
        }
        refused(ErrorKind.UNSUPPORTED, "CID codec 0x80 is unknown", () -> Cid.hash(0x80, new byte[0]));
        refused(ErrorKind.UNSUPPORTED, "CID codec 0xffffffff is unknown", () -> Cid.ofDigest(-1, 0, 0, 0, 0));
    }

    private static void refused(ErrorKind kind, String message, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageStartingWith(message);
    }

    private static Cid random(Random random) {
        byte[] digest = new byte[32];
        random.nextBytes(digest);
        return Cid.ofDigest(random.nextBoolean() ? Cid.DAG_CBOR : random.nextInt(128), digest, 0);
    }
}
