package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.database.Database;
import dev.livesync.database.maintenance.ForgetResult;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description = {
            "Takes events out of a database, and all that was written on top of them: the way on after a peer has refused "
                    + "what was written here.",
            "The database as it was stays beside it, as DIR.before-forget. A peer that has the events brings them back."
        })
final class ForgetCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory; nobody has it open")
    private Path directory = Path.of("");

    @Parameters(
            index = "1..*",
            arity = "1..*",
            paramLabel = "EVENT",
            description = "the CIDs of events, such as the one that a refusal names")
    private List<String> events = List.of();

    ForgetCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Databases.requirePresent(directory);
        ForgetResult result =
                Database.forget(directory, events.stream().map(Cid::parse).toList());
        console.result(
                output.json
                        ? JsonOutput.object(
                                "forgotten", result.forgotten(),
                                "kept", result.kept(),
                                "before", result.before().toString())
                        : result.forgotten() + " events forgotten, " + result.kept() + " kept; as it was: "
                                + result.before());
        return 0;
    }
}
