package dev.livesync.cli;

import dev.livesync.Endpoint;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.web.StatusServer;
import dev.livesync.grant.Grants;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Listens, prints the address to dial on one line, its secret included, and serves whoever dials it until the "
                    + "process is interrupted.",
            "Whoever has that line can read and write the database: carry it over a path you trust.",
            "Where the database has grants (see grant), the address has no secret of its own unless one is given: each "
                    + "caller has that of a grant, and its rights."
        })
final class ListenCommand implements Callable<Integer> {
    private final Console console;
    private final CommandRunner runner;

    @Mixin
    private final LongOutput output = new LongOutput();

    @Mixin
    private final ListeningReach reach = new ListeningReach();

    @Mixin
    private final StatusPageOptions status = new StatusPageOptions();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(
            index = "1",
            paramLabel = "ADDRESS",
            description =
                    "where to listen, such as ws://127.0.0.1:9000/ or libp2p:/ip4/127.0.0.1/tcp/9000; port 0 takes a free one")
    private String address = "";

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description =
                    "use the secret in this file, so that the address stays the same; if there is no such file, one is "
                            + "made that only its owner can read, with a new secret")
    private @Nullable Path secretFile;

    @Option(
            names = "--allow-origin",
            paramLabel = "ORIGIN",
            description =
                    "let pages of this origin dial, such as https://app.example or socket://com.example.app; may be repeated. "
                            + "All others are turned away, whatever secret they have")
    private Set<String> origins = new LinkedHashSet<>();

    ListenCommand(Console console, CommandRunner runner) {
        this.console = console;
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        reach.allowOrigins(origins);
        try (Interruption interruption = new Interruption();
                ServedDatabase served = ServedDatabase.open(directory, console, "listen", runner);
                Progress progress = Progress.start(console, output, "syncing", "events", -1);
                Reporter reporter = new Reporter(console, progress);
                Sync sync = reach.sync(served.database(), reporter, console);
                Endpoint endpoint = Waiting.on(sync.listen(address(), grants()));
                @Nullable StatusServer page = status.start(console, served::monitored)) {
            served.serves(sync);
            console.result(output.json ? JsonOutput.object("address", endpoint.address()) : endpoint.address());
            if (page != null) {
                console.result(output.json ? JsonOutput.object("statusPage", page.address()) : page.address());
            }
            if (endpoint.address().equals(endpoint.publicAddress())) {
                console.note("for those who have a grant: append its secret to the address after a #");
            }
            reach.pin().ifPresent(pin -> console.note("certificate: dial with --pin " + pin));
            console.note("listening at " + endpoint.publicAddress() + ", stop with Ctrl-C");
            interruption.enter(Interruption.Phase.SERVING);
            Waiting.on(interruption.asked());
        }
        return 0;
    }

    private Grants grants() {
        return Grants.inDirectory(directory);
    }

    /** Where to listen, with the address's own secret: one that was given, or a new one where there are no grants. */
    private String address() throws IOException {
        String place = Reach.address(address);
        if (secretFile != null) {
            String secret = Secrets.readOrCreate(secretFile, console);
            if (place.indexOf('#') >= 0) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "the address has a secret, and --secret-file is another; give one");
            }
            return place + "#" + secret;
        }
        return place.indexOf('#') >= 0 || !grants().list().isEmpty() ? place : place + "#" + Secrets.random();
    }
}
