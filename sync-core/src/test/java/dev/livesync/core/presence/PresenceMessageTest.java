package dev.livesync.core.presence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.DagCbor;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PresenceMessageTest {
    private static final HexFormat HEX = HexFormat.of();
    private static final PresenceLimits LIMITS = PresenceLimits.DEFAULT;
    private static final String PEER =
            Base64.getUrlEncoder().withoutPadding().encodeToString(HEX.parseHex("000102030405060708090a0b0c0d0e0f"));

    private static final List<PresenceUpdate> ALL = List.of(
            new PresenceUpdate.Stated(PEER, 7, "cursor", 30_000, PlainValues.of(Map.of("x", 1, "y", 2.5))),
            new PresenceUpdate.Removed(PEER, 8, "typing"),
            new PresenceUpdate.Fading(PEER, 8, 2_000));

    /** The example of docs/presence.md, written by hand. */
    private static final String BYTES = "83"
            + "8600" + "50000102030405060708090a0b0c0d0e0f" + "07" + "66637572736f72" + "197530" + "a261780161"
            + "79fb4004000000000000"
            + "8401" + "50000102030405060708090a0b0c0d0e0f" + "08" + "66747970696e67"
            + "8402" + "50000102030405060708090a0b0c0d0e0f" + "08" + "1907d0";

    @Test
    void isWrittenAndReadAsThePageSays() {
        assertThat(HEX.formatHex(PresenceMessage.write(ALL))).isEqualTo(BYTES);
        assertThat(PresenceMessage.read(HEX.parseHex(BYTES), LIMITS)).isEqualTo(ALL);
    }

    @Test
    void whatALaterVersionAddsIsLeftOut() {
        Value later = new Value.Sequence(List.of(new Value.Int(3), new Value.Text("whatever")));
        assertThat(PresenceMessage.read(DagCbor.encode(new Value.Sequence(List.of(later))), LIMITS))
                .isEmpty();
    }

    private static Value update(Value... fields) {
        return new Value.Sequence(List.of(fields));
    }

    private static Value id(int bytes) {
        return new Value.Bytes(new byte[bytes]);
    }

    private static void refused(ErrorKind kind, Value message) {
        byte[] bytes = DagCbor.encode(message);
        assertThatThrownBy(() -> PresenceMessage.read(bytes, LIMITS))
                .as("%s", message)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind))
                .hasMessageContaining("presence");
    }

    @Test
    void whatIsNoneIsRefused() {
        Value one = new Value.Int(1);
        Value key = new Value.Text("k");
        List<Value> malformed = List.of(
                update(),
                one,
                update(new Value.Int(0)),
                update(new Value.Int(-1), id(16), one, key, one, one),
                update(new Value.Int(0), id(16), one, key, one),
                update(new Value.Int(0), id(15), one, key, one, one),
                update(new Value.Int(0), key, one, key, one, one),
                update(new Value.Int(0), id(16), new Value.Int(0), key, one, one),
                update(new Value.Int(0), id(16), new Value.Int(1L << 53), key, one, one),
                update(new Value.Int(0), id(16), one, one, one, one),
                update(new Value.Int(0), id(16), one, new Value.Text(""), one, one),
                update(new Value.Int(0), id(16), one, key, new Value.Int(0), one),
                update(new Value.Int(0), id(16), one, key, new Value.Int(60_001), one),
                update(new Value.Int(0), id(16), one, key, one, Value.NULL),
                update(new Value.Int(0), id(16), one, key, one, new Value.Bytes(new byte[3])),
                update(new Value.Int(1), id(16), one, key, one),
                update(new Value.Int(1), id(16), one, one),
                update(new Value.Int(2), id(16), one, new Value.Int(-1)),
                update(new Value.Int(2), id(16), one, new Value.Int(60_001)));
        malformed.forEach(update -> refused(ErrorKind.MALFORMED, update(update)));
        refused(ErrorKind.MALFORMED, new Value.Mapping(Map.of()));
    }

    @Test
    void exactlyTheLimitsAreTaken() {
        for (int extra : new int[] {0, 1}) {
            Value value = new Value.Text("v".repeat(LIMITS.valueBytes() - 3 + extra));
            Value key = new Value.Text("k".repeat(LIMITS.keyBytes() + extra));
            Value stated =
                    update(new Value.Int(0), id(16), new Value.Int(1), new Value.Text("k"), new Value.Int(1), value);
            Value removed = update(new Value.Int(1), id(16), new Value.Int(1), key);
            for (Value update : List.of(stated, removed)) {
                if (extra == 0) {
                    assertThat(PresenceMessage.read(DagCbor.encode(update(update)), LIMITS))
                            .hasSize(1);
                } else {
                    refused(ErrorKind.LIMIT_EXCEEDED, update(update));
                }
            }
        }
    }

    @Test
    void bytesOfAnyKindAreReadOrRefused() {
        byte[] right = HEX.parseHex(BYTES);
        for (int seed = 0; seed < 3_000; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            byte[] bytes = random.nextInt(4) == 0 ? new byte[random.nextInt(200)] : right.clone();
            if (bytes.length != right.length) {
                random.nextBytes(bytes);
            }
            for (int i = random.nextInt(4); i > 0 && bytes.length > 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            }
            try {
                List<PresenceUpdate> updates = PresenceMessage.read(bytes, LIMITS);
                assertThat(PresenceMessage.read(PresenceMessage.write(updates), LIMITS))
                        .as("seed %d", seed)
                        .isEqualTo(updates);
            } catch (SyncException e) {
                assertThat(e.kind())
                        .as("seed %d", seed)
                        .isIn(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED, ErrorKind.UNSUPPORTED);
            }
        }
    }

    @Test
    void programsValuesComeBackAsTheyWere() {
        List<Object> plain = new ArrayList<>(List.of(
                "ü😀", true, 1L, -9_007_199_254_740_993L, 0.1, List.of(1L, "a"), Map.of("a", Map.of("b", List.of()))));
        plain.add(null);
        assertThat(PlainValues.from(PlainValues.of(plain))).isEqualTo(plain);
        assertThat(PlainValues.from(PlainValues.of(List.of(1, (short) 2, 3.0, 0.5f, 1e300))))
                .isEqualTo(List.of(1L, 2L, 3L, 0.5, 1e300));
        for (Object none : List.of(new byte[1], Double.NaN, Map.of(1, 2), new Object(), List.of(1.0 / 0))) {
            assertThatThrownBy(() -> PlainValues.of(none))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INVALID_ARGUMENT));
        }
    }
}
