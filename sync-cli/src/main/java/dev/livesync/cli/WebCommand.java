package dev.livesync.cli;

import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.web.PageServer;
import dev.livesync.database.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Serves a page on this machine and keeps the database equal with every browser that has it open, until the process "
                    + "is interrupted. Prints the address to open on one line.",
            "The page holds a database of its own and syncs over WebRTC; examples/browser in the source is one to begin with."
        })
final class WebCommand implements Callable<Integer> {
    private final Console console;
    private final CommandRunner runner;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "PAGE", description = "the page's directory, with an index.html")
    private Path page = Path.of("");

    @Option(
            names = "--port",
            paramLabel = "PORT",
            description = "where; by default a free one, or with --secret-file one that stays the same, if it is free")
    private @Nullable Integer port;

    @Option(
            names = "--secret-file",
            paramLabel = "FILE",
            description =
                    "use the secret in this file, so that the address stays the same and open pages find their way back; if there "
                            + "is no such file, one is made that only its owner can read, with a new secret")
    private @Nullable Path secretFile;

    WebCommand(Console console, CommandRunner runner) {
        this.console = console;
        this.runner = runner;
    }

    private PageServer server(String secret, Database database, Sync sync) throws IOException {
        if (port == null && secretFile != null) {
            try {
                return PageServer.start(PageServer.usualPort(secret), page, database.replica(), sync, secret);
            } catch (SyncException e) {
                if (e.kind() != ErrorKind.IN_USE) {
                    throw e;
                }
                console.note("the usual port is taken: this address is another one");
            }
        }
        return PageServer.start(port == null ? 0 : port, page, database.replica(), sync, secret);
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isRegularFile(page.resolve("index.html"))) {
            throw new SyncException(ErrorKind.NOT_FOUND, "no page at " + page + ": it has no index.html");
        }
        String secret = secretFile == null ? Secrets.random() : Secrets.readOrCreate(secretFile, console);
        try (Interruption interruption = new Interruption();
                ServedDatabase served = ServedDatabase.open(directory, console, "web", runner);
                Reporter reporter = new Reporter(console, Progress.none());
                // The page is an alpha. It has shown its token, and what it signals goes nowhere but through this
                // machine.
                Sync sync = Sync.builder(served.database())
                        .listener(reporter)
                        .allowAlpha(true)
                        .build();
                PageServer server = server(secret, served.database(), sync)) {
            served.serves(sync);
            console.result(output.json ? JsonOutput.object("address", server.address()) : server.address());
            console.note("serving " + page + ", stop with Ctrl-C");
            interruption.enter(Interruption.Phase.SERVING);
            Waiting.on(interruption.asked());
        }
        return 0;
    }
}
