package dev.livesync.simulation;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Replicated;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.database.SimulatedDatabase;
import dev.livesync.database.disk.SimulatedDisk;
import dev.livesync.database.disk.SimulatedDisk.Fault;
import dev.livesync.tck.ReplicaStore;
import dev.livesync.tck.StoreFeature;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A database on a {@link SimulatedDisk}: small segments, and every crash loses something else. */
final class SimulatedStore implements ReplicaStore {
    private static final DatabaseOptions OPTIONS = DatabaseOptions.builder()
            .pendingBytesPerPeer(1 << 18)
            .segmentBytes(1 << 14)
            .cacheBytes(0) // so that damage is read
            .build();

    private final Random luck;
    private SimulatedDisk disk;
    private @Nullable Database database;

    SimulatedStore(long seed) {
        luck = new Random(seed);
        disk = new SimulatedDisk(luck);
    }

    @Override
    public Replicated open() {
        Database opened = SimulatedDatabase.open(disk, OPTIONS);
        database = opened;
        return opened;
    }

    @Override
    public void close() {
        if (database != null) {
            database.close();
        }
    }

    @Override
    public long pendingBytesPerPeer() {
        return OPTIONS.pendingBytesPerPeer();
    }

    @Override
    public Set<StoreFeature> features() {
        return Set.of(StoreFeature.RESTART, StoreFeature.CRASH, StoreFeature.FAILING_WRITES, StoreFeature.DAMAGE);
    }

    @Override
    public void crash() {
        disk.stop();
        close();
        disk = disk.restart(luck);
    }

    @Override
    public void failWrites(boolean failing) {
        disk.with((operation, kind) -> failing ? Fault.ERROR : Fault.NONE);
    }

    @Override
    public void damage(Cid block) {
        byte[] content;
        try (Snapshot snapshot = Objects.requireNonNull(database).replica().snapshot()) {
            content = Objects.requireNonNull(snapshot.block(block)).toByteArray();
        }
        for (Map.Entry<String, byte[]> file : disk.bytes().entrySet()) {
            byte[] bytes = file.getValue();
            for (int at = 0; at + content.length <= bytes.length; at++) {
                if (Arrays.mismatch(bytes, at, at + content.length, content, 0, content.length) < 0) {
                    disk.flip(file.getKey(), at + content.length / 2, 0);
                    return;
                }
            }
        }
        throw new AssertionError("block " + block + " is in no file as it is");
    }
}
