package dev.livesync.database.log;

import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.DiskFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.function.Consumer;

/** A file beside the segments: replaced as a whole or not at all. One thread at a time. */
public final class SideFile {
    /** How many bytes are written between two forces. A file system may delay the log's force until everything else is written, too. */
    static final long FORCE_EVERY = 4 << 20;

    private final Disk disk;
    private final String name;

    /**
     * Names a file that may not exist.
     *
     * @param disk where
     * @param name its name
     */
    public SideFile(Disk disk, String name) {
        this.disk = disk;
        this.name = name;
    }

    /**
     * Writes the file. After a crash either the old or the new one is there, whole.
     *
     * @param content writes it
     * @return how large it is
     * @throws IOException if the disk refuses; the old one is there then
     */
    public long save(Consumer<ImageWriter> content) throws IOException {
        String temporary = name + SegmentName.TEMPORARY;
        disk.delete(temporary);
        boolean done = false;
        try (DiskFile file = disk.create(temporary)) {
            long[] at = {0, 0};
            ImageWriter out = new ImageWriter(bytes -> {
                int n = bytes.remaining();
                file.write(at[0], bytes);
                at[0] += n;
                if (at[0] - at[1] > FORCE_EVERY) {
                    file.force();
                    at[1] = at[0];
                }
            });
            content.accept(out);
            out.finish();
            file.force();
            done = true;
            return at[0];
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            if (done) {
                disk.rename(temporary, name);
                disk.sync();
            } else {
                disk.delete(temporary);
            }
        }
    }

    /**
     * Reads what {@link #save} has written.
     *
     * @param content reads it
     * @return false if there is none
     * @throws IOException if the disk refuses
     */
    public boolean load(Consumer<ImageReader> content) throws IOException {
        if (!disk.list().contains(name)) {
            return false;
        }
        try (DiskFile file = disk.open(name)) {
            long[] at = {0};
            content.accept(new ImageReader(
                    target -> {
                        int n = file.read(at[0], target);
                        at[0] += Math.max(0, n);
                        return n;
                    },
                    file.size()));
            return true;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
