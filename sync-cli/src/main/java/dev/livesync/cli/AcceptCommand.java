package dev.livesync.cli;

import dev.livesync.OpenAnswer;
import dev.livesync.Session;
import dev.livesync.Sync;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Reads an offer from standard input, prints the answer to it on one line, and keeps both databases equal until the "
                    + "process is interrupted or the other side leaves.",
            "An offer that was made with a grant gives this side the rights of that; it takes no other secret.",
            "Offer and answer hold secrets: carry them over a path you trust."
        })
final class AcceptCommand implements Callable<Integer> {
    private final Console console;
    private final CommandRunner runner;

    @Mixin
    private final LongOutput output = new LongOutput();

    @Mixin
    private final DiallingReach reach = new DiallingReach();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Option(names = "--once", description = "leave as soon as both sides are equal")
    private boolean once;

    @Mixin
    private final Alphas alphas = new Alphas();

    AcceptCommand(Console console, CommandRunner runner) {
        this.console = console;
        this.runner = runner;
    }

    @Override
    public Integer call() throws IOException {
        String offer = SignalInput.read(console.in(), "an offer");
        try (Interruption interruption = new Interruption();
                ServedDatabase served = ServedDatabase.open(directory, console, "accept", runner);
                Progress progress = Progress.start(console, output, "syncing", "events", -1);
                Reporter reporter = new Reporter(console, progress);
                Sync sync = alphas.allowed(reach.builder(served.database(), reporter, console))
                        .build();
                OpenAnswer acceptance = Waiting.on(sync.openAnswer(offer))) {
            served.serves(sync);
            console.result(output.json ? JsonOutput.object("answer", acceptance.text()) : acceptance.text());
            try (Session session = Waiting.on(acceptance.session())) {
                if (once) {
                    Serving.once(console, output, served.database(), session, reach.fetchesAttachments());
                } else {
                    Serving.untilStopped(session, interruption);
                }
            }
        }
        return 0;
    }
}
