package dev.livesync.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One put or delete of one document: a dag-cbor block {@code {data:{key,root,type,value},parents}} that passed the strict
 * schema. Whoever holds an {@code Event} need not parse or check the block again.
 *
 * <p>Immutable; any thread. Equality is by CID. Implementations may decode the value when it is first asked for.
 *
 * <p><strong>Interior events.</strong> A batch is a chain of events of which only the last names a tree. An event whose
 * {@link #root()} is null although documents remain after it is <em>interior</em>: never a head, never a parent outside
 * its batch, never a root of a CAR, and never shown before the batch's last event is here. (A delete that empties the
 * database also has no root; only the merge can tell the two apart.)
 */
public interface Event {
    /** What an event does to its key. */
    enum Type {
        /** Sets the document; on the wire {@code put}. */
        PUT,
        /** Removes the document; on the wire {@code del}, with a null value. */
        DELETE
    }

    /**
     * The block that carries the event.
     *
     * @return the verified block
     */
    Block block();

    /**
     * The event's identity.
     *
     * @return the CID of {@link #block()}
     */
    default Cid cid() {
        return block().cid();
    }

    /**
     * Whether it sets or removes.
     *
     * @return the type
     */
    Type type();

    /**
     * The key as it stands on the wire: charwise, {@code J} followed by the escaped document id. Keys order as JavaScript
     * strings do, by UTF-16 code units, which is {@link String#compareTo}.
     *
     * @return the key, never empty
     */
    String key();

    /**
     * The root of the tree after this event, as its author claims it. Nothing may be read from it: documents are a
     * function of the events alone.
     *
     * @return the CID, or null after a delete that left nothing and in interior events
     */
    @Nullable
    Cid root();

    /**
     * The author's clock before the event.
     *
     * @return distinct CIDs in their order on the wire, possibly with redundant ones (ancestors of another parent), if the
     *     author was an alpha
     */
    List<Cid> parents();

    /**
     * The document without its id.
     *
     * @return the value put; {@link Value#NULL} for a delete
     */
    Value value();
}
