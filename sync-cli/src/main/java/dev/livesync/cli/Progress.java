package dev.livesync.cli;

import me.tongfei.progressbar.ConsoleProgressBarConsumer;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;
import org.jspecify.annotations.Nullable;

/** A bar on standard error, where somebody sees it, and nothing elsewhere. Any thread. */
final class Progress implements AutoCloseable {
    /** Fits every terminal; asking for its width would let a library touch its settings. */
    private static final int WIDTH = 78;

    private final @Nullable ProgressBar bar;

    private Progress(@Nullable ProgressBar bar) {
        this.bar = bar;
    }

    /**
     * Starts a bar.
     *
     * @param task what is done, in a word or two
     * @param unit what is counted
     * @param total how many there are, negative if that is not known
     */
    static Progress start(Console console, Output output, String task, String unit, long total) {
        boolean wanted = output.progress != null ? output.progress : console.isTerminal();
        if (!wanted) {
            return new Progress(null);
        }
        return new Progress(new ProgressBarBuilder()
                .setTaskName(task)
                .setUnit(" " + unit, 1)
                .setInitialMax(total)
                .setStyle(ProgressBarStyle.ASCII)
                .setUpdateIntervalMillis(200)
                .showSpeed()
                .setConsumer(new ConsoleProgressBarConsumer(console.err(), WIDTH))
                .build());
    }

    void to(long done) {
        if (bar != null) {
            bar.stepTo(done);
        }
    }

    /** Corrects what {@link #start} was told. */
    void total(long total) {
        if (bar != null) {
            bar.maxHint(total);
        }
    }

    /** Leaves the last state of the bar on a line of its own. */
    @Override
    public void close() {
        if (bar != null) {
            bar.close();
        }
    }
}
