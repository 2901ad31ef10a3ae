package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.versions.DocumentConflict;
import dev.livesync.database.versions.DocumentVersion;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Prints the documents that were changed by writers who didn't know of each other, until somebody writes them again.",
            "Each with all versions: the one that holds, and those that lost, with their weights. The least weight wins, and of "
                    + "equal ones the greatest CID."
        })
final class ConflictsCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Parameters(index = "1", arity = "0..1", paramLabel = "ID", description = "only this document")
    private @Nullable String id;

    @Option(
            names = "--take",
            paramLabel = "EVENT",
            description =
                    "settle the conflict of ID: write the version of this event anew, so that it holds everywhere")
    private @Nullable String event;

    ConflictsCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() {
        if (event != null) {
            return settle(event);
        }
        try (DatabaseUse use = Databases.read(console, directory)) {
            Database database = use.database();
            Stream<DocumentConflict> conflicts =
                    id == null ? database.history().conflicts() : database.history().conflict(id).stream();
            int count = 0;
            for (Iterator<DocumentConflict> each = conflicts.iterator(); each.hasNext(); count++) {
                DocumentConflict conflict = each.next();
                console.print((output.json ? JsonOutput.line(fields(conflict)) : text(conflict)) + "\n");
            }
            console.flush();
            if (!output.json && count == 0) {
                console.note("no conflicts");
            }
        }
        return 0;
    }

    private int settle(String chosen) {
        if (id == null) {
            throw new SyncException(ErrorKind.INVALID_ARGUMENT, "--take needs the document's ID before it");
        }
        Cid cid = Cid.parse(chosen);
        try (DatabaseUse use = Databases.open(console, directory)) {
            Database database = use.database();
            DocumentVersion version = version(database.history().conflict(id), cid);
            String written = database.settle(version).toString();
            console.result(
                    output.json
                            ? JsonOutput.object("settled", id, "event", written)
                            : "settled " + id + (version.isDeletion() ? ": deleted" : ""));
        }
        return 0;
    }

    private DocumentVersion version(Optional<DocumentConflict> conflict, Cid cid) {
        if (conflict.isEmpty()) {
            throw new SyncException(ErrorKind.NOT_FOUND, "document \"" + id + "\" isn't in conflict");
        }
        return conflict.get().versions().stream()
                .filter(version -> version.event().equals(cid))
                .findFirst()
                .orElseThrow(() -> new SyncException(
                        ErrorKind.NOT_FOUND,
                        "event " + cid + " is none of the versions of document \"" + id
                                + "\" that are in conflict; livesync conflicts prints them"));
    }

    private static String text(DocumentConflict conflict) {
        StringBuilder text = new StringBuilder(JsonOutput.line(conflict.id()));
        List<DocumentVersion> versions = conflict.versions();
        for (int i = 0; i < versions.size(); i++) {
            DocumentVersion version = versions.get(i);
            text.append("\n  ")
                    .append(version.event())
                    .append(i == 0 ? " holds" : " lost")
                    .append(", weight ")
                    .append(conflict.weights().get(i))
                    .append(version.json().map(json -> " " + json).orElse(" deleted"));
        }
        return text.toString();
    }

    private static Map<String, Object> fields(DocumentConflict conflict) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("id", conflict.id());
        fields.put(
                "versions",
                IntStream.range(0, conflict.versions().size())
                        .mapToObj(i -> {
                            Map<String, Object> version =
                                    VersionLines.fields(conflict.versions().get(i), true);
                            version.put("weight", conflict.weights().get(i));
                            return version;
                        })
                        .toList());
        return fields;
    }
}
