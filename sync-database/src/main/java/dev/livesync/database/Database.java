package dev.livesync.database;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Replicated;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.replica.Summary;
import dev.livesync.car.Encoded;
import dev.livesync.car.Keys;
import dev.livesync.car.Limits;
import dev.livesync.database.attachments.Attachments;
import dev.livesync.database.checkpoint.CheckpointStore;
import dev.livesync.database.contents.AttachmentFetches;
import dev.livesync.database.contents.NamedAttachments;
import dev.livesync.database.contents.SharedAttachments;
import dev.livesync.database.disk.Directories;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.erasure.Erasures;
import dev.livesync.database.history.EventGraph;
import dev.livesync.database.json.Names;
import dev.livesync.database.live.LiveUpdate;
import dev.livesync.database.log.SegmentLog;
import dev.livesync.database.maintenance.CompactionResult;
import dev.livesync.database.maintenance.DatabaseCounts;
import dev.livesync.database.maintenance.ForgetResult;
import dev.livesync.database.maintenance.ProgressListener;
import dev.livesync.database.maintenance.RepairResult;
import dev.livesync.database.maintenance.Verification;
import dev.livesync.database.pieces.PieceBlocks;
import dev.livesync.database.pieces.PieceLink;
import dev.livesync.database.query.Query;
import dev.livesync.database.query.QueryPlan;
import dev.livesync.database.query.ResultPage;
import dev.livesync.database.replica.DocumentStore;
import dev.livesync.database.replica.FollowedStore;
import dev.livesync.database.replica.LocalReplica;
import dev.livesync.database.replica.Operation;
import dev.livesync.database.replica.PastView;
import dev.livesync.database.replica.ReadView;
import dev.livesync.database.replica.ReplicaParts;
import dev.livesync.database.replica.Salvage;
import dev.livesync.database.replica.SegmentSizes;
import dev.livesync.database.replica.Settings;
import dev.livesync.database.replica.Verifier;
import dev.livesync.database.replica.ViewChange;
import dev.livesync.database.replica.WriteResult;
import dev.livesync.database.versions.ConflictResolver;
import dev.livesync.database.versions.DocumentConflict;
import dev.livesync.database.versions.DocumentVersion;
import dev.livesync.database.versions.History;
import dev.livesync.database.versions.Settler;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Flow;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A database of JSON documents that can be synchronised.
 *
 * <p>Every put and delete is an <em>event</em> that names the events it was made on. Documents are a pure function of the events,
 * so databases with the same events have the same documents, in whatever order the events came. Of concurrent changes of one document the
 * same one wins everywhere; the others stay in the history. Which one wins follows from the whole history. Where one comes that has no
 * beginning in common with it (of a database that was begun elsewhere, or an event without parents), a conflict that nobody has written over may be
 * decided anew, and again the same way everywhere. To settle a conflict, write the document.
 *
 * <p><strong>Durable.</strong> In a directory, what a call has returned survives the end of the process and of the machine. In memory, nothing
 * survives {@link #close()}.
 *
 * <p><strong>Threads.</strong> Any number. Writers take turns, and those who wait for the disk at the same time share one wait; readers
 * wait for nobody and see the last durable commit, whole. Compaction and checkpoints run beside them, where {@link DatabaseOptions#maintenance()}
 * says. A method that fails has changed nothing.
 *
 * <p><strong>Failures</strong> are {@link SyncException}. Besides what each method says: {@link ErrorKind#CLOSED} after {@link #close()}, {@link
 * ErrorKind#STORAGE} if the system refuses to read or write, {@link ErrorKind#CORRUPT} if what was stored no longer verifies (every
 * block is hashed on its way from the disk), {@link ErrorKind#LIMIT_EXCEEDED} if a write, opening or compaction takes more memory than the
 * JVM has. After a failed write the database can still be read, and the next write tries afresh.
 *
 * <p><strong>Memory.</strong> About 150 bytes for each event, 100 for each document's key and {@link DatabaseOptions#cacheBytes()}; blocks stay on
 * the disk. A call takes what it hands over besides, so a few times {@link DatabaseOptions#maxDocumentBytes()} or {@link
 * DatabaseOptions#maxBatchBytes()} at most. The exceptions are {@link #all()} and {@link #changesSince}, which hold their answers. Where these find no memory
 * the JVM's own error comes out, and nothing has changed.
 */
public final class Database implements Replicated, AutoCloseable {
    private static final int SALVAGED_AT_ONCE = 1_000;
    /** To open what somebody else is writing. */
    private static final int ATTEMPTS = 20;

    /** Where the documents are. */
    final DocumentStore store;

    private final Replica replica;
    private final @Nullable EmbeddedParts embedded;
    private final @Nullable SharedAttachments shared;
    private final @Nullable Path directory;
    private final DatabaseOptions options;
    private final Limits limits;

    private Database(
            LocalReplica replica, Disk disk, boolean readOnly, @Nullable Path directory, DatabaseOptions options) {
        this.store = replica;
        this.replica = replica;
        this.directory = directory;
        this.options = options;
        this.limits = limits(options);
        DatabaseAttachments attachments =
                new DatabaseAttachments(replica, disk, options, readOnly, new CurrentContent());
        this.shared = null;
        this.embedded = new EmbeddedParts(replica, attachments, new DatabaseErasures(replica, attachments, readOnly));
        replica.exchange(attachments.fetches());
        replica.beside(attachments.erased());
    }

    private Database(Replica replica, DocumentStore store, DatabaseOptions options) {
        this.store = store;
        this.replica = replica;
        this.embedded = null;
        this.shared = SharedAttachments.of(replica).orElse(null);
        this.directory = null;
        this.options = options;
        this.limits = limits(options);
    }

    /** What only a database in a directory or in memory has. */
    EmbeddedParts embedded() {
        if (embedded == null) {
            throw new SyncException(
                    ErrorKind.UNSUPPORTED,
                    "the events of this database are in a store that others write, too: attachments (but for those of PostgreSQL), erasures, checks and compactions are not for it to do");
        }
        return embedded;
    }

    /** What attachments see of the documents. */
    private final class CurrentContent implements AttachmentFetches.ContentNames {
        @Override
        public Iterator<List<PieceLink>> all() {
            return documents()
                    .map(document -> NamedAttachments.of(document.value()))
                    .iterator();
        }

        @Override
        public Subscription subscribe(Consumer<List<PieceLink>> listener) {
            return Database.this.subscribe(ids -> listener.accept(named(ids)));
        }

        /** A document that can't be read names nothing. Whoever reads it is told. */
        private List<PieceLink> named(List<String> ids) {
            List<PieceLink> found = new ArrayList<>();
            try {
                ids.forEach(id -> get(id).ifPresent(document -> found.addAll(NamedAttachments.of(document.value()))));
            } catch (SyncException e) {
                AttachmentFetches.unreadable(e);
            }
            return found;
        }
    }

    /**
     * Makes a database in memory, with the default options.
     *
     * @return an empty database
     */
    public static Database inMemory() {
        return inMemory(DatabaseOptions.defaults());
    }

    /**
     * Makes a database in memory.
     *
     * @param options how
     * @return an empty database
     */
    public static Database inMemory(DatabaseOptions options) {
        return on(new MemoryDisk(), null, options, false, ReplicaParts.REAL);
    }

    /**
     * Opens the database in a directory with the default options, or creates one.
     *
     * @param directory as in {@link #open(Path, DatabaseOptions)}
     * @return the database
     * @throws SyncException as {@link #open(Path, DatabaseOptions)}
     */
    public static Database open(Path directory) {
        return open(directory, DatabaseOptions.defaults());
    }

    /**
     * Opens the documents of a replica that others may write, too: a store that several processes share, say. Its history is followed into memory, about 130 bytes an event; events and trees are
     * read and written where the replica keeps them. As {@link #over(Replica, String, CheckpointStore, DatabaseOptions)} with the defaults and without checkpoints.
     *
     * @param replica any; it stays open when the database is closed
     * @return the database
     * @throws SyncException whatever reading the replica throws
     */
    public static Database over(Replica replica) {
        return new Database(
                replica,
                FollowedStore.open(
                        replica, settings(DatabaseOptions.defaults(), false, ReplicaParts.REAL), "shared", null),
                DatabaseOptions.defaults());
    }

    /**
     * Opens the documents of a replica that others may write, too. Erasures, checks and compactions are the store's own affair: asked for them, this database throws {@link
     * ErrorKind#UNSUPPORTED}, and so it does for attachments where the replica keeps none. {@link #replica()} is the replica itself, which sessions work against.
     *
     * <p>What others commit is seen after the replica's next wake-up. A write is seen at once by whoever reads here, and builds on all that the replica shows when it begins; what another process commits at
     * the same time is concurrent with it.
     *
     * @param replica any; it stays open when the database is closed
     * @param name of the checkpoint, 1 to 200 printable ASCII characters
     * @param checkpoints keeps what was worked out, so that the next start needn't read all of history; written every so often, and when the database is closed
     * @param options of these {@link DatabaseOptions#indexes()}, limits of documents and batches, {@link DatabaseOptions#maintenance()} (where the feed is followed), and what becomes of JSON
     * @return the database
     * @throws SyncException whatever reading the replica throws
     */
    public static Database over(Replica replica, String name, CheckpointStore checkpoints, DatabaseOptions options) {
        return new Database(
                replica,
                FollowedStore.open(replica, settings(options, false, ReplicaParts.REAL), name, checkpoints),
                options);
    }

    /**
     * Opens the database in a directory, or creates one. Reads the checkpoint that the last one to open it has left and what was written since;
     * all of it, and checks every checksum, if there is no checkpoint that fits. Cuts off what a crash has left of a write that was never
     * acknowledged (the log says so). Damage in what is not read is found by {@link #verify()}, or when it is read.
     *
     * <p>A directory that is made here, and every file in it, can be read by its owner only, where the file system has such permissions.
     *
     * @param directory a database, an empty directory, or one that does not exist yet
     * @param options how
     * @return the database; nobody else can open the directory until it is closed
     * @throws SyncException {@link ErrorKind#IN_USE} if this or another process has it open; {@link ErrorKind#CONFIGURATION} if
     *     it is a file, or a directory of other things; {@link ErrorKind#MALFORMED}, {@link ErrorKind#UNSUPPORTED} if its files
     *     are none of ours, or newer than this build; {@link ErrorKind#CORRUPT} naming file and offset if they are damaged; {@link
     *     ErrorKind#STORAGE}. Nothing has been changed then
     */
    public static Database open(Path directory, DatabaseOptions options) {
        Forgetting.finish(directory);
        return on(Directories.open(directory, SegmentLog::isOwnFile), directory, options);
    }

    /**
     * Opens the database in a directory to read it, with the default options.
     *
     * @param directory as in {@link #openReadOnly(Path, DatabaseOptions)}
     * @return the database
     * @throws SyncException as {@link #openReadOnly(Path, DatabaseOptions)}
     */
    public static Database openReadOnly(Path directory) {
        return openReadOnly(directory, DatabaseOptions.defaults());
    }

    /**
     * Opens the database in a directory to read it: one on a read-only mount, of another user, or that somebody is writing just now. Takes
     * no lock and writes nothing, not even what {@link #open} does after a crash; the rest of a write that was never acknowledged is passed
     * over. Whatever would write is {@link ErrorKind#REFUSED}: puts, deletes, batches, {@link #compact()}, commits of a peer.
     *
     * <p>What is read is the database of the moment when it was opened, for as long as it is open; what a writer in this or another process
     * does afterwards is not seen, and no listener is called for it. What that writer had just written may be seen before it is durable: should the
     * machine fail at that moment, it may be gone later. Files that his compaction removes stay readable until this is closed, since they are
     * open here, and keep their space until then. They cannot be opened again, though: where a thread is interrupted while it reads
     * from such a file, the reads that follow are {@link ErrorKind#STORAGE}, and opening again helps.
     *
     * @param directory a database
     * @param options how; what concerns writing counts for nothing
     * @return the database; close it, it holds files open
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if there is none; {@link ErrorKind#CONFIGURATION} if it is a file, or a directory of
     *     other things; {@link ErrorKind#MALFORMED}, {@link ErrorKind#UNSUPPORTED}, {@link ErrorKind#CORRUPT} and {@link ErrorKind#STORAGE} as {@link
     *     #open(Path, DatabaseOptions)}
     */
    public static Database openReadOnly(Path directory, DatabaseOptions options) {
        Forgetting.finish(directory);
        Settings settings = settings(options, true, ReplicaParts.REAL);
        for (int attempt = 1; ; attempt++) {
            Disk disk = Directories.openReadOnly(directory, SegmentLog::isOwnFile);
            Set<String> before = names(disk);
            try {
                LocalReplica replica = LocalReplica.openReadOnly(disk, settings, name(directory));
                return new Database(replica, disk, true, directory, options);
            } catch (SyncException e) {
                // Files that come and go meanwhile are a writer's, and no damage.
                if (attempt == ATTEMPTS || before.equals(names(disk))) {
                    throw e;
                }
            }
        }
    }

    private static Set<String> names(Disk disk) {
        try {
            return Set.copyOf(disk.list());
        } catch (IOException e) {
            throw StorageFailures.storage("cannot open database " + disk.describe(""), e);
        }
    }

    private static String name(@Nullable Path directory) {
        Path name = directory == null ? null : directory.getFileName();
        return name == null ? "memory" : name.toString();
    }

    static Database on(Disk disk, @Nullable Path directory, DatabaseOptions options) {
        return on(disk, directory, options, true, ReplicaParts.REAL);
    }

    static Database on(
            Disk disk, @Nullable Path directory, DatabaseOptions options, boolean survives, ReplicaParts parts) {
        Settings settings = settings(options, survives, parts);
        LocalReplica replica = LocalReplica.open(disk, settings, name(directory));
        return new Database(replica, disk, false, directory, options);
    }

    private static Settings settings(DatabaseOptions options, boolean survives, ReplicaParts parts) {
        return new Settings(
                limits(options),
                options.maxBatchEvents(),
                options.maxBatchBytes(),
                options.mostHeads(),
                options.headsPerPeer(),
                options.pendingBytesPerPeer(),
                options.pendingMaxAge(),
                options.segmentBytes(),
                options.cacheBytes(),
                survives,
                options.time(),
                options.random(),
                options.maintenance().orElse(null),
                options.indexes(),
                parts);
    }

    private static Limits limits(DatabaseOptions options) {
        // Around a document there is an event, and its neighbours in a leaf: the defaults leave a mebibyte for that.
        int slack = Limits.DEFAULT.blockBytes() - Limits.DEFAULT.documentBytes();
        return Limits.DEFAULT.toBuilder()
                .documentBytes(options.maxDocumentBytes())
                .blockBytes(options.maxDocumentBytes() + slack)
                .build();
    }

    /**
     * Puts a document: creates it or replaces it. A document with a {@linkplain Document#clock() clock} is only put if nobody has changed it since
     * that clock; one without is put whatever happened meanwhile.
     *
     * @param document what to write
     * @return the new event
     * @throws SyncException {@link ErrorKind#CONFLICT} if it was changed since its clock; {@link ErrorKind#LIMIT_EXCEEDED} if it is larger than {@link
     *     DatabaseOptions#maxDocumentBytes()}; {@link ErrorKind#INVALID_ARGUMENT} if its id cannot be a key
     */
    public Cid put(Document document) {
        return store.write(List.of(operation(document))).events().get(0);
    }

    /**
     * Puts a document: creates it or replaces it. With a {@code _clock} in the JSON it is only put if nobody has changed it since that clock; without
     * one it is put whatever happened meanwhile.
     *
     * @param id its id
     * @param json as in {@link Document#of(String, String, Fidelity)} with {@link DatabaseOptions#fidelity()}
     * @return the new event
     * @throws SyncException as {@link Document#of(String, String, Fidelity)} and {@link #put(Document)}
     */
    public Cid put(String id, String json) {
        return put(document(id, json));
    }

    /**
     * Puts a document: creates it or replaces it. With a {@code _clock} among the fields it is only put if nobody has changed it since that clock;
     * without one it is put whatever happened meanwhile.
     *
     * @param id its id
     * @param fields as in {@link Document#of(String, Map, Fidelity)} with {@link DatabaseOptions#fidelity()}
     * @return the new event
     * @throws SyncException as {@link Document#of(String, Map, Fidelity)} and {@link #put(Document)}
     */
    public Cid put(String id, Map<String, ?> fields) {
        return put(document(id, fields));
    }

    Document document(String id, String json) {
        return Document.of(id, json, options.fidelity());
    }

    Document document(String id, Map<String, ?> fields) {
        return Document.of(id, fields, options.fidelity());
    }

    Operation operation(Document document) {
        return new Operation(
                ownKey(document.id()), encoded(document), document.clock().orElse(null), Operation.Absent.REFUSE);
    }

    Encoded encoded(Document document) {
        try {
            return Encoded.of(document.value(), limits);
        } catch (SyncException e) {
            String limit = e.kind() == ErrorKind.LIMIT_EXCEEDED && isTooLarge(document.value())
                    ? "; the option maxDocumentBytes allows " + options.maxDocumentBytes() + " bytes"
                    : "";
            throw new SyncException(e.kind(), Names.document(document.id()) + ": " + e.getMessage() + limit, e);
        }
    }

    /** Whether its bytes are too many, however many values they are. */
    private boolean isTooLarge(Value value) {
        try {
            Encoded.of(value, limits.toBuilder().items(Integer.MAX_VALUE).build());
            return false;
        } catch (SyncException e) {
            return true;
        }
    }

    static String key(String id) {
        return Keys.ofId(id);
    }

    /** The key of a document that may be written here. */
    private static String ownKey(String id) {
        return DatabaseErasures.requireOrdinary(key(id));
    }

    /**
     * Deletes a document.
     *
     * @param id its id
     * @return the new event
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if there is no such document
     */
    public Cid delete(String id) {
        return delete(id, null);
    }

    /**
     * Deletes a document.
     *
     * @param document what to delete; if it has a {@linkplain Document#clock() clock}, it must not have changed since; its content
     *     does not matter
     * @return the new event
     * @throws SyncException {@link ErrorKind#CONFLICT} if it has; {@link ErrorKind#NOT_FOUND} if there is no such document
     */
    public Cid delete(Document document) {
        return delete(document.id(), document.clock().orElse(null));
    }

    private Cid delete(String id, @Nullable List<Cid> clock) {
        return store.write(List.of(new Operation(ownKey(id), null, clock, Operation.Absent.REFUSE)))
                .events()
                .get(0);
    }

    /**
     * Writes several documents at once: all become visible together, here and at every peer, or none. Also far faster than one by
     * one, since a batch makes only one tree and waits for the disk once.
     *
     * @param fill puts and deletes; called once, on this thread, before anything is written
     * @return the new events
     * @throws SyncException as {@link #put(Document)} and {@link #delete(String)} for any of them; {@link ErrorKind#LIMIT_EXCEEDED} over
     *     {@link DatabaseOptions#maxBatchEvents()} or {@link DatabaseOptions#maxBatchBytes()}. What {@code fill} throws comes out
     *     as it is
     */
    public BatchResult write(Consumer<? super Batch> fill) {
        BatchBuilder batch = new BatchBuilder(this, options);
        try {
            fill.accept(batch);
        } finally {
            batch.end();
        }
        WriteResult written = store.write(batch.operations());
        return new Results.Written(written.events(), written.heads());
    }

    static Operation deletion(String id, boolean mayBeAbsent) {
        return new Operation(ownKey(id), null, null, mayBeAbsent ? Operation.Absent.SKIP : Operation.Absent.REFUSE);
    }

    /**
     * Reads a document.
     *
     * @param id its id
     * @return the document with the clock of this moment; empty if there is none
     */
    public Optional<Document> get(String id) {
        return get(store.view(), key(id));
    }

    /**
     * Reads a document as it was for whoever had seen certain events and all before them.
     *
     * @param id its id
     * @param clock such events: an earlier {@link #clock()}, or one event, to see what it left; empty for nobody
     * @return the document with that clock, so that a put of it is refused where somebody has written it since; empty if there was none
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if one of the events isn't here, or waits for what is before it
     */
    public Optional<Document> get(String id, List<Cid> clock) {
        return past(store.view(), id, clock);
    }

    private Optional<Document> past(ReadView view, String id, List<Cid> clock) {
        PastView past = new PastView(view);
        int[] heads = heads(view, past, clock);
        int event = past.document(key(id), heads);
        return event == EventGraph.NONE ? Optional.empty() : Optional.of(document(view, event, past.cids(heads)));
    }

    private static int[] heads(ReadView view, PastView past, List<Cid> clock) {
        return past.newest(clock.stream()
                .mapToInt(event -> {
                    int index = view.index(event);
                    if (index == EventGraph.NONE) {
                        throw absent(event);
                    }
                    return index;
                })
                .toArray());
    }

    private static SyncException absent(Cid event) {
        return new SyncException(
                ErrorKind.NOT_FOUND,
                "event " + event + " isn't here, or waits for what is before it; sync with a peer that has it");
    }

    @Override
    public Optional<Value> document(String id) {
        return get(id).map(Document::value);
    }

    private Optional<Document> get(ReadView view, String key) {
        int event = view.document(key);
        return event == EventGraph.NONE ? Optional.empty() : Optional.of(document(view, event));
    }

    private Document document(ReadView view, int index) {
        return document(view, index, view.heads());
    }

    Document document(ReadView view, int index, List<Cid> clock) {
        store.requireOpen(); // a stream may outlive it
        Event event = view.event(index);
        return Document.stored(Keys.toId(event.key()), event.value(), clock);
    }

    /**
     * Reads all documents into memory.
     *
     * @return all documents of this moment, by id in the order of UTF-16 code units
     */
    public List<Document> all() {
        return documents().toList();
    }

    /**
     * Reads all documents, one after another.
     *
     * @param action called for each document of the moment when this was called, by id in the order of UTF-16 code units
     */
    public void forEach(Consumer<? super Document> action) {
        documents().forEach(action);
    }

    /**
     * Reads all documents, each when it is asked for.
     *
     * @return the documents of the moment when this was called, by id in the order of UTF-16 code units; there is nothing to
     *     close
     */
    public Stream<Document> documents() {
        ReadView view = store.view();
        return view.documents().mapToObj(event -> document(view, event));
    }

    /**
     * Reads all documents as they were, each when it is asked for. Finding out which these are takes as long as the history since is, or longer.
     *
     * @param clock as in {@link #get(String, List)}
     * @return as {@link #documents()}, with that clock
     * @throws SyncException as {@link #get(String, List)}
     */
    public Stream<Document> documents(List<Cid> clock) {
        ReadView view = store.view();
        PastView past = new PastView(view);
        int[] heads = heads(view, past, clock);
        List<Cid> newest = past.cids(heads);
        return past.documents(heads).mapToObj(event -> document(view, event, newest));
    }

    /**
     * Finds documents.
     *
     * @param query which, and in what order
     * @return the documents of the moment when this was called, each read when it is asked for; there is nothing to close. Where a query orders by fields, the first one waits until all
     *     have been looked at, and the fields of all that match, or of as many as the limit says, are kept in memory
     */
    public Stream<Document> query(Query query) {
        return new QueryRun(this, store.view(), query).documents();
    }

    /**
     * Finds a page of documents.
     *
     * @param query which, in what order, and how many: its limit is the size of the page
     * @return the page, and where the next one begins, which may be asked for at any later time
     */
    public ResultPage<Document> page(Query query) {
        return new QueryRun(this, store.view(), query).page();
    }

    /**
     * Says how a query would be answered now.
     *
     * @param query which documents
     * @return by which index, if any, and how many documents it may look at
     */
    public QueryPlan explain(Query query) {
        return new QueryRun(this, store.view(), query).plan();
    }

    /**
     * Finds out what changed.
     *
     * @param clock what the caller has seen: an earlier answer's {@link ChangesSince#clock()} or {@link #clock()}; events that
     *     are not here count for nothing. Empty for a caller who has seen nothing, who is told of all documents and of no
     *     deletion
     * @return every document that was written or deleted since, as it is now, and the clock to go on from
     */
    public ChangesSince changesSince(List<Cid> clock) {
        return changesSince(store.view(), clock);
    }

    private ChangesSince changesSince(ReadView view, List<Cid> clock) {
        List<DocumentChange> changes = new ChangeReader(this).since(view, clock).toList();
        changes.forEach(DocumentChange::document); // stays readable after closing
        return new Results.ChangesWithClock(changes, view.heads());
    }

    /**
     * Everything that happened up to now: the versions of documents, conflicts and who won them. {@link #get(String, List)} reads documents as they were.
     *
     * @return the history up to this moment
     */
    public History history() {
        return new HistoryReader(this, store.view());
    }

    /**
     * Ends a conflict: writes one of its versions anew, knowing of all of them. Any other put or delete of the document does so, too; this one takes a version as it is, a
     * deletion among them.
     *
     * @param version a version that a {@linkplain DocumentConflict conflict} of {@link #history()} has told
     * @return the new event
     * @throws SyncException {@link ErrorKind#CONFLICT} if anybody has written the document since that history; {@link ErrorKind#NOT_FOUND} if the version is a deletion, the
     *     document doesn't exist, and there is no conflict
     */
    public Cid settle(DocumentVersion version) {
        return version.value()
                .map(value -> put(Document.stored(version.id(), value, version.clock())))
                .orElseGet(() -> store.write(List.of(
                                new Operation(key(version.id()), null, version.clock(), Operation.Absent.SETTLE)))
                        .events()
                        .get(0));
    }

    /**
     * Makes what settles conflicts by an application's rule, on this replica and for all: docs/history.md says how, and what the rule has to be.
     *
     * @param resolver a pure function of the versions of a conflict
     * @return settles when it is run
     */
    public Settler settler(ConflictResolver resolver) {
        return new RuleSettler(this, options, resolver);
    }

    /**
     * Undoes a put or delete by a new write: the document becomes what it was for the event's writer just before. Nothing is taken out of the history.
     *
     * @param event the event, of this database or a peer's
     * @return the new event
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if it isn't here, or if it deleted what did not exist; {@link ErrorKind#CONFLICT} if anybody who did not know of
     *     it, or wrote after it, has changed the document
     */
    public Cid revert(Cid event) {
        ReadView view = store.view();
        DocumentVersion version = new HistoryReader(this, view).version(event).orElseThrow(() -> absent(event));
        List<Cid> seen = List.of(event);
        return past(view, version.id(), version.parents())
                .map(before -> put(before.withClock(seen)))
                .orElseGet(() -> delete(version.id(), seen));
    }

    /**
     * Binary content that documents name.
     *
     * @return the attachments of this database, always the same
     */
    public Attachments attachments() {
        return shared != null ? shared : embedded().attachments();
    }

    /**
     * What makes binary content go for good, here and at peers.
     *
     * @return the erasures of this database, always the same
     */
    public Erasures erasures() {
        return embedded().erasures();
    }

    /**
     * Registers a listener for all changes from now on, local and remote ones.
     *
     * @param listener called after each commit on a thread of the database's; see {@link DocumentListener}
     * @return ends it when closed; no call is prepared afterwards, but one that was may still be under way
     */
    public Subscription subscribe(DocumentListener listener) {
        return store.onDocuments(listener::changed);
    }

    /**
     * Registers a watcher for all changes from now on, local and remote ones.
     *
     * <p>It is called with what changed and with the clock that this leads up to: once for each commit that has changed documents, in their order, when that is durable. Each change begins where the last one
     * of the same document ended, so that whoever applies them to what {@link #all()} said at the beginning has the documents of that clock. A put of the same content is a change; what leaves all documents
     * as they are (a version that loses a conflict at once, events that wait for others) is none. A watcher that falls far behind gets several commits as one; a document that was put and deleted meanwhile isn't told then.
     *
     * <p>Calls come on one thread of the database's that all watchers and listeners share; it may block, but then the others wait. What it throws is logged and changes nothing. After {@link
     * #close()} it is called no more; nothing is told of what happens while a database is closed, or while nobody watches. {@link #watch(List, Consumer)} goes on from a clock.
     *
     * @param watcher is called with the changes, never with none
     * @return ends it when closed, as with {@link #subscribe}
     */
    public Subscription watch(Consumer<? super ChangesSince> watcher) {
        return store.watch(null, change -> watcher.accept(told(change)));
    }

    /**
     * Registers a watcher for all changes since a clock, so that none is missed whatever happened meanwhile: the end of the program, say.
     *
     * @param clock as in {@link #changesSince}: what the watcher was told last, or nothing
     * @param watcher is called at first with all that has changed since then, unless nothing has, and then as in {@link #watch(Consumer)}
     * @return as there
     */
    public Subscription watch(List<Cid> clock, Consumer<? super ChangesSince> watcher) {
        List<Cid> seen = List.copyOf(clock);
        return store.watch(
                view -> {
                    List<DocumentChange> changes =
                            new ChangeReader(this).since(view, seen).toList();
                    if (!changes.isEmpty()) {
                        watcher.accept(new Results.ChangesWithClock(changes, view.heads()));
                    }
                },
                change -> watcher.accept(told(change)));
    }

    /**
     * A query whose result is kept in step: who subscribes gets the documents that are found now, and then, after each commit that changes the result, what has become of them.
     *
     * <p>Back-pressured: an update is made when the subscriber has asked for one and there is one. What happens until then becomes one update, so that a slow subscriber costs the ids of what
     * has changed, and is never behind for long. Signals come on the thread of {@link #watch}; they end with {@code onComplete} when the database is closed, and with {@code onError} if it can't be read.
     * A subscriber that throws gets no more.
     *
     * <p>An update takes time by what was written and not by what there is, but for a query with a limit: that one takes as long as its result is, and is asked again when more than some hundred documents have left it.
     *
     * @param query which documents, in what order, and how many at most; a place that it begins {@linkplain Query#after after} stays where it is
     * @return the publisher, by the rules of {@link java.util.concurrent.Flow}; each subscription has a result of its own, which takes the memory of its ids and order fields
     */
    public Flow.Publisher<LiveUpdate<Document>> live(Query query) {
        return new LiveQuery(this, Objects.requireNonNull(query, "query"));
    }

    private ChangesSince told(ViewChange change) {
        return new Results.ChangesWithClock(
                new ChangeReader(this).between(change).toList(), change.after().heads());
    }

    /**
     * The clock.
     *
     * @return the events that no other complete event follows, in text order; empty for a new database
     */
    public List<Cid> clock() {
        return store.view().heads();
    }

    /**
     * Counts for people and for status lines.
     *
     * @return the counts of this moment
     */
    public Summary summary() {
        return store.summary();
    }

    /**
     * What was done since the database was opened, for metrics.
     *
     * @return the counts of this moment; those of the end once it is closed
     */
    public DatabaseCounts counts() {
        return embedded == null ? Results.Counted.NONE : Results.Counted.of(embedded.replica());
    }

    /**
     * Checks everything that is stored.
     *
     * @return what was found
     */
    public Verification verify() {
        return verify((done, total) -> {});
    }

    /**
     * Checks everything that is stored: the checksum of every record, the hash of every block, those of attachments included, that every complete event can be
     * decoded and has all its ancestors, and which of their trees are whole. Writers go on meanwhile; what they add is not looked at.
     *
     * @param listener told of the progress
     * @return what was found; a problem does not end it
     */
    public Verification verify(ProgressListener listener) {
        Verifier.Findings findings = embedded().replica().verify(listener::progress);
        DatabaseAttachments.Findings pieces = embedded().attachments().verify();
        return new Results.Verified(
                findings.blocks() + pieces.blocks(),
                findings.bytes() + pieces.bytes(),
                findings.events(),
                findings.pending(),
                findings.trees(),
                Stream.concat(findings.problems().stream(), pieces.problems().stream())
                        .toList());
    }

    /**
     * Gives back the space of what no longer serves: trees that later ones have superseded, incomplete events that were given up, and {@linkplain
     * #attachments() attachments} that no event names, for which all events are read where there are any.
     * Events and documents are never removed. Happens by itself now and then; this is for whoever wants it now. Readers and writers go on
     * meanwhile. Does nothing while a snapshot is open that is older than the last compaction, or than a write that failed.
     *
     * @return the size of the database before and after
     * @throws SyncException {@link ErrorKind#STORAGE} if there is no room for the new files, {@link ErrorKind#CORRUPT} naming a damaged
     *     block; nothing is lost then
     */
    public CompactionResult compact() {
        DatabaseAttachments attachments = embedded().attachments();
        long pieces = attachments.store().fileBytes();
        SegmentSizes done = embedded().replica().compact();
        attachments.collect();
        return new Results.Compacted(
                done.before() + pieces, done.after() + attachments.store().fileBytes());
    }

    /**
     * Checks everything that a directory holds, without being told of the progress.
     *
     * @param directory a database
     * @return what was found
     * @throws SyncException as {@link #verify(Path, ProgressListener)}
     */
    public static Verification verify(Path directory) {
        return verify(directory, (done, total) -> {});
    }

    /**
     * Checks everything that a directory holds, as {@link #verify()} does, even if it is so damaged that it cannot be opened: then the
     * problems are all that is looked for, and the counts are 0. Reads as {@link #openReadOnly} does, so nothing is written, and somebody else may
     * have it open.
     *
     * @param directory a database
     * @param listener told of the progress
     * @return what was found
     * @throws SyncException as {@link #openReadOnly(Path)}, but for damage
     */
    public static Verification verify(Path directory, ProgressListener listener) {
        SyncException damage;
        try (Database database = openReadOnly(directory)) {
            return database.verify(listener);
        } catch (SyncException e) {
            if (!isDamage(e)) {
                throw e;
            }
            damage = e;
        }
        try (Disk disk = Directories.openReadOnly(directory, SegmentLog::isOwnFile)) {
            List<String> problems = Salvage.inspect(disk);
            return new Results.Verified(
                    0, 0, 0, 0, 0, problems.isEmpty() ? List.of(String.valueOf(damage.getMessage())) : problems);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot close database " + directory, e);
        }
    }

    private static boolean isDamage(SyncException e) {
        return e.kind() == ErrorKind.CORRUPT || e.kind() == ErrorKind.MALFORMED;
    }

    /**
     * Mends a damaged database: keeps everything that is intact, whatever lies around it, and writes the damaged files anew; the old ones stay
     * beside them, under names that end in {@code .damaged}. Events whose ancestors are lost wait, and become complete again when a sync brings what
     * they lack; so sync with everybody who may have it. Should the repair be broken off, repair again: nothing that is in the new files is lost. Cursors of before {@linkplain ErrorKind#CURSOR_EXPIRED expire} if anything was damaged.
     *
     * @param directory a database that nobody has open
     * @return what was found and what is there now
     * @throws SyncException {@link ErrorKind#UNSUPPORTED} if it is encrypted or of a newer build, {@link ErrorKind#IN_USE}, {@link
     *     ErrorKind#CONFIGURATION}, {@link ErrorKind#STORAGE}; it can be called again
     *     then
     */
    public static RepairResult repair(Path directory) {
        return repair(() -> Directories.open(directory, SegmentLog::isOwnFile), directory, DatabaseOptions.defaults());
    }

    static RepairResult repair(Supplier<Disk> disk, @Nullable Path directory, DatabaseOptions options) {
        // What was taken once stays, whatever the limits are.
        DatabaseOptions all = unlimited(options);
        Salvage.Mended mended =
                Salvage.repair(disk.get(), settings(all.toBuilder().indexes().build(), true, ReplicaParts.REAL));
        try (Database database = mended(disk, directory, all)) {
            List<Block> blocks = mended.salvaged();
            for (int from = 0; from < blocks.size(); from += SALVAGED_AT_ONCE) {
                database.embedded()
                        .replica()
                        .readmit(blocks.subList(from, Math.min(blocks.size(), from + SALVAGED_AT_ONCE)));
            }
            return new Results.Repaired(mended.segments(), blocks.size(), mended.problems(), database.verify());
        }
    }

    private static Database mended(Supplier<Disk> disk, @Nullable Path directory, DatabaseOptions options) {
        try {
            return on(disk.get(), directory, options);
        } catch (SyncException e) {
            if (!isDamage(e) || !Salvage.removeCheckpoint(disk.get())) {
                throw e;
            }
            return on(disk.get(), directory, options);
        }
    }

    /**
     * Takes events out of a database, and all that was written on top of them: the way on for a replica whose changes a peer has refused, and
     * that would offer them again in each session. The database is written anew, and takes the place of the old one when it is whole; that stays
     * beside it, as {@code NAME.before-forget}, for whoever wants to look up what is lost.
     *
     * <p>If the process is ended between giving the old directory that name and giving the new one its own, the next to open the database, or
     * the next call, finishes it.
     *
     * <p>Lost are these events, the batches that they are part of, and every event that descends from them, whoever wrote it: a later write of
     * this database descends from all that it held. Events that wait for others are left out, too; peers send them again. All other
     * events stay with their CIDs, and documents show what those say. A peer that has the events brings them back.
     *
     * @param directory a database that nobody has open
     * @param events what to forget, such as the event that a refusal names
     * @return what was done
     * @throws SyncException {@link ErrorKind#NOT_FOUND} if one of the events is not complete there, {@link ErrorKind#IN_USE}, {@link
     *     ErrorKind#CONFIGURATION} if {@code NAME.before-forget} is there from an earlier call, {@link ErrorKind#STORAGE}, {@link
     *     ErrorKind#CORRUPT}; the database is as it was then
     */
    public static ForgetResult forget(Path directory, Collection<Cid> events) {
        return Forgetting.run(directory, List.copyOf(events));
    }

    private static DatabaseOptions unlimited(DatabaseOptions options) {
        return options.toBuilder()
                .maxDocumentBytes(1 << 30)
                .pendingBytesPerPeer(Long.MAX_VALUE)
                .maxAttachmentBytes(Long.MAX_VALUE)
                .build();
    }

    /**
     * Writes everything that is stored as one CAR, of which {@link #restore(Path, Path)} makes a database again: all events, those that wait
     * for others included, all trees, and all attachments. The roots are the {@linkplain #clock() clock}, the last block is a {@link dev.livesync.car.CarSeal}. Of one moment; readers and writers go on
     * meanwhile.
     *
     * @param file what to write; it appears, or replaces a file of that name, when it is whole and durable
     * @return what was written
     * @throws SyncException {@link ErrorKind#STORAGE} naming the file if it cannot be written, {@link ErrorKind#INVALID_ARGUMENT} if it is a
     *     directory; no file was written then
     */
    public Summary backup(Path file) {
        return backup(file, (done, total) -> {});
    }

    /**
     * Writes everything that is stored as one CAR.
     *
     * @param file as in {@link #backup(Path)}
     * @param listener told of the progress
     * @return what was written
     * @throws SyncException as {@link #backup(Path)}
     */
    public Summary backup(Path file, ProgressListener listener) {
        try (Snapshot snapshot = replica.snapshot()) {
            return embedded == null
                    ? Backup.write(snapshot, sharedPieces(), withheld(), file, listener)
                    : Backup.write(
                            snapshot,
                            embedded.attachments().store(),
                            embedded.attachments().dead(),
                            file,
                            listener);
        }
    }

    private @Nullable PieceBlocks sharedPieces() {
        return shared == null ? null : shared.pieces();
    }

    private Set<Cid> withheld() {
        return shared == null ? Set.of() : shared.withheld();
    }

    /**
     * Writes everything that is stored as one CAR, to where the caller likes.
     *
     * @param out receives the CAR in small writes, so give it a buffered stream; neither flushed nor closed
     * @return what was written
     * @throws IOException as the stream throws it; the CAR is broken then, and a restore says so
     */
    public Summary backup(OutputStream out) throws IOException {
        ProgressListener nobody = (done, total) -> {};
        try (Snapshot snapshot = replica.snapshot()) {
            return embedded == null
                    ? Backup.write(snapshot, sharedPieces(), withheld(), out, nobody)
                    : Backup.write(
                            snapshot,
                            embedded.attachments().store(),
                            embedded.attachments().dead(),
                            out,
                            nobody);
        }
    }

    /**
     * Makes a database of what {@link #backup(Path)} has written. Every block is hashed. It is a new database with the same events and documents:
     * it has an identity of its own, so cursors of the old one are {@link ErrorKind#CURSOR_EXPIRED}; events that wait for others go on
     * waiting, without a limit of time or of bytes, since whose they were is not in the backup.
     *
     * @param car the backup
     * @param directory a directory that is empty or does not exist yet. While the restore is under way there is one beside it, with a name that
     *     ends in {@code .restoring}; if the process is killed that remains, and the next restore clears it away
     * @return what the new database holds; it is durable, and not open
     * @throws SyncException {@link ErrorKind#MALFORMED}, {@link ErrorKind#HASH_MISMATCH}, {@link ErrorKind#LIMIT_EXCEEDED} or {@link
     *     ErrorKind#UNSUPPORTED} if the file is no whole backup, wherever it was cut off, naming it and the offset; {@link
     *     ErrorKind#NOT_FOUND} if there is no such file; {@link ErrorKind#CONFIGURATION} if the directory is not empty; {@link
     *     ErrorKind#IN_USE} if another restore into it is under way; {@link ErrorKind#STORAGE}. There is no database in the
     *     directory then
     */
    public static Summary restore(Path car, Path directory) {
        try (InputStream in = Files.newInputStream(car)) {
            return Restore.run(in, car.toString(), directory);
        } catch (NoSuchFileException e) {
            throw new SyncException(ErrorKind.NOT_FOUND, Reason.of(e), e);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot read " + car, e);
        }
    }

    /**
     * Makes a database of what {@link #backup(OutputStream)} has written.
     *
     * @param car the backup and nothing after it; not closed
     * @param directory as in {@link #restore(Path, Path)}
     * @return as there
     * @throws SyncException as there
     */
    public static Summary restore(InputStream car, Path directory) {
        return Restore.run(car, "the backup", directory);
    }

    /** A new database that takes whatever some database once took. */
    static Database openToRestore(Path directory) {
        DatabaseOptions all = unlimited(DatabaseOptions.defaults());
        Salvage.beginRestored(
                Directories.open(directory, SegmentLog::isOwnFile), settings(all, true, ReplicaParts.REAL));
        return on(Directories.open(directory, SegmentLog::isOwnFile), directory, all);
    }

    void readmit(List<Block> blocks) {
        embedded().replica().readmit(blocks);
    }

    /**
     * Where the database lives.
     *
     * @return the directory as it was given to {@link #open}; empty in memory
     */
    public Optional<Path> directory() {
        return Optional.ofNullable(directory);
    }

    @Override
    public Replica replica() {
        return replica;
    }

    /**
     * Waits for the commits that are on their way and closes the files. A compaction stops at its next step. Listeners are told of nothing more; one that is being called is
     * waited for, for up to five seconds. Idempotent.
     */
    @Override
    public void close() {
        if (embedded != null) {
            embedded.attachments().close();
        }
        store.close();
    }
}
