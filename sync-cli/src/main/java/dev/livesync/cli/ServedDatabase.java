package dev.livesync.cli;

import dev.livesync.Sync;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.cli.control.ControlServer;
import dev.livesync.cli.web.MonitoredDatabase;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** A database that is open for long, and that other commands use meanwhile, through this process. */
final class ServedDatabase implements AutoCloseable {
    private final Database database;
    private final AtomicReference<@Nullable Sync> sync;
    private final Path directory;
    private final @Nullable ControlServer control;

    private ServedDatabase(
            Path directory, Database database, AtomicReference<@Nullable Sync> sync, @Nullable ControlServer control) {
        this.directory = directory;
        this.database = database;
        this.sync = sync;
        this.control = control;
    }

    /**
     * Opens a database, or creates one.
     *
     * @param command what runs here
     * @param runner runs the commands of other processes
     * @throws SyncException as {@link Database#open(Path)}
     */
    static ServedDatabase open(Path directory, Console console, String command, CommandRunner runner) {
        return open(directory, DatabaseOptions.defaults(), console, command, runner, null);
    }

    /** As {@link #open(Path, Console, String, CommandRunner)}, with a configuration that can be read again. */
    static ServedDatabase open(
            Path directory,
            DatabaseOptions options,
            Console console,
            String command,
            CommandRunner runner,
            @Nullable Supplier<String> reload) {
        Database database = Database.open(directory, options);
        boolean opened = false;
        try {
            AtomicReference<@Nullable Sync> sync = new AtomicReference<>();
            HeldDatabase held = new HeldDatabase(database, reload, () -> monitored(directory, database, sync));
            ServedDatabase served =
                    new ServedDatabase(directory, database, sync, control(directory, console, command, runner, held));
            opened = true;
            return served;
        } finally {
            if (!opened) {
                database.close();
            }
        }
    }

    private static @Nullable ControlServer control(
            Path directory, Console console, String command, CommandRunner runner, HeldDatabase held) {
        try {
            return ControlServer.open(
                    directory,
                    new ControlServer.Holder(BuildVersion.text(), command),
                    (arguments, debug, around, interrupted) ->
                            runner.run(Console.remote(around, debug, held, interrupted), arguments),
                    console::note);
        } catch (IOException | SyncException e) {
            console.note("warning: no socket in " + directory + ", so other commands cannot write there meanwhile: "
                    + Reason.of(e));
            return null;
        }
    }

    Database database() {
        return database;
    }

    /** Says what keeps the database in step from now on, for those who ask for its status. */
    void serves(Sync newSync) {
        sync.set(newSync);
    }

    /** The database with its name and what keeps it in step. */
    List<MonitoredDatabase> monitored() {
        return monitored(directory, database, sync);
    }

    private static List<MonitoredDatabase> monitored(
            Path directory, Database database, AtomicReference<@Nullable Sync> sync) {
        Path name = directory.toAbsolutePath().normalize().getFileName();
        return List.of(new MonitoredDatabase(String.valueOf(name), database, sync.get()));
    }

    @Override
    public void close() {
        try {
            if (control != null) {
                control.close();
            }
        } catch (IOException e) {
            // Whoever opens the database next replaces what is left.
        } finally {
            database.close();
        }
    }
}
