package dev.livesync.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.web.StatusReport;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Shows what the process does that has a database open: its sessions, how far they are behind, what passes, who was turned away. "
                    + "Goes on until it is interrupted.",
            "What the status page of listen shows in a browser."
        })
final class TopCommand implements Callable<Integer>, Routed {
    private static final int LEAST_MILLIS = 200;
    private static final String TO_TOP = "\u001b[H\u001b[2J";

    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Option(
            names = "--every",
            paramLabel = "MILLIS",
            description = "how often to look, by default every ${DEFAULT-VALUE} ms",
            defaultValue = "2000")
    private int every = 2_000;

    @Option(
            names = "--rows",
            paramLabel = "COUNT",
            description =
                    "how many sessions of each database a terminal shows, those that are furthest behind, by default ${DEFAULT-VALUE}; "
                            + "--once and a pipe have all of them",
            defaultValue = "15")
    private int rows = 15;

    @Option(names = "--once", description = "print it once, and end")
    private boolean once;

    TopCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public boolean endsWhenAsked() {
        return true;
    }

    @Override
    public Integer call() {
        if (every < LEAST_MILLIS) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "--every is at least " + LEAST_MILLIS);
        }
        if (rows < 1) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "--rows is at least 1");
        }
        HeldDatabase held = console.held()
                .orElseThrow(() -> new SyncException(
                        ErrorKind.NOT_FOUND, "no process has " + directory + " open; serve, listen, dial and join do"));
        try (Interruption interruption = console.interruption()) {
            interruption.enter(Interruption.Phase.SERVING);
            var stopped = interruption.asked();
            JsonNode before = null;
            do {
                JsonNode now = StatusReport.of(held.monitored().get(), Instant.now());
                show(now, before);
                before = now;
                if (!once) {
                    Waiting.pause(stopped, Duration.ofMillis(every));
                }
            } while (!once && !stopped.isDone());
        }
        return 0;
    }

    private void show(JsonNode now, @Nullable JsonNode before) {
        if (output.json) {
            console.result(now.toString());
            return;
        }
        boolean screen = !once && console.outputIsTerminal();
        if (screen) {
            console.out().print(TO_TOP);
        }
        console.result(TopScreen.of(now, before, screen ? rows : Integer.MAX_VALUE));
    }
}
