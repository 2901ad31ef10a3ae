package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import dev.livesync.database.Fidelity;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(mixinStandardHelpOptions = true, description = "Writes one document, durably.")
final class PutCommand implements Callable<Integer>, Routed {
    /** More than any spelling of the largest document takes, and little enough to read into the memory of a process that does other things. */
    private static final int MAX_BYTES = 64 << 20;

    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; made if there is none")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "ID", description = "the document's id")
    private String id = "";

    @Parameters(
            index = "2",
            arity = "0..1",
            paramLabel = "JSON",
            description = "the document, a JSON object; read from standard input if absent")
    private @Nullable String json;

    @Option(
            names = "--exact",
            description =
                    "refuse a document that can't be kept as it is; by default it is changed as JavaScript would, and a "
                            + "line says so")
    private boolean exact;

    PutCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() throws IOException {
        String text = json != null ? json : standardInput();
        Document document = document(text); // before a directory is made for nothing
        try (DatabaseUse use = Databases.openOrCreate(console, directory)) {
            Database database = use.database();
            String event = database.put(document).toString();
            console.result(output.json ? JsonOutput.object("stored", id, "event", event) : "stored " + id);
        }
        return 0;
    }

    /** Reads standard input like an import: bytes that are no text are refused, since another text would be stored. */
    private String standardInput() throws IOException {
        byte[] bytes = console.in().readNBytes(MAX_BYTES + 1);
        if (bytes.length > MAX_BYTES) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "standard input has more than " + MAX_BYTES + " bytes, too many for a document");
        }
        byte[] start = Arrays.copyOf(bytes, Math.min(bytes.length, Encoding.BYTES));
        Encoding encoding = Encoding.of(start);
        int mark = encoding.markBytes(start);
        StringWriter text = new StringWriter();
        try (Reader in = new TextReader(new ByteArrayInputStream(bytes, mark, bytes.length - mark), encoding)) {
            in.transferTo(text);
            return text.toString();
        } catch (SyncException e) {
            throw new SyncException(e.kind(), "standard input, " + e.getMessage(), e);
        }
    }

    private Document document(String text) {
        try {
            return Document.of(id, text);
        } catch (SyncException e) {
            if (exact || e.kind() != ErrorKind.INVALID_ARGUMENT) {
                throw e;
            }
            Document document = Document.of(id, text, Fidelity.JAVASCRIPT);
            console.note("changed as JavaScript would: " + e.getMessage() + "; --exact refuses that");
            return document;
        }
    }
}
