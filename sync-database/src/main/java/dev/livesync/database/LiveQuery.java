package dev.livesync.database;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Subscription;
import dev.livesync.database.live.LiveChange;
import dev.livesync.database.live.LiveUpdate;
import dev.livesync.database.query.Query;
import dev.livesync.database.replica.ReadView;
import dev.livesync.database.replica.ViewChange;
import dev.livesync.database.replica.ViewPull;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Publishes a query's result, and how it changes. Every signal but {@code onSubscribe} comes on the database's listener thread, so they are one at a time and none is sent from within {@code request}.
 * Between an update and the demand for the next one only the keys are noted that changed.
 */
final class LiveQuery implements Flow.Publisher<LiveUpdate<Document>> {
    private final Database database;
    private final Query query;

    LiveQuery(Database database, Query query) {
        this.database = database;
        this.query = query;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super LiveUpdate<Document>> subscriber) {
        new Stream(subscriber).start();
    }

    private record Update(boolean isFirst, List<LiveChange<Document>> changes, List<Cid> clock)
            implements LiveUpdate<Document> {}

    private final class Stream implements Flow.Subscription, ViewPull {
        private final LiveRows rows = new LiveRows(database, query);
        private final AtomicLong demand = new AtomicLong();
        /** Null once nothing more may be signalled. */
        private volatile Flow.@Nullable Subscriber<? super LiveUpdate<Document>> subscriber;

        private volatile @Nullable RuntimeException fault;
        private volatile @Nullable Subscription following;

        Stream(Flow.Subscriber<? super LiveUpdate<Document>> subscriber) {
            this.subscriber = Objects.requireNonNull(subscriber, "subscriber");
        }

        void start() {
            Flow.Subscriber<? super LiveUpdate<Document>> target = subscriber;
            if (target == null) {
                return;
            }
            target.onSubscribe(this);
            try {
                following = database.store.pull(this);
            } catch (SyncException e) {
                fail(e); // the database is closed: there is no thread that could say so
            }
            if (subscriber == null) {
                end();
            }
        }

        @Override
        public void request(long n) {
            if (n > 0) {
                demand.updateAndGet(now -> now > Long.MAX_VALUE - n ? Long.MAX_VALUE : now + n);
            } else {
                fault = new IllegalArgumentException(
                        "a subscriber requested " + n + " updates; it is 1 or more (rule 3.9)");
            }
            database.store.wake();
        }

        @Override
        public void cancel() {
            subscriber = null;
            end();
        }

        private void end() {
            Subscription open = following;
            if (open != null) {
                open.close();
            }
        }

        @Override
        public boolean isWanted() {
            return subscriber != null && (fault != null || demand.get() > 0);
        }

        @Override
        public @Nullable Runnable urgent() {
            RuntimeException known = fault;
            return known == null ? null : () -> fail(known);
        }

        @Override
        public void begin(ReadView view) {
            signal(() -> new Update(true, rows.begin(view), view.heads()));
        }

        @Override
        public void advance(ViewChange change) {
            signal(() -> {
                List<LiveChange<Document>> changes = rows.advance(change);
                return changes.isEmpty()
                        ? null
                        : new Update(false, changes, change.after().heads());
            });
        }

        /** Makes an update; null for none. */
        @FunctionalInterface
        private interface Maker {
            @Nullable
            Update make();
        }

        private void signal(Maker maker) {
            Update update;
            try {
                update = maker.make();
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.CLOSED) { // else the end is on its way
                    fail(e);
                }
                return;
            }
            Flow.Subscriber<? super LiveUpdate<Document>> target = subscriber;
            if (update == null || target == null) {
                return;
            }
            demand.updateAndGet(now -> now == Long.MAX_VALUE ? now : now - 1);
            boolean taken = false;
            try {
                target.onNext(update);
                taken = true;
            } finally {
                if (!taken) {
                    cancel(); // rule 2.13; what it threw is logged
                }
            }
        }

        private void fail(RuntimeException failure) {
            Flow.Subscriber<? super LiveUpdate<Document>> target = subscriber;
            cancel();
            if (target != null) {
                target.onError(failure);
            }
        }

        @Override
        public void ended() {
            Flow.Subscriber<? super LiveUpdate<Document>> target = subscriber;
            cancel();
            if (target != null) {
                target.onComplete();
            }
        }
    }
}
