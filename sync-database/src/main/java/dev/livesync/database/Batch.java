package dev.livesync.database;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Map;

/**
 * What one {@link Database#write} is to do. All of it becomes visible at once, here and at every peer, or none.
 *
 * <p>Where a batch names an id more than once, the last call counts. A delete needs the document to be there before the batch, or a put of it
 * earlier in the batch.
 *
 * <p>Valid only inside the call that it was handed to, on its thread.
 */
public interface Batch {
    /**
     * Puts a document; checked against its clock, if it has one, as {@link Database#put(Document)} does.
     *
     * @param document what to write
     * @return this batch
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED}, naming the document and the option, if it or the batch is too large; the batch
     *     stays as it was
     */
    Batch put(Document document);

    /**
     * Puts a document.
     *
     * @param id its id
     * @param json as in {@link Database#put(String, String)}
     * @return this batch
     * @throws SyncException as {@link Document#of(String, String, Fidelity)} and {@link #put(Document)}
     */
    Batch put(String id, String json);

    /**
     * Puts a document.
     *
     * @param id its id
     * @param fields as in {@link Database#put(String, Map)}
     * @return this batch
     * @throws SyncException as {@link Document#of(String, Map, Fidelity)} and {@link #put(Document)}
     */
    Batch put(String id, Map<String, ?> fields);

    /**
     * Deletes a document.
     *
     * @param id its id
     * @return this batch
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} if the batch is too large
     */
    Batch delete(String id);

    /**
     * How many events the batch will write.
     *
     * @return the number of different ids so far
     */
    int size();
}
