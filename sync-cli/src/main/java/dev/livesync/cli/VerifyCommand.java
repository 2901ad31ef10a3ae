package dev.livesync.cli;

import dev.livesync.database.Database;
import dev.livesync.database.Verification;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Hashes every stored block again and checks that nothing it needs is missing. One line for each thing "
                        + "that is wrong, and exit code 1 if there is any.")
final class VerifyCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    VerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Verification found;
        try (Database database = Databases.open(directory);
                Progress progress = Progress.start(console, output, "verifying", "blocks", -1)) {
            found = database.verify((done, total) -> {
                progress.total(total);
                progress.to(done);
            });
        }
        if (output.json) {
            console.result(Json.object(
                    "ok", found.ok(),
                    "blocks", found.blocks(),
                    "bytes", found.bytes(),
                    "events", found.events(),
                    "pending", found.pending(),
                    "trees", found.trees(),
                    "problems", found.problems()));
        } else {
            found.problems().forEach(problem -> console.out().print("bad: " + problem + "\n"));
            console.result((found.ok() ? "all is well: " : "checked: ") + found.blocks() + " blocks, " + found.bytes()
                    + " bytes, " + found.events() + " events, " + found.pending() + " pending");
        }
        if (found.ok()) {
            return 0;
        }
        console.error(directory + " has " + found.problems().size() + " problems");
        return 1;
    }
}
