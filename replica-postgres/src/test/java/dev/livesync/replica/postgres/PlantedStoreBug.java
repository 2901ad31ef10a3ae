package dev.livesync.replica.postgres;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.random.RandomGenerator;

/** Mistakes of a replica in PostgreSQL, made on purpose. */
public enum PlantedStoreBug {
    /** None. */
    NONE,
    /** Where a commit of which nothing became complete was not stored, what was to wait is taken for stored. */
    FORGETS_WHAT_WAITS {
        @Override
        Followed followed(StoreBlocks.StoredIn database, RandomGenerator random, Runnable changed) {
            return new Followed(database, random, changed) {
                @Override
                void takeBack() {
                    if (!isFollowing()
                            || history().isSpoiled()
                            || history().events() != published().view().events()) {
                        super.takeBack();
                    }
                }
            };
        }
    },
    /** Nobody notices that the feed has gone back, so cursors stay good for what comes in its place. */
    NOTICES_NO_LOSS {
        @Override
        Followed followed(StoreBlocks.StoredIn database, RandomGenerator random, Runnable changed) {
            return new Followed(database, random, changed) {
                @Override
                boolean hasLost(Connection connection, FeedRow now) {
                    return false;
                }
            };
        }
    },
    /** Under the lock it is not looked which events wait that others have brought. */
    DOES_NOT_READ_WHAT_WAITS {
        @Override
        Followed followed(StoreBlocks.StoredIn database, RandomGenerator random, Runnable changed) {
            return new Followed(database, random, changed) {
                @Override
                void readPending(Connection connection, boolean evicted) {}
            };
        }
    },
    /** Under the lock nobody looks for what others have committed: what is complete is decided by what was known before. */
    DECIDES_BY_WHAT_IT_KNEW {
        @Override
        Followed followed(StoreBlocks.StoredIn database, RandomGenerator random, Runnable changed) {
            return new Followed(database, random, changed) {
                @Override
                boolean catchUp(Connection connection, FeedRow now) throws SQLException {
                    return now.number() > 0 && now.number() != published().number()
                            ? now.incarnation().equals(published().feed().incarnation())
                            : super.catchUp(connection, now);
                }
            };
        }
    };

    Followed followed(StoreBlocks.StoredIn database, RandomGenerator random, Runnable changed) {
        return new Followed(database, random, changed);
    }
}
