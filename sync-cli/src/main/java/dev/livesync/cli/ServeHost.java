package dev.livesync.cli;

import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.replica.Replicated;
import dev.livesync.cli.hub.HubHost;
import dev.livesync.cli.web.MonitoredDatabase;
import dev.livesync.database.DatabaseOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Supplier;

/** What a hub has from {@code serve}: databases that other commands use meanwhile, secrets, and somebody who is told. Any thread. */
final class ServeHost implements HubHost {
    private final Console console;
    private final CommandRunner runner;
    private final DatabaseOptions options;
    private final Optional<Time> time;
    private final Map<Path, ServedDatabase> open = new ConcurrentSkipListMap<>();

    /**
     * Makes one.
     *
     * @param runner runs the commands of other processes
     * @param options of the databases
     * @param time where timers and the time come from; empty for those of the machine
     */
    ServeHost(Console console, CommandRunner runner, DatabaseOptions options, Optional<Time> time) {
        this.console = console;
        this.runner = runner;
        this.options = options;
        this.time = time;
    }

    @Override
    public Optional<Time> time() {
        return time;
    }

    /** The databases of this moment. Two directories of one name have their whole names. */
    List<MonitoredDatabase> monitored() {
        List<MonitoredDatabase> all = new ArrayList<>();
        Set<String> names = new HashSet<>();
        open.forEach((directory, served) -> served.monitored()
                .forEach(one -> all.add(names.add(one.name()) ? one : one.named(directory.toString()))));
        return all;
    }

    @Override
    public OpenedDatabase open(Path directory, Supplier<String> reload) {
        ServedDatabase served = ServedDatabase.open(directory, options, console, "serve", runner, reload);
        return opened(directory, served.database(), served, Optional::empty);
    }

    @Override
    public OpenedDatabase open(StoredDatabase stored, Supplier<String> reload) {
        return opened(
                stored.directory(),
                stored.replica(),
                ServedDatabase.over(stored, console, "serve", runner, reload),
                stored.problem());
    }

    private OpenedDatabase opened(
            Path directory, Replicated database, ServedDatabase served, Supplier<Optional<String>> problem) {
        open.put(directory, served);
        return new OpenedDatabase() {
            @Override
            public Replicated database() {
                return database;
            }

            @Override
            public Optional<String> problem() {
                return problem.get();
            }

            @Override
            public void serves(Sync sync) {
                served.serves(sync);
            }

            @Override
            public void close() {
                open.remove(directory);
                served.close();
            }
        };
    }

    @Override
    public String secret(Path secretFile) throws IOException {
        return Secrets.readOrCreate(secretFile, console);
    }

    @Override
    public SyncListener listener(String name) {
        return new Reporter(console, Progress.none(), name + ": ");
    }

    @Override
    public SyncListener attachments() {
        return new NamedContent();
    }

    @Override
    public void note(String line) {
        console.note(line);
    }
}
