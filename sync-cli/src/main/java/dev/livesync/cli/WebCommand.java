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

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "PAGE", description = "the page's directory, with an index.html")
    private Path page = Path.of("");

    @Option(names = "--port", paramLabel = "PORT", defaultValue = "0", description = "where; by default a free one")
    private int port;

    WebCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException {
        if (!Files.isRegularFile(page.resolve("index.html"))) {
            throw new SyncException(ErrorKind.NOT_FOUND, "no page at " + page + ": it has no index.html");
        }
        try (Interruption interruption = new Interruption();
                Database database = Databases.openOrCreate(directory);
                Sync sync = Sync.builder(database)
                        .listener(new Reporter(console, Progress.none()))
                        .build();
                PageServer server = PageServer.start(port, page, database.replica(), sync)) {
            console.result(output.json ? Json.object("address", server.address()) : server.address());
            console.note("serving " + page + ", stop with Ctrl-C");
            interruption.enter(Interruption.Phase.SERVING);
            Waiting.on(interruption.asked());
        }
        return 0;
    }
}
