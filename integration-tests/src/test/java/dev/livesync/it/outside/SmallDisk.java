package dev.livesync.it.outside;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of a host's own: ext4 in a file, which can be full, and can lose what was not flushed, as when the power goes. Needs root. */
public final class SmallDisk implements AutoCloseable {
    /** EXT4_IOC_SHUTDOWN with NOLOGFLUSH: from here on nothing reaches the disk, its own journal included. */
    private static final String SHUT_DOWN =
            "open(F,'<',$ARGV[0]) or die; my $f=pack('L',2); ioctl(F,0x8004587d,$f) or die";

    private final Path image;
    private final Path mounted;
    private final Path filler;

    private SmallDisk(Path image, Path mounted) {
        this.image = image;
        this.mounted = mounted;
        this.filler = mounted.resolve("filler");
    }

    /** Makes a disk and mounts it at a directory, which is made, too. */
    public static SmallDisk make(Path directory, int megabytes) throws IOException, InterruptedException {
        Path image = directory.resolveSibling(directory.getFileName() + ".img");
        Files.createDirectories(directory);
        RootShell.require("truncate", "-s", megabytes + "M", image.toString());
        RootShell.require("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
        SmallDisk disk = new SmallDisk(image, directory);
        disk.mount();
        return disk;
    }

    private void mount() throws IOException, InterruptedException {
        RootShell.require("mount", "-o", "loop", image.toString(), mounted.toString());
    }

    /** Leaves next to no room. */
    public void fill() throws IOException, InterruptedException {
        String said = RootShell.require("df", "-B1", "--output=avail", mounted.toString());
        long left = Long.parseLong(said.substring(said.indexOf('\n') + 1).strip());
        RootShell.run("fallocate", "-l", Long.toString(Math.max(4_096, left - 32 * 1_024)), filler.toString());
    }

    /** Makes room. */
    public void free() throws IOException {
        Files.deleteIfExists(filler);
    }

    /** Whether a power cut can be had here. */
    boolean canLosePower() throws InterruptedException {
        return RootShell.run("perl", "-e", "1") == 0;
    }

    /** Loses what was not flushed; nothing can be read or written until {@link #powerOn}. */
    void powerOff() throws IOException, InterruptedException {
        RootShell.require("perl", "-e", SHUT_DOWN, mounted.toString());
    }

    /** Comes back with what was flushed. Nobody may have it open. */
    void powerOn() throws IOException, InterruptedException {
        RootShell.require("umount", mounted.toString());
        mount();
    }

    @Override
    public void close() throws InterruptedException {
        RootShell.run("umount", "-l", mounted.toString());
    }
}
