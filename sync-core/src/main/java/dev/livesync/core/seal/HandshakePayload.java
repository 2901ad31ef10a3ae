package dev.livesync.core.seal;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.DagCbor;
import dev.livesync.car.Limits;
import dev.livesync.core.handshake.VersionAndFeatures;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each end says inside its message of the handshake. In dag-cbor: a map in which everything may be left out, and what is not known is
 * ignored.
 *
 * @param features what the end can do beyond what every sealed session can
 * @param window how many bytes of data it grants at first; 0 grants none
 * @param clock a digest of its clock, of 16 to 32 bytes; empty if it says none
 * @param binding SHA-256 of the binding of an encrypted channel; empty where the channel has none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HandshakePayload(List<String> features, long window, byte[] clock, byte[] binding) {
    /** The longest payload that is read or written, in bytes. */
    public static final int MAX_BYTES = 4_096;

    /** A payload that says nothing. */
    public static final HandshakePayload EMPTY = new HandshakePayload(List.of(), 0, new byte[0], new byte[0]);

    private static final int MIN_DIGEST = 16;
    private static final int MAX_DIGEST = 32;
    private static final long MAX_WINDOW = 1L << 53;
    private static final Limits LIMITS = Limits.DEFAULT.toBuilder()
            .blockBytes(MAX_BYTES)
            .depth(16)
            .items(1_024)
            .build();

    /** Copies the features. */
    public HandshakePayload {
        features = List.copyOf(features);
    }

    /** The bytes; fails as LIMIT_EXCEEDED if they are too many. */
    byte[] write() {
        Map<String, Value> map = new LinkedHashMap<>();
        if (binding.length > 0) {
            map.put("b", new Value.Bytes(binding));
        }
        if (clock.length > 0) {
            map.put("c", new Value.Bytes(clock));
        }
        if (!features.isEmpty()) {
            map.put(
                    "f",
                    new Value.Sequence(
                            features.stream().<Value>map(Value.Text::new).toList()));
        }
        if (window > 0) {
            map.put("w", new Value.Int(window));
        }
        return DagCbor.encode(new Value.Mapping(map), LIMITS);
    }

    /** Reads a payload; fails as MALFORMED or LIMIT_EXCEEDED. */
    static HandshakePayload read(byte[] bytes) {
        if (!(DagCbor.decode(bytes, LIMITS) instanceof Value.Mapping map)) {
            throw malformed("is no map");
        }
        Map<String, Value> fields = map.entries();
        return new HandshakePayload(
                features(fields.get("f")),
                window(fields.get("w")),
                digest("clock", fields.get("c"), MIN_DIGEST),
                digest("binding", fields.get("b"), MAX_DIGEST));
    }

    private static List<String> features(@Nullable Value value) {
        if (value == null) {
            return List.of();
        }
        List<?> names = value instanceof Value.Sequence list
                ? list.items().stream()
                        .map(item -> item instanceof Value.Text text ? text.value() : item)
                        .toList()
                : null;
        return VersionAndFeatures.features("the payload of the handshake", names);
    }

    private static long window(@Nullable Value value) {
        if (value == null) {
            return 0;
        }
        if (value instanceof Value.Int window && window.value() >= 0 && window.value() <= MAX_WINDOW) {
            return window.value();
        }
        throw malformed("has a window that is none");
    }

    private static byte[] digest(String what, @Nullable Value value, int least) {
        if (value == null) {
            return new byte[0];
        }
        byte[] digest = value instanceof Value.Bytes bytes ? bytes.toByteArray() : new byte[0];
        if (digest.length < least || digest.length > MAX_DIGEST) {
            throw malformed("has a " + what + " that is no digest");
        }
        return digest;
    }

    private static SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, "the payload of the handshake " + what);
    }
}
