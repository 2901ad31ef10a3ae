package dev.livesync.cli;

import dev.livesync.database.attachments.Attachments;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "forget-past",
        mixinStandardHelpOptions = true,
        description = {
            "Removes what only earlier versions of documents name (see attach), here and on this replica alone. The documents and their histories stay.",
            "With --keep, time counts from the first call on, so call it daily, say."
        })
final class ForgetPastCommand implements Callable<Integer>, Routed {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @ArgGroup(multiplicity = "1")
    private Kept kept = new Kept();

    /** One of them. */
    static final class Kept {
        @Option(
                names = "--keep",
                paramLabel = "TIME",
                description = "how long what was written over stays, such as 12h or 30d, and up to a day more")
        private @Nullable String time;

        @Option(
                names = "--versions",
                paramLabel = "N",
                description = "of how many versions of each document that were written over it stays")
        private int versions;
    }

    ForgetPastCommand(Console console) {
        this.console = console;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public Integer call() {
        Duration time = kept.time == null ? null : Expiry.duration("--keep", kept.time);
        try (DatabaseUse use = Databases.open(console, directory)) {
            Attachments attachments = use.database().attachments();
            long freed = time == null ? attachments.forgetPast(kept.versions) : attachments.forgetPast(time);
            console.result(
                    output.json
                            ? JsonOutput.object("freed", freed, "bytes", attachments.bytes())
                            : "the files are " + freed + " bytes shorter; what documents name takes "
                                    + attachments.bytes() + " bytes");
        }
        return 0;
    }
}
