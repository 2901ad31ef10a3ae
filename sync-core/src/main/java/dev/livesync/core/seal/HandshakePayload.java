package dev.livesync.core.seal;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.car.DagCbor;
import dev.livesync.car.Limits;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What each end says inside its message of the handshake. In dag-cbor: a map in which everything may be left out, and what is not known is
 * ignored.
 *
 * @param features what the end can do beyond what every sealed session can: a bit for each
 * @param window how many bytes of data it grants at first; 0 grants none
 * @param clock its clock: of ours a digest, of theirs the tag that it becomes on the wire; empty if it says none
 * @param instance by which peers remember its database, 8 bytes; empty if it says none
 * @param binding SHA-256 of the binding of an encrypted channel; empty where the channel has none
 * @param name under which it is announced in a mesh; empty where it is in none
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record HandshakePayload(long features, long window, byte[] clock, byte[] instance, byte[] binding, String name) {
    /** The longest payload that is read or written, in bytes. */
    public static final int MAX_BYTES = 4_096;

    /** A payload that says nothing. */
    public static final HandshakePayload EMPTY = new HandshakePayload(0, 0, new byte[0], new byte[0], new byte[0], "");

    private static final int BINDING_BYTES = 32;
    private static final int INSTANCE_BYTES = 8;
    private static final long MAX_INTEGER = 1L << 53;
    private static final Limits LIMITS = Limits.DEFAULT.toBuilder()
            .blockBytes(MAX_BYTES)
            .depth(16)
            .items(1_024)
            .build();

    /**
     * What an end says that is in no mesh.
     *
     * @param features a bit for each
     * @param window its first grant
     * @param clock its clock, or the clock's tag
     * @param instance by which peers remember its database
     * @param binding of the channel
     */
    public HandshakePayload(long features, long window, byte[] clock, byte[] instance, byte[] binding) {
        this(features, window, clock, instance, binding, "");
    }

    /** The same with another clock. */
    HandshakePayload withClock(byte[] other) {
        return new HandshakePayload(features, window, other, instance, binding, name);
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
        if (features > 0) {
            map.put("f", new Value.Int(features));
        }
        if (instance.length > 0) {
            map.put("i", new Value.Bytes(instance));
        }
        if (!name.isEmpty()) {
            map.put("n", new Value.Text(name));
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
                integer("a set of features", fields.get("f")),
                integer("a window", fields.get("w")),
                bytes("a clock", fields.get("c"), ClockTag.BYTES),
                bytes("an instance", fields.get("i"), INSTANCE_BYTES),
                bytes("a binding", fields.get("b"), BINDING_BYTES),
                name(fields.get("n")));
    }

    private static String name(@Nullable Value value) {
        if (value == null) {
            return "";
        }
        if (value instanceof Value.Text text && DiscoveredPeer.isName(text.value())) {
            return text.value();
        }
        throw malformed("has a name that is none");
    }

    private static long integer(String what, @Nullable Value value) {
        if (value == null) {
            return 0;
        }
        if (value instanceof Value.Int integer && integer.value() >= 0 && integer.value() <= MAX_INTEGER) {
            return integer.value();
        }
        throw malformed("has " + what + " that is none");
    }

    private static byte[] bytes(String what, @Nullable Value value, int length) {
        if (value == null) {
            return new byte[0];
        }
        byte[] read = value instanceof Value.Bytes bytes ? bytes.toByteArray() : new byte[0];
        if (read.length != length) {
            throw malformed("has " + what + " that is none");
        }
        return read;
    }

    private static SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, "the payload of the handshake " + what);
    }
}
