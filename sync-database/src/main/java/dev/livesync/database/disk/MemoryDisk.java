package dev.livesync.database.disk;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;

/** A disk on the heap: databases in memory run on the same log as those in a directory. Outlives its {@link #close()}. */
public final class MemoryDisk implements Disk {
    private final ConcurrentHashMap<String, MemoryFile> files = new ConcurrentHashMap<>();

    /** Creates an empty disk. */
    public MemoryDisk() {}

    @Override
    public List<String> list() {
        return List.copyOf(files.keySet());
    }

    @Override
    public DiskFile open(String name) throws IOException {
        MemoryFile file = files.get(name);
        if (file == null) {
            throw new FileNotFoundException(name);
        }
        return file;
    }

    @Override
    public DiskFile create(String name) throws IOException {
        MemoryFile file = new MemoryFile();
        if (files.putIfAbsent(name, file) != null) {
            throw new FileAlreadyExistsException(name);
        }
        return file;
    }

    @Override
    public void delete(String name) {
        files.remove(name);
    }

    @Override
    public void rename(String from, String to) throws IOException {
        MemoryFile file = files.remove(from);
        if (file == null) {
            throw new FileNotFoundException(from);
        }
        files.put(to, file);
    }

    @Override
    public void sync() {}

    @Override
    public String describe(String name) {
        return "memory:" + name;
    }

    @Override
    public void close() {}
}
