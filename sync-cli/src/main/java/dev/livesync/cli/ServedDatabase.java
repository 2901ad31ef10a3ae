package dev.livesync.cli;

import dev.livesync.Sync;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.cli.control.ControlServer;
import dev.livesync.cli.hub.HubHost.StoredDatabase;
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
    private final HeldDatabase held;
    private final AtomicReference<@Nullable Sync> sync;
    private final @Nullable ControlServer control;
    private final Runnable end;

    /** What runs here, and what has other processes' commands run. */
    private record Runs(Console console, String command, CommandRunner runner) {}

    private ServedDatabase(
            HeldDatabase held, AtomicReference<@Nullable Sync> sync, @Nullable ControlServer control, Runnable end) {
        this.held = held;
        this.sync = sync;
        this.control = control;
        this.end = end;
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
        StoreMark.refuse(directory);
        Database database = Database.open(directory, options);
        AtomicReference<@Nullable Sync> sync = new AtomicReference<>();
        HeldDatabase held = new HeldDatabase(
                database.replica(),
                () -> database,
                () -> database.history().peers(),
                reload,
                () -> List.of(new MonitoredDatabase(name(directory), database, sync.get())));
        return serve(directory, held, sync, new Runs(console, command, runner), database::close);
    }

    /**
     * Serves a database that is in a store. Its documents are worked out when a command asks for them.
     *
     * @param stored stays its owner's
     * @throws SyncException as {@link StoreMark#take}
     */
    static ServedDatabase over(
            StoredDatabase stored, Console console, String command, CommandRunner runner, Supplier<String> reload) {
        StoreMark mark = StoreMark.take(stored.directory(), stored.place());
        SharedDocuments documents = new SharedDocuments(stored.replica());
        AtomicReference<@Nullable Sync> sync = new AtomicReference<>();
        HeldDatabase held = new HeldDatabase(
                stored.replica(),
                documents::get,
                List::of, // whom a store knows takes its documents to tell: log --acks does
                reload,
                () -> List.of(new MonitoredDatabase(
                        name(stored.directory()), stored.replica(), null, stored.problem(), sync.get())));
        return serve(stored.directory(), held, sync, new Runs(console, command, runner), () -> {
            documents.close();
            mark.close();
        });
    }

    private static ServedDatabase serve(
            Path directory, HeldDatabase held, AtomicReference<@Nullable Sync> sync, Runs runs, Runnable end) {
        boolean opened = false;
        try {
            ServedDatabase served = new ServedDatabase(held, sync, control(directory, held, runs), end);
            opened = true;
            return served;
        } finally {
            if (!opened) {
                end.run();
            }
        }
    }

    private static @Nullable ControlServer control(Path directory, HeldDatabase held, Runs runs) {
        try {
            return ControlServer.open(
                    directory,
                    new ControlServer.Holder(BuildVersion.text(), runs.command),
                    (arguments, debug, around, interrupted) ->
                            runs.runner.run(Console.remote(around, debug, held, interrupted), arguments),
                    runs.console::note);
        } catch (IOException | SyncException e) {
            runs.console.note("warning: no socket in " + directory
                    + ", so other commands cannot write there meanwhile: " + Reason.of(e));
            return null;
        }
    }

    /** The database with its documents; those of one in a store are worked out the first time. */
    Database database() {
        return held.database();
    }

    /** Says what keeps the database in step from now on, for those who ask for its status. */
    void serves(Sync newSync) {
        sync.set(newSync);
    }

    /** The database with its name and what keeps it in step. */
    List<MonitoredDatabase> monitored() {
        return held.monitored().get();
    }

    private static String name(Path directory) {
        return String.valueOf(directory.toAbsolutePath().normalize().getFileName());
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
            end.run();
        }
    }
}
