package dev.livesync.database.attachments;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The attachments of a database: binary content beside the documents, which name it. Put the content first, then the document that names it.
 *
 * <p><strong>Content</strong> is cut where its bytes say so, into pieces of 16 to 256 KiB, and each piece is stored once, however many attachments it is
 * part of. It is streamed in and out: a call takes about a megabyte of memory, however long the content is. Everything that is read has been held against the hash that
 * the document names.
 *
 * <p><strong>Kept</strong> is what an event names that is stored: of a document as it is, of its past, of a conflict, or of an event that waits for others. What was put since the database was opened is kept
 * until then in any case. Everything else goes with the next {@link #collect()}.
 * Where several processes share a store, name what you put within a day: there {@link #collect()} notes what no event names, and removes what it had noted a day before.
 *
 * <p><strong>Threads.</strong> Any number; a stream is for one at a time.
 *
 * <p><strong>Failures</strong> are {@link SyncException}, also those of streams: {@link ErrorKind#NOT_FOUND} if a piece isn't here (or was damaged), and no peer that is connected has it,
 * {@link ErrorKind#MALFORMED} if a document names something that is no content of that size, {@link ErrorKind#STORAGE}, {@link ErrorKind#CLOSED}. LiveSync implements this, and a later version may do more.
 */
public interface Attachments {
    /**
     * Stores a content. It is durable when this returns; no document names it yet.
     *
     * @param content read to its end, by this thread; not closed
     * @param type as {@link Attachment#type()}
     * @return what to put into a document
     * @throws IOException as the stream throws it
     * @throws SyncException {@link ErrorKind#LIMIT_EXCEEDED} if it is over {@link dev.livesync.database.DatabaseOptions#maxAttachmentBytes()}, with what
     *     nobody names removed first; {@link ErrorKind#INVALID_ARGUMENT} for the type; {@link ErrorKind#REFUSED} if the database may only be read. What was stored of it goes with the next
     *     {@link #collect()}
     */
    Attachment put(InputStream content, String type) throws IOException;

    /**
     * Stores the content of a file.
     *
     * @param file which
     * @param type as {@link Attachment#type()}
     * @return as {@link #put(InputStream, String)}
     * @throws SyncException as there; {@link ErrorKind#NOT_FOUND} if there is no such file, {@link ErrorKind#STORAGE} if it can't be read
     */
    Attachment put(Path file, String type);

    /**
     * Reads a content. What isn't here is fetched from peers while it is read, and after the last read if the stream isn't closed.
     *
     * @param attachment what a document says
     * @return the content from its beginning; {@link InputStream#skip} passes over parts of it without reading them. It holds no file open
     */
    InputStream open(Attachment attachment);

    /**
     * Fetches a content, as far as it isn't here, from the peers that have it, and waits for it. It is durable then. What has come stays if this fails: the next call goes on from there.
     *
     * @param attachment what a document says
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if no peer that is connected has what is missing; {@link ErrorKind#LIMIT_EXCEEDED} if it is over {@link
     *     dev.livesync.database.DatabaseOptions#maxAttachmentBytes()}; {@link ErrorKind#CANCELLED} if the thread is interrupted
     */
    void fetch(Attachment attachment);

    /**
     * How much of a content isn't here. Reads the nodes of its tree that are here, and no content.
     *
     * @param attachment what a document says
     * @return bytes, what occurs twice counted twice; 0 if all is here
     */
    long missing(Attachment attachment);

    /**
     * How much all attachments take, what nobody names included.
     *
     * @return bytes, of the pieces and of the nodes of the trees
     */
    long bytes();

    /**
     * Removes what no event names. Reads all events. {@link dev.livesync.database.Database#compact()} does this, too.
     *
     * @return by how many bytes the files have become shorter
     * @throws SyncException {@link ErrorKind#STORAGE} if there is no room for the new files, {@link ErrorKind#CORRUPT} if an event can't be read, and so nobody knows what it names;
     *     nothing is lost then
     */
    long collect();

    /**
     * Removes the contents of the past: what only versions name that somebody has written over since. The documents as they are, what is in conflict, and events that wait for others
     * keep theirs, and so do the newest of the versions that were written over. Events are not touched: histories and syncs go on as before, and opening such a content is {@link ErrorKind#NOT_FOUND}.
     * It is gone for good if no other replica has kept it. Removes what {@link #collect()} does, too; reads all events.
     *
     * @param versions of how many versions of each document that were written over the contents stay, counted from the one that came here last; 0 or more
     * @return by how many bytes the files have become shorter
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for less than 0, {@link ErrorKind#REFUSED} if the database may only be read, and as {@link #collect()}
     */
    long forgetPast(int versions);

    /**
     * Removes the contents of what was written over longer ago, as far as this replica knows: a content stays that a document named, or a version in conflict, at any time within the last while. Otherwise as {@link #forgetPast(int)}.
     *
     * <p>Events carry no time. From the first call on this replica notes now and then what its documents were, so nothing is removed before that long after it; it is called again and again. Time
     * counts from one write, opening, closing or call to the next, a day at most, and a day is added to what is asked for: so a clock that jumps ahead, by however much, removes nothing too early, unless it does so more than once; one that goes back, and a database that nobody uses for
     * days, keep contents longer. {@link dev.livesync.database.DatabaseOptions#time()} says what the time is.
     *
     * @param keep how long contents stay that were written over; zero or more
     * @return by how many bytes the files have become shorter
     * @throws SyncException {@link ErrorKind#INVALID_ARGUMENT} for less than zero, {@link ErrorKind#REFUSED} if the database may only be read, and as {@link #collect()}
     */
    long forgetPast(Duration keep);
}
