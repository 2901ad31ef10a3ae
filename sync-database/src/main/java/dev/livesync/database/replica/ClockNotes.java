package dev.livesync.database.replica;

import dev.livesync.api.Cid;
import dev.livesync.api.Reason;
import dev.livesync.database.columns.ImageReader;
import dev.livesync.database.columns.ImageWriter;
import dev.livesync.database.log.SegmentLog;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The clocks that a database had, and how long ago at least, in a file of its own that is begun when somebody first asks. Events carry no time, so only the replica itself can tell what was there when.
 *
 * <p><strong>Time is counted</strong>, not read: between two moments at which this is asked or told something at most a day passes, and none if the system's clock went back. So a clock that jumps ahead, by however much, costs a day,
 * which {@link #before} adds to what it is asked for; any other error makes what is noted look younger. A file that can't be read is begun anew.
 */
final class ClockNotes {
    private static final System.Logger LOG = System.getLogger(ClockNotes.class.getName());

    static final String FILE = "clocks.idx";
    private static final long MAGIC = 0x4c6976436c6f636bL;
    private static final int VERSION = 1;

    /** What passes at most from one moment to the next. */
    static final long MOST_STEP = Duration.ofDays(1).toMillis();

    /** So far apart are notes. */
    private static final long APART = Duration.ofHours(1).toMillis();

    /** With more, every second one of the older half goes. */
    static final int MOST = 512;

    /** A longer clock isn't noted. */
    private static final int MOST_HEADS = 10_000;

    private final SegmentLog log;
    private final InstantSource time;
    // Guarded by this.
    private final List<Note> notes = new ArrayList<>();
    private long counted;
    private long last;
    private boolean begun;
    private boolean changed;

    /** A clock, and what had been counted when the database had it. */
    private record Note(long counted, List<Cid> heads) {}

    private ClockNotes(SegmentLog log, InstantSource time) {
        this.log = log;
        this.time = time;
    }

    /** Reads the file, if there is one. */
    static ClockNotes load(SegmentLog log, InstantSource time) {
        ClockNotes notes = new ClockNotes(log, time);
        try {
            log.side(FILE).load(notes::read);
        } catch (IOException | RuntimeException e) {
            notes.notes.clear();
            notes.begun = false;
            LOG.log(
                    Level.WARNING,
                    "what was noted of earlier clocks cannot be read, so the past is forgotten later: {0}",
                    Reason.of(e));
        }
        return notes;
    }

    private void read(ImageReader in) {
        if (in.getLong() != MAGIC || in.getInt() != VERSION) {
            throw new ImageReader.DamagedException("it is of another format");
        }
        boolean mine = in.getLong() == log.database().getMostSignificantBits()
                && in.getLong() == log.database().getLeastSignificantBits();
        long sum = in.getLong();
        long when = in.getLong();
        List<Note> read = new ArrayList<>();
        for (int count = in.getCount(Long.BYTES + Integer.BYTES); count > 0; count--) {
            long at = in.getLong();
            List<Cid> heads = new ArrayList<>();
            for (int left = in.getCount(Cid.BYTES); left > 0; left--) {
                byte[] head = new byte[Cid.BYTES];
                in.getBytes(head, head.length);
                heads.add(Cid.fromBytes(head, 0));
            }
            read.add(new Note(at, List.copyOf(heads)));
        }
        in.finish();
        if (mine) {
            notes.addAll(read);
            counted = sum;
            last = when;
            begun = true;
        }
    }

    /** Begins to note, if it hasn't begun. */
    synchronized void begin() {
        if (!begun) {
            begun = true;
            changed = true;
            last = time.millis();
        }
    }

    /** Whether so much time has passed that there is something to note. */
    synchronized boolean isDue() {
        return begun && (notes.isEmpty() || now() - counted >= APART || time.millis() < last);
    }

    /** What has been counted by now. */
    private long now() {
        return counted + Math.max(0, Math.min(MOST_STEP, time.millis() - last));
    }

    /**
     * Notes a clock, if it has begun, and the clock is another one than that of the last note.
     *
     * @param heads what the database has now or had before
     */
    synchronized void note(List<Cid> heads) {
        if (!begun) {
            return;
        }
        counted = now();
        last = time.millis();
        changed = true;
        Note newest = notes.isEmpty() ? null : notes.get(notes.size() - 1);
        boolean known = newest != null && newest.heads.equals(heads);
        boolean early = newest != null && counted - newest.counted < APART;
        if (!known && !early && heads.size() <= MOST_HEADS) {
            notes.add(new Note(counted, heads));
            if (notes.size() > MOST) {
                for (int i = MOST / 2; i > 0; i -= 2) {
                    notes.remove(i);
                }
            }
        }
    }

    /**
     * Finds a clock that the database had so long ago.
     *
     * @param age how long; not negative
     * @return the newest of these clocks; empty if none was noted
     */
    synchronized Optional<List<Cid>> before(Duration age) {
        long most = Long.MAX_VALUE - MOST_STEP;
        long millis = age.compareTo(Duration.ofMillis(most)) > 0 ? most : age.toMillis();
        long latest = now() - (millis + MOST_STEP);
        for (int i = notes.size() - 1; i >= 0; i--) {
            if (notes.get(i).counted <= latest) {
                return Optional.of(notes.get(i).heads);
            }
        }
        return Optional.empty();
    }

    /** Writes the file, if there is anything new. One thread at a time. */
    void save() throws IOException {
        List<Note> all;
        long sum;
        long when;
        synchronized (this) {
            if (!changed) {
                return;
            }
            changed = false;
            all = List.copyOf(notes);
            sum = counted;
            when = last;
        }
        log.side(FILE).save(out -> write(out, all, sum, when));
    }

    private void write(ImageWriter out, List<Note> all, long sum, long when) {
        out.putLong(MAGIC);
        out.putInt(VERSION);
        out.putLong(log.database().getMostSignificantBits());
        out.putLong(log.database().getLeastSignificantBits());
        out.putLong(sum);
        out.putLong(when);
        out.putInt(all.size());
        all.forEach(note -> {
            out.putLong(note.counted);
            out.putInt(note.heads.size());
            note.heads.forEach(head -> out.putBytes(head.toByteArray(), Cid.BYTES));
        });
    }
}
