package dev.livesync.database.attachments;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * What a document says of an attachment: an object with the root of its content, its size and its type, under a field of the user's choice.
 *
 * <pre>{@code {"_attachment":"bafkrei…","size":48213,"type":"image/jpeg"}}</pre>
 *
 * <p>To a peer that knows no attachments it is an object like any other. Further members are the user's own. The content is not part of the document:
 * {@link Attachments#open} reads it.
 *
 * <p>Immutable; any thread.
 *
 * @param root the root of the content, a function of its bytes alone
 * @param size how long the content is, in bytes; 0 to 2<sup>40</sup>
 * @param type what it is, such as {@code image/jpeg}: 1 to 255 visible characters of ASCII and blanks
 */
public record Attachment(Cid root, long size, String type) {
    /** The member that makes an object one: the root, as text. */
    public static final String ROOT = "_attachment";

    private static final String SIZE = "size";
    private static final String TYPE = "type";
    private static final long MOST_SIZE = 1L << 40;
    private static final int MOST_TYPE = 255;

    /**
     * Checks what it is made of.
     *
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for a root that is neither raw nor dag-cbor, a size or a type beyond what is said above
     */
    public Attachment {
        Objects.requireNonNull(root, "root");
        if (!isType(type)) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT,
                    "the type of an attachment is 1 to " + MOST_TYPE
                            + " visible characters of ASCII and blanks, such as image/jpeg; this one has "
                            + type.length() + " characters");
        }
        if (!isPossible(root, size)) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "no attachment: root " + root + ", " + size + " bytes");
        }
    }

    private static boolean isPossible(Cid root, long size) {
        return (root.codec() == Cid.RAW || root.codec() == Cid.DAG_CBOR) && size >= 0 && size <= MOST_SIZE;
    }

    private static boolean isType(String type) {
        return !type.isEmpty() && type.length() <= MOST_TYPE && type.chars().allMatch(c -> c >= ' ' && c < 0x7f);
    }

    /**
     * What to put into a document.
     *
     * @return the three members, for {@link dev.livesync.database.Document}s that are made from maps; immutable
     */
    public Map<String, Object> stub() {
        return Map.of(ROOT, root.toString(), SIZE, size, TYPE, type);
    }

    /**
     * Finds the attachment under a field of a document.
     *
     * @param document the content, as {@link dev.livesync.database.Document#value()} has it
     * @param field its name
     * @return the attachment; empty if there is no such field, or it is none
     */
    public static Optional<Attachment> in(Value.Mapping document, String field) {
        Value value = document.entries().get(field);
        return value == null ? Optional.empty() : of(value);
    }

    /**
     * Reads what a document says of an attachment.
     *
     * @param value any value
     * @return the attachment; empty if the value is none: no object, or with members that are missing or impossible
     */
    public static Optional<Attachment> of(Value value) {
        if (value instanceof Value.Mapping map
                && map.entries().get(ROOT) instanceof Value.Text root
                && map.entries().get(SIZE) instanceof Value.Int size
                && map.entries().get(TYPE) instanceof Value.Text type) {
            return parse(root.value())
                    .filter(cid -> isPossible(cid, size.value()) && isType(type.value()))
                    .map(cid -> new Attachment(cid, size.value(), type.value()));
        }
        return Optional.empty();
    }

    private static Optional<Cid> parse(String text) {
        try {
            return Optional.of(Cid.parse(text));
        } catch (SyncException e) {
            return Optional.empty();
        }
    }
}
