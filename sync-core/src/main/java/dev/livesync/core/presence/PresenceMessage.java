package dev.livesync.core.presence;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.car.DagCbor;
import dev.livesync.car.Limits;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A message of presence: a list of updates in dag-cbor; {@code docs/presence.md}. */
final class PresenceMessage {
    /** The bytes of a peer's id. */
    static final int ID_BYTES = 16;

    private static final int STATED = 0;
    private static final int REMOVED = 1;
    private static final int FADING = 2;

    /** A value, in an update, in the list. */
    private static final int DEPTH = 18;

    private static final int ITEMS = 16_384;

    private PresenceMessage() {}

    private static Limits limits(int bytes) {
        return Limits.DEFAULT.toBuilder()
                .blockBytes(bytes)
                .depth(DEPTH)
                .items(ITEMS)
                .build();
    }

    /** The bytes of updates. */
    static byte[] write(List<PresenceUpdate> updates) {
        List<Value> items = new ArrayList<>();
        updates.forEach(update -> items.add(value(update)));
        return DagCbor.encode(new Value.Sequence(items));
    }

    /** Whether a message has no updates. */
    static boolean isQuestion(byte[] bytes) {
        return bytes.length == 1 && bytes[0] == (byte) 0x80;
    }

    /** How many bytes an update takes in a message. */
    static int size(PresenceUpdate update) {
        return DagCbor.encode(value(update)).length;
    }

    /** How many bytes a value takes; fails as INVALID_ARGUMENT for what can't be written. */
    static int size(Value value) {
        return DagCbor.encode(value).length;
    }

    private static Value value(PresenceUpdate update) {
        List<Value> fields = new ArrayList<>();
        fields.add(new Value.Int(
                update instanceof PresenceUpdate.Stated
                        ? STATED
                        : update instanceof PresenceUpdate.Removed ? REMOVED : FADING));
        fields.add(new Value.Bytes(Base64.getUrlDecoder().decode(update.peer())));
        fields.add(new Value.Int(update.number()));
        if (update instanceof PresenceUpdate.Stated stated) {
            fields.add(new Value.Text(stated.key()));
            fields.add(new Value.Int(stated.millis()));
            fields.add(stated.value());
        } else if (update instanceof PresenceUpdate.Removed removed) {
            fields.add(new Value.Text(removed.key()));
        } else if (update instanceof PresenceUpdate.Fading fading) {
            fields.add(new Value.Int(fading.millis()));
        }
        return new Value.Sequence(fields);
    }

    /**
     * Reads a message.
     *
     * @return its updates, without those of a kind that this build doesn't know
     * @throws SyncException {@link ErrorKind#MALFORMED}, or {@link ErrorKind#LIMIT_EXCEEDED} for a key or a value that is too long
     */
    static List<PresenceUpdate> read(byte[] bytes, PresenceLimits limits) {
        if (!(DagCbor.decode(bytes, limits(limits.messageBytes())) instanceof Value.Sequence list)) {
            throw malformed("is no list");
        }
        List<PresenceUpdate> updates = new ArrayList<>();
        for (Value item : list.items()) {
            if (!(item instanceof Value.Sequence update) || update.items().isEmpty()) {
                throw malformed("has an update that is no list");
            }
            List<Value> fields = update.items();
            int kind = (int) integer(fields, 0, 0, Integer.MAX_VALUE);
            if (kind <= FADING) {
                updates.add(update(kind, fields, limits));
            }
        }
        return updates;
    }

    private static PresenceUpdate update(int kind, List<Value> fields, PresenceLimits limits) {
        int length = kind == STATED ? 6 : 4;
        if (fields.size() != length) {
            throw malformed("has an update of " + fields.size() + " fields, where " + length + " are right");
        }
        String peer = peer(fields.get(1));
        long number = integer(fields, 2, 1, PresenceUpdate.MAX_NUMBER);
        return switch (kind) {
            case STATED -> {
                Value value = fields.get(5);
                if (PlainValues.from(value) == null) {
                    throw malformed("has a value that is null");
                }
                int size = size(value);
                if (size > limits.valueBytes()) {
                    throw new SyncException(
                            ErrorKind.LIMIT_EXCEEDED,
                            "a message of presence has a value of " + size + " bytes, over the limit of "
                                    + limits.valueBytes());
                }
                String key = key(fields.get(3), limits);
                yield new PresenceUpdate.Stated(
                        peer, number, key, integer(fields, 4, 1, PresenceUpdate.MAX_MILLIS), value);
            }
            case REMOVED -> new PresenceUpdate.Removed(peer, number, key(fields.get(3), limits));
            default -> new PresenceUpdate.Fading(peer, number, integer(fields, 3, 0, PresenceUpdate.MAX_MILLIS));
        };
    }

    private static String peer(Value value) {
        byte[] id = value instanceof Value.Bytes bytes ? bytes.toByteArray() : new byte[0];
        if (id.length != ID_BYTES) {
            throw malformed("names a peer by " + id.length + " bytes");
        }
        return Base64.getUrlEncoder().withoutPadding().encodeToString(id);
    }

    private static String key(Value value, PresenceLimits limits) {
        if (!(value instanceof Value.Text text) || text.value().isEmpty()) {
            throw malformed("has a key that is none");
        }
        int size = text.value().getBytes(StandardCharsets.UTF_8).length;
        if (size > limits.keyBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a message of presence has a key of " + size + " bytes, over the limit of " + limits.keyBytes());
        }
        return text.value();
    }

    private static long integer(List<Value> fields, int at, long least, long most) {
        if (fields.get(at) instanceof Value.Int number && number.value() >= least && number.value() <= most) {
            return number.value();
        }
        throw malformed("has a field " + at + " that is no number from " + least + " to " + most);
    }

    private static SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, "a message of presence " + what);
    }
}
