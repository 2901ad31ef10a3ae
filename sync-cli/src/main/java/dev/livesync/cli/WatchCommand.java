package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.ChangesSince;
import dev.livesync.database.Document;
import dev.livesync.database.DocumentChange;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Prints a line for each document that is put or deleted, until it is stopped.",
            "Whoever writes the database may have it open meanwhile: this only reads, and looks now and then. "
                    + "Several changes of one document between two looks are one."
        })
final class WatchCommand implements Callable<Integer>, Routed {
    private static final int LEAST_MILLIS = 50;

    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Option(names = "--all", description = "begin with the documents that are there already")
    private boolean all;

    @Option(
            names = "--every",
            paramLabel = "MS",
            description = "look every so many milliseconds, 50 at least (default: ${DEFAULT-VALUE})")
    private int every = 500;

    @Option(names = "--limit", paramLabel = "N", description = "end after so many changes")
    private @Nullable Long limit;

    private long printed;

    WatchCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    /** What is there already is told from the files: all of it at once may be more than the other process has memory for. */
    @Override
    public boolean isRouted() {
        return !all;
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
        try (Interruption interruption = console.interruption()) {
            ChangeFollower follower = console.held()
                    .map(held -> (ChangeFollower) new DatabaseFollower(held.database()))
                    .orElseGet(() -> new DirectoryFollower(directory, all));
            interruption.enter(Interruption.Phase.SERVING);
            var stopped = interruption.asked();
            console.note("watching " + directory);
            while (!stopped.isDone() && !isEnough()) {
                follower.look(this::print);
                if (!isEnough()) {
                    Waiting.pause(stopped, Duration.ofMillis(every));
                }
            }
        }
        return 0;
    }

    private boolean isEnough() {
        return limit != null && printed >= limit;
    }

    private void print(ChangesSince changes) {
        for (DocumentChange change : changes.changes()) {
            if (isEnough()) {
                break;
            }
            console.print((output.json ? JsonOutput.line(fields(change)) : text(change)) + "\n");
            printed++;
        }
        console.flush();
    }

    private static String verb(DocumentChange change) {
        return change.document().isPresent() ? "put" : "delete";
    }

    private static String text(DocumentChange change) {
        return verb(change) + " " + JsonOutput.line(change.id())
                + (change.isLocal() ? " here" : " elsewhere")
                + (change.isConflict() ? " in conflict" : change.isSettled() ? " settled" : "")
                + change.document().map(document -> " " + document.json()).orElse("");
    }

    private static Map<String, Object> fields(DocumentChange change) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", change.id());
        fields.put("did", verb(change));
        fields.put("here", change.isLocal());
        fields.put("conflict", change.isConflict());
        fields.put("settled", change.isSettled());
        List.of(Map.entry("before", change.before()), Map.entry("after", change.document()))
                .forEach(side -> content(side.getValue()).ifPresent(json -> fields.put(side.getKey(), json)));
        return fields;
    }

    private static Optional<JsonOutput.RawJson> content(Optional<Document> document) {
        return document.map(content -> new JsonOutput.RawJson(content.json()));
    }
}
