package dev.livesync.core.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.grant.Rights;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BinaryEncodingTest {
    private static final Cid A = Cid.hash(Cid.DAG_CBOR, new byte[] {1});
    private static final Cid B = Cid.hash(Cid.DAG_CBOR, new byte[] {2});
    private static final String DIGEST_A = HexFormat.of().formatHex(A.toByteArray(), 4, 36);

    private static final List<WireMessage> MESSAGES = List.of(
            new WireMessage.Credit(0),
            new WireMessage.Credit(1L << 62),
            new WireMessage.Ack(300, List.of(A, B), null),
            new WireMessage.Ack(3, List.of(), null),
            new WireMessage.Ack(3, null, ClockDigest.of(List.of(A, B))),
            new WireMessage.Ack(127, null, null),
            new WireMessage.Access(Rights.READ),
            new WireMessage.Access(Rights.WRITE),
            new WireMessage.Access(Rights.READ_WRITE),
            new WireMessage.Refused(128, 2, A, "no \u00fc"),
            new WireMessage.Refused(1, 1, null, ""),
            new WireMessage.Ping(7),
            new WireMessage.Pong(1L << 40),
            new WireMessage.Failure("MALFORMED", "a thing"),
            new WireMessage.Again(),
            new WireMessage.WantAck(),
            new WireMessage.GoAway(30_000),
            new WireMessage.Bye());

    private static byte[] bytes(WireMessage message) {
        Message written = BinaryEncoding.INSTANCE.control(message);
        assertThat(written.kind()).isEqualTo(Message.Kind.BINARY);
        return written.payload();
    }

    @Test
    void whatIsWrittenIsRead() {
        for (WireMessage message : MESSAGES) {
            assertThat(BinaryParser.parse(bytes(message))).isEqualTo(message);
        }
        byte[] begin =
                BinaryEncoding.INSTANCE.begin(Message.Kind.BINARY, 70_000).payload();
        assertThat(BinaryParser.parse(begin)).isEqualTo(new WireMessage.Begin(Message.Kind.BINARY, 70_000));
    }

    /** As docs/protocol.md has them. */
    @Test
    void bytesAreThoseOfThePage() {
        assertThat(hex(new WireMessage.Credit(300))).isEqualTo("01ac02");
        assertThat(hex(new WireMessage.Ack(5, List.of(A), null))).isEqualTo("020501" + DIGEST_A);
        assertThat(hex(new WireMessage.Ack(5, null, null))).isEqualTo("020500");
        assertThat(hex(new WireMessage.Ping(1))).isEqualTo("0301");
        assertThat(hex(new WireMessage.Pong(1))).isEqualTo("0401");
        assertThat(hex(new WireMessage.Bye())).isEqualTo("05");
        assertThat(hex(new WireMessage.Failure("LIMIT", "x"))).isEqualTo("06054c494d495478");
        assertThat(hex(new WireMessage.Access(Rights.READ_WRITE))).isEqualTo("0703");
        assertThat(hex(new WireMessage.Refused(2, 1, A, "x"))).isEqualTo("08020101" + DIGEST_A + "78");
        assertThat(hex(new WireMessage.Again())).isEqualTo("0a");
        assertThat(hex(new WireMessage.WantAck())).isEqualTo("0b");
        assertThat(hex(new WireMessage.GoAway(5_000))).isEqualTo("228827");
    }

    private static String hex(WireMessage message) {
        return HexFormat.of().formatHex(bytes(message));
    }

    @Test
    void newTypesAreIgnoredAndOthersRefused() {
        assertThat(BinaryParser.parse(new byte[] {0x20, 1, 2})).isEqualTo(new WireMessage.Unknown());
        assertThat(BinaryParser.parse(new byte[] {0x3f})).isEqualTo(new WireMessage.Unknown());
        for (int type : new int[] {0x00, 0x0c, 0x0f, 0x10, 0x13, 0x14, 0x1f, 0x40, 0x7b, 0xff}) {
            assertMalformed(new byte[] {(byte) type});
        }
    }

    @Test
    void numbersHaveOneForm() {
        assertMalformed(HexFormat.of().parseHex("01"));
        assertMalformed(HexFormat.of().parseHex("0180"));
        assertMalformed(HexFormat.of().parseHex("018000"));
        assertMalformed(HexFormat.of().parseHex("01ffffffffffffffffff01"));
        assertMalformed(HexFormat.of().parseHex("0100" + "00"));
    }

    /** No byte string makes anything but a message or an error of this kind. */
    @Test
    void damagedMessagesAreRefusedOrSayTheSameAsTheirBytes() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 20_000; i++) {
            byte[] bytes = bytes(MESSAGES.get(random.nextInt(MESSAGES.size()))).clone();
            bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
            if (random.nextBoolean()) {
                bytes = Arrays.copyOf(bytes, 1 + random.nextInt(bytes.length + 3));
            }
            try {
                WireMessage read = BinaryParser.parse(bytes);
                assertThat(read).as("seed %d", seed).isNotNull();
                if (!(read instanceof WireMessage.Unknown
                        || read.isData()
                        || read instanceof WireMessage.Begin
                        || read instanceof WireMessage.Failure
                        || read instanceof WireMessage.Refused)) {
                    assertThat(bytes(read)).as("seed %d", seed).isEqualTo(bytes);
                }
            } catch (SyncException e) {
                assertThat(e.kind()).as("seed %d", seed).isEqualTo(ErrorKind.MALFORMED);
            }
        }
    }

    @Test
    void anAckNeverOutgrowsItsBounds() {
        for (int max : new int[] {1_024, 1 << 30}) {
            for (int heads = 0; heads < 600; heads++) {
                boolean named = BinaryEncoding.INSTANCE.namesHeads(heads, max);
                WireMessage ack = WireMessage.Ack.of(1L << 62, Collections.nCopies(heads, A), named);
                assertThat(bytes(ack).length).isLessThanOrEqualTo(Math.min(max, 16 << 10));
            }
        }
    }

    private static void assertMalformed(byte[] bytes) {
        assertThatThrownBy(() -> BinaryParser.parse(bytes))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
    }
}
