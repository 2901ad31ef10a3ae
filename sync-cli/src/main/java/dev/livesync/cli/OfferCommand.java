package dev.livesync.cli;

import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.grant.Grants;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Prints an offer on one line, reads the answer to it from standard input, and keeps both databases equal until the "
                    + "process is interrupted or the other side leaves.",
            "Offer and answer hold secrets: carry them over a path you trust."
        })
final class OfferCommand implements Callable<Integer> {
    private final Console console;
    private final CommandRunner runner;

    @Mixin
    private final LongOutput output = new LongOutput();

    @Mixin
    private final ListeningReach reach = new ListeningReach();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Option(
            names = "--transport",
            paramLabel = "ID",
            required = true,
            description = "what carries the data, such as websocket or webrtc")
    private String transport = "";

    @Option(
            names = "--listen",
            paramLabel = "ADDRESS",
            description = "where the other side is to find this one, for transports that have addresses, such as "
                    + "ws://192.0.2.7:9000/; by default a free port that only this machine can reach")
    private @Nullable String listen;

    @Option(
            names = "--grant",
            paramLabel = "NAME",
            description =
                    "give the other side the rights of this grant of the database's (see grant), and end when that does; "
                            + "by default it may read and write everything")
    private @Nullable String grant;

    @Option(names = "--once", description = "leave as soon as both sides are equal")
    private boolean once;

    @Mixin
    private final Alphas alphas = new Alphas();

    OfferCommand(Console console, CommandRunner runner) {
        this.console = console;
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        try (Interruption interruption = new Interruption();
                ServedDatabase served = ServedDatabase.open(directory, console, "offer", runner);
                Progress progress = Progress.start(console, output, "syncing", "events", -1);
                Reporter reporter = new Reporter(console, progress);
                Sync sync = sync(served.database(), reporter);
                OpenOffer proposal = Waiting.on(open(sync))) {
            served.serves(sync);
            console.result(output.json ? JsonOutput.object("offer", proposal.text()) : proposal.text());
            interruption.enter(Interruption.Phase.READING);
            String answer = SignalInput.read(console.in(), "an answer");
            interruption.enter(Interruption.Phase.WORKING);
            try (Session session = Waiting.on(proposal.connect(answer))) {
                if (once) {
                    Serving.once(console, output, served.database(), session, reach.fetchesAttachments());
                } else {
                    Serving.untilStopped(session, interruption);
                }
            }
        }
        return 0;
    }

    private CompletableFuture<OpenOffer> open(Sync sync) {
        return grant == null
                ? sync.openOffer(transport)
                : sync.openOffer(transport, Grants.inDirectory(directory), grant);
    }

    private Sync sync(Database database, Reporter reporter) throws IOException {
        Sync.Builder builder = alphas.allowed(reach.builder(database, reporter, console));
        return (listen == null ? builder : builder.listenAddress(transport, Reach.address(listen))).build();
    }
}
