package dev.livesync.cli;

import dev.livesync.database.erasure.ErasureResult;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Erases for good what documents have ever named (see attach), here and at every peer that syncs and honours it, and deletes the documents.",
            "The text of documents stays in the history, and so does what backups, older builds and alphas have."
        })
final class EraseCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "ID",
            description = "the documents' ids, of now or of the past")
    private List<String> ids = List.of();

    EraseCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() {
        try (DatabaseUse use = Databases.open(console, directory)) {
            ErasureResult done = use.database().erasures().erase(ids);
            if (output.json) {
                Map<String, Object> fields = new LinkedHashMap<>();
                fields.put(
                        "erased",
                        done.roots().stream().map(Object::toString).sorted().toList());
                fields.put("deleted", done.documents());
                fields.put("freed", done.freed());
                fields.put("remaining", done.remaining());
                console.result(JsonOutput.line(fields));
            } else {
                console.result("erased " + done.roots().size() + " contents, deleted " + done.documents()
                        + " documents; the files are " + done.freed() + " bytes shorter");
            }
        }
        return 0;
    }
}
