package dev.livesync.cli;

import dev.livesync.database.Database;
import dev.livesync.database.maintenance.RepairResult;
import dev.livesync.database.maintenance.Verification;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Hashes every stored block again and checks that nothing it needs is missing. One line for each thing "
                        + "that is wrong, and exit code 1 if there is any.")
final class VerifyCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final LongOutput output = new LongOutput();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Option(
            names = "--repair",
            description =
                    "keep all that is intact, in files written anew; damaged ones stay, as FILE.damaged. Sync afterwards: "
                            + "peers bring what was lost")
    private boolean repair;

    VerifyCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Databases.requirePresent(directory);
        if (repair) {
            return mend();
        }
        Verification found;
        try (Progress progress = Progress.start(console, output, "verifying", "blocks", -1)) {
            found = Database.verify(directory, (done, total) -> {
                progress.total(total);
                progress.to(done);
            });
        }
        if (output.json) {
            console.result(JsonOutput.object(
                    "ok", found.ok(),
                    "blocks", found.blocks(),
                    "bytes", found.bytes(),
                    "events", found.events(),
                    "pending", found.pending(),
                    "trees", found.trees(),
                    "problems", found.problems()));
        } else {
            found.problems().forEach(problem -> console.print("bad: " + problem + "\n"));
            console.result((found.ok() ? "all is well: " : "checked: ") + found.blocks() + " blocks, " + found.bytes()
                    + " bytes, " + found.events() + " events, " + found.pending() + " pending");
        }
        if (found.ok()) {
            return 0;
        }
        console.error("CORRUPT", directory + " has " + problems(found));
        return 1;
    }

    private int mend() {
        RepairResult result = Database.repair(directory);
        Verification after = result.after();
        if (output.json) {
            console.result(JsonOutput.object(
                    "ok", after.ok(),
                    "files", result.segments(),
                    "salvaged", result.salvaged(),
                    "events", after.events(),
                    "pending", after.pending(),
                    "problems", result.problems()));
        } else {
            result.problems().forEach(problem -> console.print("was bad: " + problem + "\n"));
            console.result(result.segments() + " files written anew, " + result.salvaged() + " blocks salvaged; now "
                    + after.events() + " events, " + after.pending() + " pending");
        }
        if (after.ok()) {
            return 0;
        }
        console.error(
                "CORRUPT",
                directory + " still has " + problems(after) + ": "
                        + after.problems().get(0));
        return 1;
    }

    private static String problems(Verification found) {
        int n = found.problems().size();
        return n + (n == 1 ? " problem" : " problems");
    }
}
