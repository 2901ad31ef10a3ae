package dev.livesync.database.erasure;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.attachments.Attachment;
import java.util.Collection;
import java.util.Set;

/**
 * Erases the content of attachments, and says what is erased.
 *
 * <p>An erasure is a put of a record, a document with an id below {@value #IDS}, which syncs as every document does. Whoever has the record drops the content, gives it to nobody,
 * and neither asks for it nor takes it again. That can't be undone: deleting the record changes nothing.
 *
 * <p><strong>What stays</strong>: that something was written, when in the order, under which id and with which text; parts that another content has in common; what is kept by peers that
 * don't know erasures or are never met again, and in backups.
 *
 * <p>Any thread. LiveSync implements this, and a later version may do more.
 */
public interface Erasures {
    /** How the ids of records begin. A put or delete of such a document is {@link ErrorKind#INVALID_ARGUMENT}. */
    String IDS = "_livesync/erased/";

    /**
     * Erases every content that documents have ever named, and deletes the documents. Reads all events. Durable when this returns, and removed from the files here but for what the
     * answer says is {@linkplain ErasureResult#remaining left}. If it fails half-way, call it again. What somebody makes the documents name meanwhile is erased as well.
     *
     * @param ids documents of now or of the past; what waits for other events counts, too
     * @return what was done
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if there never was a document of one of these ids; {@link ErrorKind#CONFLICT} naming other documents that name one of the
     *     contents now, which would lose it: name them, too, or write them without it; {@link ErrorKind#REFUSED} if the database may only be read. Nothing was done then
     */
    ErasureResult erase(Collection<String> ids);

    /**
     * Erases a content, whichever documents name it; they stay as they are.
     *
     * @param content what a document says
     * @return what was done
     * @throws SyncException {@link ErrorKind#REFUSED} if the database may only be read
     */
    ErasureResult erase(Attachment content);

    /**
     * Whether a content is erased.
     *
     * @param content what a document says; its size and type don't count
     * @return true if a record of it is here
     */
    boolean isErased(Attachment content);

    /**
     * What is erased.
     *
     * @return the roots of the contents, in no order; immutable
     */
    Set<Cid> roots();

    /**
     * How much is still here of what is erased: somebody reads, puts or fetches meanwhile what may need the same blocks, or no collection has run yet. Nobody gets it.
     *
     * @return bytes; 0 if all of it is gone
     */
    long remaining();
}
