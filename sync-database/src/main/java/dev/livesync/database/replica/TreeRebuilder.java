package dev.livesync.database.replica;

import dev.livesync.api.Block;
import dev.livesync.api.SyncException;
import java.lang.System.Logger.Level;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * Makes the stored tree anew where peers have changed too much to edit it, and merges heads where there are too many. A local write asks for both
 * before it is worked out.
 */
final class TreeRebuilder {
    private static final System.Logger LOG = System.getLogger(TreeRebuilder.class.getName());

    /** How often a tree is made anew because too much came meanwhile; then writers wait for it. */
    private static final int MOST_REBUILDS = 3;

    private final Settings settings;
    private final Versions versions;
    /** Not while somebody compacts: nothing names the new nodes before the tree is whole. */
    private final ReentrantLock working;
    /** Held by the writer who makes a tree anew; taken before the others. */
    private final ReentrantLock rebuilding = new ReentrantLock();

    /** One that does not work while somebody else holds this lock. */
    TreeRebuilder(Settings settings, Versions versions, ReentrantLock working) {
        this.settings = settings;
        this.versions = versions;
        this.working = working;
    }

    /** Merges all heads, whose number stops no write and no session then. The documents stay as they are. Under the writer's lock. */
    StoredView mergeHeads(StoredView before) {
        StoredView now = before;
        while (HeadMerge.isDue(now, settings)) {
            now = TreeRebuild.isDue(now.writer) ? rebuild(now) : now;
            now = versions.append(now, ChangeSource.HERE, new HeadMerge(now, settings)::apply);
        }
        return now;
    }

    /** Merges what a peer's commit has left, should it be too many heads; that is no failure of the commit if it fails. Under the writer's lock. */
    void mergeHeadsOfPeers(StoredView after) {
        try {
            mergeHeads(after);
        } catch (SyncException e) {
            LOG.log(Level.WARNING, "merging {0} heads, which a later write will try again: {1}", after.heads.size(), e);
        }
    }

    /**
     * Brings the stored tree up to date, which takes as long as reading all documents. Gives up the writer's lock meanwhile, which the caller holds
     * once, so that commits of peers go on; other writers would need the tree, too, and wait.
     */
    StoredView upToDate() {
        versions.lock.unlock();
        try {
            rebuilding.lock();
            try {
                for (int round = 0; round < MOST_REBUILDS && rebuildBeside(); round++) {
                    // until too little came meanwhile to begin again
                }
            } finally {
                rebuilding.unlock();
            }
        } finally {
            versions.lock.lock();
        }
        StoredView now = versions.latest();
        return TreeRebuild.isDue(now.writer) ? rebuild(now) : now;
    }

    /** False if it is not due, or cannot be done while somebody compacts. */
    private boolean rebuildBeside() {
        if (!working.tryLock()) {
            return false;
        }
        try {
            TreeRebuild rebuild = begin();
            if (rebuild == null) {
                return false;
            }
            boolean stored = true;
            while (stored && rebuild.hasNext()) {
                stored = store(rebuild, rebuild.next());
            }
            return true;
        } finally {
            working.unlock();
        }
    }

    private @Nullable TreeRebuild begin() {
        versions.lock.lock();
        try {
            StoredView now = versions.latest();
            return TreeRebuild.isDue(now.writer)
                    ? new TreeRebuild(now, settings.clock().millis())
                    : null;
        } finally {
            versions.lock.unlock();
        }
    }

    /** False if somebody else has made the tree meanwhile, or the database was read afresh. */
    private boolean store(TreeRebuild rebuild, List<Block> part) {
        Runnable durability;
        versions.lock.lock();
        try {
            StoredView now = versions.latest();
            if (!rebuild.isTheLast(now)) {
                return false;
            }
            now = versions.append(now, ChangeSource.HERE, () -> rebuild.store(part));
            if (!rebuild.hasNext() && !rebuild.isTooLate()) {
                versions.append(now, ChangeSource.HERE, rebuild::finish);
            }
            durability = versions.durability();
        } finally {
            versions.lock.unlock();
        }
        durability.run();
        return true;
    }

    /** The same under the writer's lock: in several transactions, since it may be as large as the database. */
    private StoredView rebuild(StoredView before) {
        TreeRebuild rebuild = new TreeRebuild(before, settings.clock().millis());
        StoredView now = before;
        while (rebuild.hasNext()) {
            List<Block> part = rebuild.next();
            now = versions.append(now, ChangeSource.HERE, () -> rebuild.store(part));
            versions.durability().run();
        }
        return versions.append(now, ChangeSource.HERE, rebuild::finish);
    }
}
