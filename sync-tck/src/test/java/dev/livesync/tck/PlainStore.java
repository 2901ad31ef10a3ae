package dev.livesync.tck;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Replicated;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A {@link PlainReplica} with every feature that a store can have. */
class PlainStore implements ReplicaStore {
    static final long QUOTA = 1 << 18;

    PlainDisk disk = new PlainDisk();
    private @Nullable PlainReplica replica;

    @Override
    public Replicated open() {
        PlainReplica opened = make(disk);
        replica = opened;
        return opened;
    }

    PlainReplica make(PlainDisk disk) {
        return new PlainReplica(disk, pendingBytesPerPeer());
    }

    @Override
    public void close() {
        if (replica != null) {
            replica.close();
        }
    }

    @Override
    public long pendingBytesPerPeer() {
        return QUOTA;
    }

    @Override
    public Set<StoreFeature> features() {
        return EnumSet.allOf(StoreFeature.class);
    }

    @Override
    public void crash() {
        close();
    }

    @Override
    public void failWrites(boolean failing) {
        disk.failing = failing;
    }

    @Override
    public void damage(Cid block) {
        disk.damaged.add(block);
    }

    @Override
    public void expireCursors() {
        disk.feedStart = disk.latest().feed.size();
    }
}
