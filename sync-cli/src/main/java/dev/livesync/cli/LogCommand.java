package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.control.FileAccess;
import dev.livesync.database.Database;
import dev.livesync.database.versions.DocumentVersion;
import dev.livesync.database.versions.History;
import dev.livesync.database.versions.KnownPeer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Prints what was written, the newest first: the event, what it did, the document's id.",
            "\"holds\" is what the document is now, \"lost\" is what is in conflict with it (see livesync conflicts).",
            "Of one document with its content."
        })
final class LogCommand implements Callable<Integer>, Routed {
    /** A picture of more is none that anybody looks at. */
    private static final int DRAWN = 5_000;

    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Parameters(index = "1", arity = "0..1", paramLabel = "ID", description = "only this document, with its content")
    private @Nullable String id;

    @Option(names = "--limit", paramLabel = "N", description = "at most so many events")
    private @Nullable Integer limit;

    @Option(names = "--acks", description = "say of each which peers are known to have it, as far as they have said so")
    private boolean acks;

    @Option(names = "--graph", description = "draw beside it how the events build on each other")
    private boolean graph;

    @Option(names = "--svg", paramLabel = "FILE", description = "draw that into a file, of at most 5,000 events")
    private @Nullable Path svg;

    LogCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public List<Path> writes() {
        return svg == null ? List.of() : List.of(svg);
    }

    @Override
    public Integer call() throws IOException {
        if (id != null && (graph || svg != null)) {
            throw new SyncException(
                    ErrorKind.INVALID_ARGUMENT, "a drawing is of all documents, since events build on each other's");
        }
        try (DatabaseUse use = Databases.read(console, directory)) {
            Database database = use.database();
            History history = database.history();
            Stream<DocumentVersion> all = id == null ? history.versions() : history.versions(id);
            Iterator<DocumentVersion> versions = (limit == null ? all : all.limit(limit)).iterator();
            if (id != null && !versions.hasNext()) {
                throw new SyncException(
                        ErrorKind.NOT_FOUND, "there never was a document \"" + id + "\" in " + directory);
            }
            if (svg != null) {
                draw(versions, svg);
            } else {
                print(versions, acks ? history.peers() : List.of());
            }
        }
        return 0;
    }

    private void print(Iterator<DocumentVersion> versions, List<KnownPeer> peers) {
        Lanes lanes = new Lanes();
        while (versions.hasNext()) {
            DocumentVersion version = versions.next();
            List<KnownPeer> by =
                    peers.stream().filter(peer -> peer.has(version.event())).toList();
            String suffix = acks ? PeerNames.acknowledged(by) : "";
            if (output.json) {
                Map<String, Object> fields = VersionLines.fields(version, id != null);
                if (acks) {
                    fields.put(
                            "acknowledgedBy",
                            by.stream().map(PeerNames::identity).toList());
                }
                console.print(JsonOutput.line(fields) + "\n");
            } else if (graph) {
                Lanes.Row row = lanes.next(version.event(), version.parents());
                LaneText.lines(row, VersionLines.line(version) + suffix).forEach(line -> console.print(line + "\n"));
            } else {
                console.print((id == null ? VersionLines.line(version) : VersionLines.lineWithContent(version)) + suffix
                        + "\n");
            }
        }
        console.flush();
    }

    private void draw(Iterator<DocumentVersion> versions, Path file) throws IOException {
        LaneDrawing drawing = new LaneDrawing();
        int count = 0;
        for (; versions.hasNext() && count < DRAWN; count++) {
            drawing.add(versions.next());
        }
        try (FileAccess.TargetFile target = console.files().create(file, true)) {
            target.stream().write(drawing.svg().getBytes(StandardCharsets.UTF_8));
            target.keep();
        }
        console.note("drew the newest " + count + " events");
        if (output.json) {
            console.result(JsonOutput.object("drawn", count, "file", file.toString()));
        }
    }
}
