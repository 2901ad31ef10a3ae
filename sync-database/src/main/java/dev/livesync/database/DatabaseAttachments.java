package dev.livesync.database;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.attachments.Attachments;
import dev.livesync.database.contents.AttachmentFetches;
import dev.livesync.database.contents.NamedAttachments;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.StorageFailures;
import dev.livesync.database.pieces.PieceLink;
import dev.livesync.database.pieces.PieceStore;
import dev.livesync.database.pieces.PieceStream;
import dev.livesync.database.pieces.PieceTreeBuilder;
import dev.livesync.database.pieces.PieceTrees;
import dev.livesync.database.replica.LocalReplica;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The attachments of one open database. The files are opened when they are first needed: most databases have none. */
final class DatabaseAttachments implements Attachments, AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final int MAX_PROBLEMS = 1_000;

    private final LocalReplica replica;
    private final Disk disk;
    private final DatabaseOptions options;
    private final boolean readOnly;
    // Guarded by this.
    private @Nullable PieceStore store;
    private boolean closed;
    /** What was put here and may not be named yet, with the number of the put that was its last. */
    private final Map<Cid, Long> fresh = new HashMap<>();

    private long puts;

    private final AttachmentFetches fetches;
    private final ErasedContents erased;

    DatabaseAttachments(
            LocalReplica replica,
            Disk disk,
            DatabaseOptions options,
            boolean readOnly,
            AttachmentFetches.ContentNames names) {
        this.replica = replica;
        this.disk = disk;
        this.options = options;
        this.readOnly = readOnly;
        this.erased = new ErasedContents(replica, this::store, this::collect);
        this.fetches = new AttachmentFetches(this::store, names, erased, options.maxAttachmentBytes());
        erased.tell(fetches::contentsErased);
    }

    synchronized PieceStore store() {
        replica.requireOpen();
        if (closed) {
            throw new SyncException(ErrorKind.CLOSED, "the database was closed");
        }
        PieceStore opened = store;
        if (opened == null) {
            UUID id = replica.identity();
            SplittableRandom random = new SplittableRandom(
                    id.getMostSignificantBits() ^ Long.rotateLeft(id.getLeastSignificantBits(), 1));
            opened = PieceStore.open(disk, random, options.segmentBytes(), options.maxAttachmentBytes(), readOnly);
            store = opened;
        }
        return opened;
    }

    @Override
    public Attachment put(InputStream content, String type) throws IOException {
        PieceStore pieces = store();
        // A type that can't be is refused before the content is read.
        var unused = new Attachment(Cid.hash(Cid.RAW, new byte[0]), 0, type);
        PieceLink root;
        try {
            root = add(pieces, content);
        } finally {
            erased.released();
        }
        requireWelcome(root.cid());
        fetches.changed();
        return new Attachment(root.cid(), root.size(), type);
    }

    private PieceLink add(PieceStore pieces, InputStream content) throws IOException {
        boolean done = false;
        try (PieceStore.Hold held = pieces.hold()) {
            PieceLink root = new PieceTreeBuilder(block -> add(pieces, block)).build(content);
            pieces.force();
            synchronized (this) {
                fresh.put(root.cid(), ++puts);
            }
            done = true;
            return root;
        } finally {
            if (!done) {
                pieces.loosen();
            }
        }
    }

    private void requireWelcome(Cid root) {
        if (erased.isErased(root)) {
            erased.cameBack(root);
            throw new SyncException(
                    ErrorKind.REFUSED, "content " + root + " was erased, for good, and is not taken again");
        }
    }

    private void add(PieceStore pieces, Block block) {
        try {
            pieces.add(block);
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.LIMIT_EXCEEDED) {
                throw e;
            }
            collect();
            pieces.add(block);
        }
    }

    @Override
    public Attachment put(Path file, String type) {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file), BUFFER)) {
            return put(in, type);
        } catch (NoSuchFileException e) {
            throw new SyncException(ErrorKind.NOT_FOUND, Reason.of(e), e);
        } catch (IOException e) {
            throw StorageFailures.storage("cannot read " + file, e);
        }
    }

    @Override
    public InputStream open(Attachment attachment) {
        PieceStore pieces = store();
        PieceLink root = new PieceLink(attachment.root(), attachment.size());
        Object reading = fetches.enter(root);
        return new PieceStream(
                cid -> {
                    if (erased.isErased(root.cid())) {
                        throw AttachmentFetches.gone(root.cid());
                    }
                    Block block = pieces.find(cid);
                    return block != null ? block : fetches.await(root.cid(), cid);
                },
                root) {
            private boolean left;

            @Override
            public void close() {
                if (!left) {
                    left = true;
                    fetches.leave(root, reading);
                }
            }
        };
    }

    @Override
    public void fetch(Attachment attachment) {
        erased.follow();
        fetches.fetch(new PieceLink(attachment.root(), attachment.size()));
    }

    @Override
    public long missing(Attachment attachment) {
        PieceStore pieces = store();
        return erased.isErased(attachment.root())
                ? attachment.size()
                : PieceTrees.missing(pieces, new PieceLink(attachment.root(), attachment.size()));
    }

    @Override
    public long bytes() {
        return store().bytes();
    }

    @Override
    public long collect() {
        return collect(event -> false);
    }

    @Override
    public long forgetPast(int versions) {
        if (versions < 0) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "of " + versions + " versions; at least 0");
        }
        requireWritable();
        // Whatever comes meanwhile isn't among them: what was written over once stays so.
        return collect(PastVersions.of(replica.view(), versions));
    }

    @Override
    public long forgetPast(Duration keep) {
        if (keep.isNegative()) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "of the last " + keep + "; at least zero");
        }
        requireWritable();
        return replica.clockBefore(keep)
                .map(clock -> collect(PastVersions.at(replica.view(), clock)))
                .orElseGet(this::collect);
    }

    private void requireWritable() {
        if (readOnly) {
            throw new SyncException(
                    ErrorKind.REFUSED,
                    "database " + disk.describe("") + " was opened to be read only; open it to be written");
        }
    }

    private long collect(Predicate<Cid> without) {
        PieceStore pieces = store();
        if (pieces.count() == 0 && pieces.fileBytes() == 0) {
            return 0;
        }
        try (PieceStore.Hold held = pieces.holdToSweep()) {
            ErasedContents.Sweep sweep = erased.begin();
            Map<Cid, Long> before;
            synchronized (this) {
                before = new HashMap<>(fresh);
            }
            Set<Cid> named;
            try (Snapshot snapshot = replica.snapshot()) {
                named = NamedAttachments.of(snapshot, without);
            }
            Set<Cid> live = reachable(pieces, before.keySet(), named, sweep::isErased);
            long freed = pieces.sweep(live::contains, sweep::isWithheld);
            sweep.done(live::contains);
            synchronized (this) {
                // Unless it was put once more meanwhile: its document may be still to come.
                before.forEach((root, put) -> {
                    if (named.contains(root) || sweep.isErased(root)) {
                        fresh.remove(root, put);
                    }
                });
            }
            return freed;
        }
    }

    private static Set<Cid> reachable(
            PieceStore pieces, Collection<Cid> fresh, Collection<Cid> named, Predicate<Cid> erased) {
        List<Cid> roots = Stream.concat(fresh.stream(), named.stream())
                .filter(erased.negate())
                .toList();
        return PieceTrees.reachable(pieces, roots);
    }

    /** What is here of erased contents and of nothing else, because no collection has removed it yet. */
    Set<Cid> dead() {
        PieceStore pieces = store();
        erased.follow();
        if (!erased.isAnythingLeft()) {
            return Set.of();
        }
        List<Cid> put;
        synchronized (this) {
            put = List.copyOf(fresh.keySet());
        }
        try (Snapshot snapshot = replica.snapshot()) {
            return erased.dead(reachable(pieces, put, NamedAttachments.of(snapshot), erased::isKnown));
        }
    }

    /** Removes what was brought here of erased contents by a restore, which doesn't look at what it brings. */
    void dropErased() {
        erased.look();
        if (erased.isAnythingLeft()) {
            collect();
        }
    }

    /** What is erased. */
    ErasedContents erased() {
        return erased;
    }

    /**
     * What a check of all pieces has found.
     *
     * @param blocks how many were read
     * @param bytes their content
     * @param problems a line for each that is damaged
     */
    record Findings(long blocks, long bytes, List<String> problems) {}

    /** Reads and hashes every piece. What is damaged is a problem. */
    Findings verify() {
        PieceStore pieces = store();
        List<Cid> all = new ArrayList<>();
        pieces.forEach(all::add);
        long bytes = 0;
        List<String> problems = new ArrayList<>();
        for (Cid cid : all) {
            try {
                Block block = pieces.read(cid);
                bytes += block == null ? 0 : block.size();
            } catch (SyncException e) {
                if (e.kind() == ErrorKind.CLOSED) {
                    throw e;
                }
                if (problems.size() < MAX_PROBLEMS) {
                    problems.add(String.valueOf(e.getMessage()));
                }
            }
        }
        return new Findings(all.size(), bytes, problems);
    }

    /** Takes what another database holds of what the events here name. */
    void copyNamed(PieceStore from) {
        if (from.count() == 0) {
            return;
        }
        PieceStore pieces = store();
        try (Snapshot snapshot = replica.snapshot()) {
            erased.follow();
            Set<Cid> named = NamedAttachments.of(snapshot);
            for (Cid cid : reachable(from, List.of(), named, erased::isKnown)) {
                Block block = from.find(cid);
                if (block != null) {
                    pieces.add(block);
                }
            }
        }
        pieces.force();
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            if (store != null) {
                store.close();
            }
        }
        fetches.changed();
    }

    /** For peers. */
    AttachmentFetches fetches() {
        return fetches;
    }
}
