package dev.livesync.database.replica;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.database.checkpoint.CheckpointStore;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.index.Indexes;
import java.io.InputStream;
import java.util.List;
import java.util.function.Consumer;

/** A checkpoint of what is derived from a feed: which place of the feed it was read up to, then the parts of an embedded database's checkpoint, and a checksum. */
final class FeedImage {
    private static final long MAGIC = 0x4c69766546656564L;
    private static final int VERSION = 1;

    private FeedImage() {}

    /**
     * Takes one: what only grows is shared, the rest is copied, about four bytes a key. For the writer of the state.
     *
     * @param place where the feed was read up to, as its reader says it
     * @return writes it, on any thread, without a lock
     */
    static CheckpointStore.Content of(DerivedState state, Indexes indexes, String place) {
        state.noteChanges();
        int events = state.graph.size();
        byte[] ofDocuments = ImageWriter.bytes(state.documents::save);
        byte[] base = ImageWriter.bytes(state::saveBase);
        List<Consumer<ImageWriter>> parts = List.of(
                state.graph.snapshot(),
                state.keys.snapshot(),
                out -> out.putBytes(ofDocuments, ofDocuments.length),
                out -> state.feed.save(out, events),
                out -> out.putBytes(base, base.length),
                out -> indexes.save(out, () -> {}));
        return target -> {
            ImageWriter out = new ImageWriter(bytes -> {
                target.write(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
                bytes.position(bytes.limit());
            });
            out.putLong(MAGIC);
            out.putInt(VERSION);
            out.putString(place);
            parts.forEach(part -> part.accept(out));
            out.finish();
        };
    }

    private static ImageReader reader(InputStream in, long size) {
        ImageReader image = new ImageReader(
                target -> {
                    int n = in.read(target.array(), target.arrayOffset() + target.position(), target.remaining());
                    target.position(target.position() + Math.max(0, n));
                    return n;
                },
                size);
        boolean ours = image.getLong() == MAGIC;
        ImageReader.require(ours && image.getInt() == VERSION, "a checkpoint of another format", 0);
        return image;
    }

    /**
     * Fills an empty state, which is good for nothing if this fails.
     *
     * @param in what {@link #of} wrote
     * @param size how many bytes that is
     * @return the place up to which the feed was read then
     * @throws SyncException {@link ErrorKind#CORRUPT} if it is no such thing, or is damaged
     */
    static String load(DerivedState state, InputStream in, long size) {
        try {
            ImageReader image = reader(in, size);
            String place = image.getString();
            state.graph.load(image);
            state.keys.load(image);
            state.graph.requireKeys(state.keys.size());
            state.documents.load(image);
            state.feed.load(image, state.graph.size());
            state.loadBase(image);
            state.watchAnew();
            state.indexes.load(image, state.keys.size(), state.documents::document);
            image.finish();
            return place;
        } catch (SyncException e) {
            throw e;
        } catch (RuntimeException e) {
            // Whatever a damaged one leads to before its checksum is reached.
            throw new SyncException(ErrorKind.CORRUPT, "the checkpoint cannot be used (" + Reason.of(e) + ")", e);
        }
    }

    /** The place that a checkpoint says of itself, of which only the beginning is read, so that nothing may rest on it. */
    static String place(InputStream in, long size) {
        return reader(in, size).getString();
    }
}
