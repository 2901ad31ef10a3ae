package dev.livesync.cli;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.group.SyncGroup;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Dials a listening address and keeps both databases equal until the process is interrupted.",
            "Where nobody answers, and whenever the connection ends, it dials again, at most 30 seconds later, and says so; it gives "
                    + "up where that can't help: wrong secret, revoked grant, another version, unusable address."
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by a signal, or equal with --once",
            "1:failed; starting it again may help: the database is in use, the disk is full, with --once nobody answers",
            "2:wrong usage",
            "3:gave up, without --once; starting it again helps when somebody has changed something"
        })
final class DialCommand implements Callable<Integer> {
    /** The exit code after which starting it again is of no use until somebody has changed something. */
    static final int GAVE_UP = 3;

    private final Console console;
    private final CommandRunner runner;

    @Mixin
    private final LongOutput output = new LongOutput();

    @Mixin
    private final DiallingReach reach = new DiallingReach();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "ADDRESS",
            description =
                    "what listen printed, such as ws://127.0.0.1:9000/#SECRET, or with the secret of a grant there; "
                            + "without a secret if that comes from elsewhere, because other users of this machine can see a "
                            + "command's arguments")
    private String address = "";

    @Option(
            names = "--once",
            description = "leave as soon as both sides are equal; dials once, too, and fails if nobody answers")
    private boolean once;

    @Option(
            names = "--database",
            paramLabel = "NAME",
            description =
                    "what the other end calls the database, if it serves several at this address; a hub's file has the names")
    private @Nullable String name;

    @ArgGroup
    private @Nullable Source source;

    /** Where the secret is, if not in the address. */
    static final class Source {
        @Option(
                names = "--secret-file",
                paramLabel = "FILE",
                description =
                        "read the secret, the listener's or that of a grant, from a file: the secret alone, or the whole address")
        private @Nullable Path file;

        @Option(names = "--secret-stdin", description = "read it from the first line of standard input")
        private boolean standardInput;
    }

    DialCommand(Console console, CommandRunner runner) {
        this.console = console;
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        String secret = secret();
        try (Interruption interruption = new Interruption();
                ServedDatabase served = ServedDatabase.open(directory, console, "dial", runner);
                Progress progress = Progress.start(console, output, "syncing", "events", -1);
                Reporter reporter = new Reporter(console, progress);
                @Nullable SyncGroup group = name == null ? null : reach.group(console);
                Sync sync = sync(group, served.database(), reporter)) {
            served.serves(sync);
            if (once) {
                once(sync, secret, served.database());
            } else {
                return keep(sync, secret, interruption);
            }
        }
        return 0;
    }

    private Sync sync(@Nullable SyncGroup group, Database database, Reporter reporter) throws IOException {
        return group == null || name == null
                ? reach.sync(database, reporter, console)
                : group.add(name, database, builder -> reach.choose(builder, reporter));
    }

    private void once(Sync sync, @Nullable String secret, Database database) {
        String place = Reach.address(address);
        try (Session session = Waiting.on(secret == null ? sync.dial(place) : sync.dial(place, secret))) {
            Serving.once(console, output, database, session, reach.fetchesAttachments());
        }
    }

    /** Tells a supervisor the failures that dialling again doesn't help. */
    private int keep(Sync sync, @Nullable String secret, Interruption interruption) {
        String place = Reach.address(address);
        try (KeptPeer peer = secret == null ? sync.keep(place) : sync.keep(place, secret)) {
            Serving.untilStopped(peer, interruption);
            return 0;
        } catch (SyncException e) {
            if (interruption.asked().isDone() || e.kind().isTransient()) {
                throw e;
            }
            console.error(e.kind().name(), String.valueOf(e.getMessage()));
            console.trace(e);
            return GAVE_UP;
        }
    }

    private @Nullable String secret() throws IOException {
        if (source != null && source.file != null) {
            return Secrets.read(source.file, console);
        }
        return source != null && source.standardInput ? Secrets.read(console.in(), "standard input") : null;
    }
}
