package dev.livesync.database;

import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.DiskFile;
import java.io.IOException;
import java.util.List;

/** A disk that stays its owner's: who closes it has closed nothing. */
final class LentDisk implements Disk {
    private final Disk disk;

    LentDisk(Disk disk) {
        this.disk = disk;
    }

    @Override
    public List<String> list() throws IOException {
        return disk.list();
    }

    @Override
    public DiskFile open(String name) throws IOException {
        return disk.open(name);
    }

    @Override
    public DiskFile create(String name) throws IOException {
        return disk.create(name);
    }

    @Override
    public void delete(String name) throws IOException {
        disk.delete(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        disk.rename(from, to);
    }

    @Override
    public void sync() throws IOException {
        disk.sync();
    }

    @Override
    public String describe(String name) {
        return disk.describe(name);
    }

    @Override
    public void close() {}
}
