package dev.livesync.cli;

import dev.livesync.api.Reason;
import java.util.OptionalLong;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;

/** Prints warnings that the modules log: one line each, without stack traces, and at a limited rate. */
final class LogLines extends Handler {
    private final Console console;
    private final Throttle throttle = new Throttle(System::nanoTime);
    private final SimpleFormatter messages = new SimpleFormatter();

    private LogLines(Console console) {
        this.console = console;
        setLevel(Level.WARNING);
    }

    /** Installs this handler in the process, unless its user has configured the JDK's logging. */
    static void install(Console console) {
        if (System.getProperty("java.util.logging.config.file") == null
                && System.getProperty("java.util.logging.config.class") == null) {
            LogManager.getLogManager().reset();
            LogManager.getLogManager().getLogger("").addHandler(new LogLines(console));
        }
    }

    @Override
    public void publish(LogRecord entry) {
        if (!isLoggable(entry)) {
            return;
        }
        OptionalLong before = throttle.admit();
        if (before.isEmpty()) {
            return;
        }
        Throwable thrown = entry.getThrown();
        console.note("warning: " + messages.formatMessage(entry) + (thrown == null ? "" : ": " + Reason.of(thrown))
                + (before.getAsLong() == 0 ? "" : " (after " + before.getAsLong() + " more warnings)"));
        if (thrown != null) {
            console.trace(thrown);
        }
    }

    @Override
    public void flush() {}

    /** Called at the end of the process. */
    @Override
    public void close() {
        long rest = throttle.rest();
        if (rest > 0) {
            console.note(rest + " more warnings");
        }
    }
}
