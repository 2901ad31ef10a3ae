package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.grant.Grants;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        mixinStandardHelpOptions = true,
        description =
                "Takes a grant away: nobody is let in with its secret any more, and sessions that were opened with it end.")
final class RevokeCommand implements Callable<Integer> {
    private final Console console;

    @Mixin
    private final Output output = new Output();

    @Parameters(index = "0", paramLabel = "DIR", description = "the database's directory")
    private Path directory = Path.of("");

    @Parameters(index = "1", paramLabel = "NAME", description = "the grant's name")
    private String name = "";

    RevokeCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        Databases.requirePresent(directory);
        if (!Grants.inDirectory(directory).revoke(name)) {
            throw new SyncException(
                    ErrorKind.NOT_FOUND, "there is no grant " + name + " in " + directory + " (grants lists them)");
        }
        console.result(output.json ? JsonOutput.object("revoked", name) : "revoked " + name);
        return 0;
    }
}
