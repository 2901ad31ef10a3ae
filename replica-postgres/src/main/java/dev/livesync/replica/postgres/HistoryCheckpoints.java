package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.database.replica.SharedHistory;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/**
 * The checkpoint of the history that hubs decide by, one for all of them. Whichever hub finds that much has come since the last one writes the next, unless another one has done so meanwhile, or
 * is at it.
 */
final class HistoryCheckpoints {
    private static final System.Logger LOG = System.getLogger(HistoryCheckpoints.class.getName());

    /** After what part of all events the next one is due. */
    private static final int PART = 4;

    /** How long whoever is at the next one is waited for. */
    private static final Duration SPARED = Duration.ofSeconds(10);

    /** A name that no other checkpoint has, since theirs are printable. */
    static final String NAME = "history\t";

    private final StoreCheckpoints checkpoints;
    private final String database;
    private final Followed followed;
    private final RandomGenerator random;
    private final BooleanSupplier closed;
    private final AtomicBoolean busy = new AtomicBoolean();
    private final int least;
    private volatile Optional<KeptHistory.Place> last = Optional.empty();
    /** Whether the one that is stored is good for nothing, whatever it says. */
    private volatile boolean wrong;
    /** How many more events the next one is to have. */
    private volatile int due;

    /**
     * Of a database that nobody has read yet.
     *
     * @param least after how many events another one is worth writing
     */
    HistoryCheckpoints(
            StoreCheckpoints checkpoints,
            String database,
            Followed followed,
            RandomGenerator random,
            BooleanSupplier closed,
            int least) {
        this.checkpoints = checkpoints;
        this.database = database;
        this.followed = followed;
        this.random = random;
        this.closed = closed;
        this.least = least;
        this.due = spread(least);
    }

    /**
     * Has the database begin with the last one, if it is of its feed.
     *
     * @param follow reads what there is
     */
    void begin(Runnable follow) {
        Optional<KeptHistory> found = load();
        found.ifPresent(followed::beginWith);
        follow.run();
        found.ifPresent(kept -> {
            if (followed.history() == kept.history()) {
                isThere(kept.place());
            } else {
                wrong = true;
            }
        });
    }

    private void isThere(KeptHistory.Place place) {
        last = Optional.of(place);
        due = spread(pace(place.events()));
    }

    private int pace(int events) {
        return Math.max(least, events / PART);
    }

    /** Whether no other hub writes the next one at this moment. */
    private boolean claim() {
        try {
            return checkpoints.claim(NAME, SPARED);
        } catch (SyncException e) {
            LOG.log(Level.DEBUG, "whether another process writes a checkpoint cannot be asked", e);
            return true; // writing it says what is wrong
        }
    }

    /** Hubs that follow one feed shouldn't all think of the next one, or of the first, at the same event. */
    private int spread(int about) {
        return about - about / 4 + random.nextInt(Math.max(1, about / 2));
    }

    /** How many events of this feed the last one has that is known here. */
    int keptEvents() {
        Cursors.FeedName feed = followed.published().feed();
        return last.filter(place -> place.isOf(feed.identity(), feed.incarnation()))
                .map(KeptHistory.Place::events)
                .orElse(0);
    }

    private boolean isDue() {
        return followed.published().view().events() - keptEvents() >= due;
    }

    /** Reads the last one; empty if there is none that can be read. */
    private Optional<KeptHistory> load() {
        try {
            KeptHistory[] found = new KeptHistory[1];
            checkpoints.read(NAME, (in, size) -> {
                SharedHistory.Loaded loaded = SharedHistory.load(random, in, size);
                found[0] = new KeptHistory(loaded.history(), KeptHistory.Place.parse(loaded.place()));
            });
            return Optional.ofNullable(found[0]);
        } catch (SyncException e) {
            LOG.log(
                    Level.INFO,
                    "database {0}: its checkpoint is not used ({1}); reading all of history",
                    database,
                    Reason.of(e));
            wrong = e.kind() == ErrorKind.CORRUPT;
            return Optional.empty();
        }
    }

    /** Writes one on another thread, if it is time to and nobody is at it. */
    void saveSoon(Executor executor) {
        if (isDue() && busy.compareAndSet(false, true)) {
            try {
                executor.execute(() -> {
                    try {
                        save();
                    } finally {
                        busy.set(false);
                    }
                });
            } catch (RejectedExecutionException e) { // the store is closed
                busy.set(false);
            }
        }
    }

    /** Writes one, unless another hub has. One that fails is tried again when as much has come again. */
    private void save() {
        if (closed.getAsBoolean()) {
            return;
        }
        try {
            if (!wrong) {
                stored().filter(place -> place.events() > keptEvents()).ifPresent(this::isThere);
            }
            if (!isDue()) {
                return;
            }
            if (!wrong && !claim()) {
                int events = followed.published().view().events();
                due = events - keptEvents() + spread(pace(events));
                return;
            }
            Optional<Followed.Keepable> now = followed.keep();
            if (now.isPresent()) {
                write(now.get());
            }
        } catch (SyncException e) {
            LOG.log(
                    closed.getAsBoolean() ? Level.DEBUG : Level.INFO,
                    "database {0}: no checkpoint was written: {1}",
                    database,
                    Reason.of(e));
        }
    }

    private void write(Followed.Keepable now) {
        try {
            checkpoints.write(NAME, now.content());
            wrong = false;
            LOG.log(
                    Level.DEBUG,
                    "database {0}: a checkpoint of {1} events was written",
                    database,
                    Integer.toString(now.place().events()));
        } finally {
            isThere(now.place());
        }
    }

    /** Where the last one was that anybody has written. */
    private Optional<KeptHistory.Place> stored() {
        try {
            KeptHistory.Place[] found = new KeptHistory.Place[1];
            checkpoints.read(NAME, (in, size) -> found[0] = KeptHistory.Place.parse(SharedHistory.place(in, size)));
            return Optional.ofNullable(found[0]);
        } catch (SyncException e) {
            LOG.log(Level.DEBUG, "the last checkpoint cannot be read, and is replaced", e);
            return Optional.empty();
        }
    }
}
