package dev.livesync.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Shows progress on one line of standard error, which is removed at the end. If that is no terminal and progress was asked for, prints a
 * line now and then. Any thread.
 *
 * <p>Not from a library: those that were looked at ask the terminal for its size through native code, which they unpack into
 * the folder for temporary files, and leave their last line standing.
 */
final class Progress implements AutoCloseable {
    /** One less than the narrowest terminal's: some wrap after the last column. */
    private static final int COLUMNS = 79;

    private static final int BAR = 24;
    private static final long REDRAW = Duration.ofMillis(100).toNanos();
    private static final long RELOG = Duration.ofSeconds(5).toNanos();
    private static final long SETTLED = Duration.ofSeconds(1).toNanos();

    private final @Nullable Console console;
    private final boolean terminal;
    private final String task;
    private final String unit;
    private final LongSupplier nanoTime;
    private final long begin;
    private long total;
    private long done;
    private long shown;
    private boolean begun;

    private Progress(
            @Nullable Console console, boolean terminal, String task, String unit, long total, LongSupplier nanoTime) {
        this.console = console;
        this.terminal = terminal;
        this.task = task;
        this.unit = unit;
        this.total = total;
        this.nanoTime = nanoTime;
        this.begin = nanoTime.getAsLong();
    }

    /**
     * Starts showing progress.
     *
     * @param task what is done, in a word
     * @param unit what is counted, a plural; {@code bytes} are shown in kB, MB or GB
     * @param total how many there are, negative if that is not known
     */
    static Progress start(Console console, Output output, String task, String unit, long total) {
        return start(console, output, task, unit, total, System::nanoTime);
    }

    static Progress start(Console console, Output output, String task, String unit, long total, LongSupplier nanoTime) {
        Boolean asked = output.progress();
        boolean terminal = !Boolean.FALSE.equals(asked) && console.isTerminal();
        boolean wanted = asked != null ? asked : terminal;
        return new Progress(wanted ? console : null, terminal, task, unit, total, nanoTime);
    }

    /** Shows nothing. */
    static Progress none() {
        return new Progress(null, false, "", "", -1, () -> 0);
    }

    /** Sets how many are done. */
    synchronized void to(long count) {
        done = count;
        if (console == null) {
            return;
        }
        long now = nanoTime.getAsLong();
        if (!begun || now - shown >= (terminal ? REDRAW : RELOG)) {
            begun = true;
            shown = now;
            show(console, now);
        }
    }

    /** Corrects the total. */
    synchronized void total(long count) {
        total = count;
    }

    /** Hides the line while there is nothing to do. */
    synchronized void rest() {
        if (console != null && terminal) {
            console.bar("");
        }
    }

    private void show(Console to, long now) {
        if (terminal) {
            to.bar(line(now - begin));
        } else {
            to.note(line(now - begin));
        }
    }

    /** The line to show after a time in nanoseconds. */
    synchronized String line(long nanos) {
        StringBuilder text = new StringBuilder(task);
        long percent = total > 0 ? Math.min(100, done * 100 / total) : -1;
        String end = ' ' + counts() + rest(nanos);
        if (percent >= 0) {
            text.append(String.format(Locale.ROOT, " %3d %%", percent));
            int width = Math.min(BAR, COLUMNS - text.length() - end.length() - 3);
            if (width >= 5) {
                int full = (int) (width * percent / 100);
                text.append(" [")
                        .append("=".repeat(full))
                        .append(" ".repeat(width - full))
                        .append(']');
            }
        }
        text.append(end);
        return text.length() > COLUMNS ? text.substring(0, COLUMNS) : text.toString();
    }

    private String counts() {
        if (unit.equals("bytes")) {
            return bytes(done) + (total > 0 ? " of " + bytes(total) : "");
        }
        return number(done) + (total > 0 ? " of " + number(total) : "") + ' ' + unit;
    }

    /** The rate and the remaining time, once they are meaningful. */
    private String rest(long nanos) {
        if (nanos < SETTLED || done <= 0) {
            return "";
        }
        double rate = done * 1e9 / nanos;
        String text = ", " + (unit.equals("bytes") ? bytes((long) rate) : number((long) rate)) + "/s";
        return total > done ? text + ", " + time((long) ((total - done) / rate)) + " left" : text;
    }

    private static String number(long n) {
        return String.format(Locale.ROOT, "%,d", n);
    }

    private static String bytes(long n) {
        if (n < 1_000) {
            return n + " B";
        }
        String[] units = {"kB", "MB", "GB", "TB"};
        double value = n / 1e3;
        int at = 0;
        while (value >= 999.95 && at < units.length - 1) {
            value /= 1e3;
            at++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, units[at]);
    }

    private static String time(long seconds) {
        if (seconds < 100) {
            return seconds + " s";
        }
        return seconds < 6_000 ? seconds / 60 + " min" : seconds / 3_600 + " h";
    }

    /** Removes the line; where lines are printed, leaves the last one. */
    @Override
    public synchronized void close() {
        if (console == null) {
            return;
        }
        if (terminal) {
            console.bar("");
        } else {
            console.note(line(nanoTime.getAsLong() - begin));
        }
    }
}
