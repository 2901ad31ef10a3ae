package dev.livesync.database;

import dev.livesync.database.checkpoint.CheckpointStore;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;

/** Checkpoints in memory. */
public final class MemoryCheckpoints implements CheckpointStore {
    final Map<String, byte[]> saved = new TreeMap<>();
    final AtomicInteger loads = new AtomicInteger();

    @Override
    public synchronized void save(String name, Content content) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            content.writeTo(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        saved.put(name, bytes.toByteArray());
    }

    @Override
    public synchronized boolean load(String name, Loader loader) {
        byte[] bytes = saved.get(name);
        if (bytes == null) {
            return false;
        }
        loads.incrementAndGet();
        try {
            loader.readFrom(new ByteArrayInputStream(bytes), bytes.length);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return true;
    }
}
