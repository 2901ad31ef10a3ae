package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.cli.control.ControlClient;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.ExecutionException;
import picocli.CommandLine.ParseResult;

/** Runs a command where its database is open: in the process that holds it, or else here. */
final class Routing {
    private Routing() {}

    static int execute(ParseResult parsed, Console console) {
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        Routed command = last.commandSpec().userObject() instanceof Routed routed
                        && routed.isRouted()
                        && !last.isUsageHelpRequested()
                        && !last.isVersionHelpRequested()
                ? routed
                : null;
        if (console.held().isPresent()) {
            if (command == null) {
                throw new SyncException(
                        ErrorKind.REFUSED, "this command does not run in the process that has the database open");
            }
            return new CommandLine.RunLast().execute(parsed);
        }
        if (command == null) {
            return here(parsed, null);
        }
        String whyNot = null;
        try {
            Optional<ControlClient> found = ControlClient.connect(command.directory(), BuildVersion.text());
            if (found.isPresent()) {
                try (ControlClient client = found.get()) {
                    return there(client, parsed.expandedArgs(), command, console);
                }
            }
        } catch (SyncException e) {
            if (e.kind() != ErrorKind.IN_USE) {
                throw e;
            }
            whyNot = e.getMessage();
        }
        return here(parsed, whyNot);
    }

    private static int there(ControlClient client, List<String> arguments, Routed command, Console console) {
        Set<Path> reads = new HashSet<>(command.reads());
        Set<Path> writes = new HashSet<>(command.writes());
        if (!command.endsWhenAsked()) {
            return client.run(arguments, console.debug(), console.surroundings(), reads, writes);
        }
        try (Interruption interruption = new Interruption()) {
            interruption.enter(Interruption.Phase.SERVING);
            var unused = interruption.asked().thenRun(client::interrupt);
            return client.run(arguments, console.debug(), console.surroundings(), reads, writes);
        }
    }

    /** Runs it here; where that can't be since the database is in use, says why it didn't go through, too. */
    private static int here(ParseResult parsed, @Nullable String whyNot) {
        try {
            return new CommandLine.RunLast().execute(parsed);
        } catch (ExecutionException e) {
            if (whyNot != null && e.getCause() instanceof SyncException s && s.kind() == ErrorKind.IN_USE) {
                SyncException both = new SyncException(
                        ErrorKind.IN_USE,
                        s.getMessage() + " (this command could not go through it: " + whyNot + ")",
                        s);
                throw new ExecutionException(e.getCommandLine(), both.getMessage(), both);
            }
            throw e;
        }
    }
}
