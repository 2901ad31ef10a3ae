package dev.livesync.database.contents;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replica;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.attachments.Attachments;
import dev.livesync.database.pieces.PieceBlocks;
import dev.livesync.database.pieces.PieceFetch;
import dev.livesync.database.pieces.PieceLink;
import dev.livesync.database.pieces.PieceStream;
import dev.livesync.database.pieces.PieceTreeBuilder;
import dev.livesync.database.pieces.PieceTrees;
import dev.livesync.database.pieces.SharedPieces;
import dev.livesync.database.replica.SharedView;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The attachments of documents over a store that several processes share. What is removed by {@link #collect} was needed by nobody a day before, either. */
public final class SharedAttachments implements Attachments {
    private static final int BUFFER = 1 << 16;

    private final SharedContents contents;
    private final SharedPieces pieces;
    private final AttachmentFetches fetches;
    private final SharedErasures erasures;

    private SharedAttachments(SharedContents contents) {
        this.contents = contents;
        this.pieces = contents.pieces();
        this.fetches = contents.fetches();
        this.erasures = contents.erasures();
    }

    /**
     * Those of a replica.
     *
     * @param replica any
     * @return empty if it keeps none
     */
    public static Optional<SharedAttachments> of(Replica replica) {
        return replica.blocks().filter(SharedContents.class::isInstance).map(blocks -> of((SharedContents) blocks));
    }

    /**
     * Those of a store.
     *
     * @param contents what it keeps
     * @return the attachments
     */
    public static SharedAttachments of(SharedContents contents) {
        return new SharedAttachments(contents);
    }

    /**
     * Where the blocks are.
     *
     * @return for a backup
     */
    public PieceBlocks pieces() {
        return pieces;
    }

    /**
     * What nobody gets any more.
     *
     * @return blocks of erased contents, and what they have in common with others
     */
    public Set<Cid> withheld() {
        return erasures.withheld();
    }

    @Override
    public Attachment put(InputStream content, String type) throws IOException {
        // A type that can't be is refused before the content is read.
        var unused = new Attachment(Cid.hash(Cid.RAW, new byte[0]), 0, type);
        PieceLink root = new PieceTreeBuilder(this::add).build(content);
        if (erasures.isErased(root.cid())) {
            contents.blocksChanged(false);
            throw new SyncException(
                    ErrorKind.REFUSED, "content " + root.cid() + " was erased, for good, and is not taken again");
        }
        Set<Cid> missing = new PieceFetch(pieces, root).missing();
        if (!missing.isEmpty()) { // it took longer than a day, or the store has gone back
            throw new SyncException(
                    ErrorKind.STORAGE,
                    "block " + missing.iterator().next()
                            + " is gone from the store while its content was put; put it again");
        }
        pieces.complete(root.cid());
        fetches.changed();
        return new Attachment(root.cid(), root.size(), type);
    }

    private void add(Block block) {
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
            throw new SyncException(ErrorKind.STORAGE, "cannot read " + file + ": " + Reason.of(e), e);
        }
    }

    @Override
    public InputStream open(Attachment attachment) {
        PieceLink root = link(attachment);
        Object reading = fetches.enter(root);
        return new PieceStream(
                cid -> {
                    if (erasures.isErased(root.cid())) {
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

    private static PieceLink link(Attachment attachment) {
        return new PieceLink(attachment.root(), attachment.size());
    }

    @Override
    public void fetch(Attachment attachment) {
        erasures.follow();
        fetches.fetch(link(attachment));
    }

    @Override
    public long missing(Attachment attachment) {
        return erasures.isErased(attachment.root()) ? attachment.size() : PieceTrees.missing(pieces, link(attachment));
    }

    @Override
    public long bytes() {
        return pieces.bytes();
    }

    @Override
    public long collect() {
        SharedPieces.Moment began = pieces.now();
        SharedView view = contents.events().follow();
        Set<Cid> named = new HashSet<>();
        for (int event = 0; event < view.events(); event++) {
            NamedAttachments.addTo(named, view.event(event).block());
        }
        contents.events().forEachPending(block -> NamedAttachments.addTo(named, block));
        named.removeIf(erasures::isErased);
        Set<Cid> live = PieceTrees.reachable(pieces, List.copyOf(named));
        long freed = pieces.sweep(began, live::contains);
        contents.blocksChanged(false);
        return freed;
    }

    @Override
    public long forgetPast(int versions) {
        throw unsupported();
    }

    @Override
    public long forgetPast(Duration keep) {
        throw unsupported();
    }

    private static SyncException unsupported() {
        return new SyncException(
                ErrorKind.UNSUPPORTED,
                "the events of this database are in a store that others write, too: contents of the past stay there as long as an event names them");
    }
}
