package dev.livesync.cli;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;

/** Refuses arguments that no command takes, before any command begins. Messages quote no address, since it may hold a secret. */
final class Arguments {
    private static final String DIRECTORY = "DIR";
    private static final String ADDRESS = "ADDRESS";
    private static final String LIMIT = "--limit";

    /** Options that must not be empty. An empty value comes from an unset shell variable; as a path it would mean the current folder. */
    private static final Set<String> NAMES = Set.of(DIRECTORY, "FILE", "PAGE", ADDRESS);

    private static final Pattern LIKE_AN_ADDRESS =
            Pattern.compile("(?i)(wss?:|libp2p:|memory:|[a-z][a-z0-9+.-]*://|/(ip4|ip6|dns[46]?|dnsaddr)/).*");

    private Arguments() {}

    /**
     * Checks the arguments.
     *
     * @throws ParameterException if it is wrong usage
     */
    static void check(ParseResult parsed) {
        for (ParseResult at = parsed; at != null; at = at.hasSubcommand() ? at.subcommand() : null) {
            CommandLine command = at.commandSpec().commandLine();
            for (ArgSpec argument : at.matchedArgs()) {
                for (String value : argument.originalStringValues()) {
                    check(command, argument, value);
                }
            }
        }
    }

    private static void check(CommandLine command, ArgSpec argument, String value) {
        String label = argument.paramLabel();
        if (argument instanceof OptionSpec option
                && option.longestName().equals(LIMIT)
                && argument.getValue() instanceof Number limit
                && limit.longValue() < 1) {
            throw new ParameterException(command, LIMIT + " is at least 1, not " + limit);
        }
        if (!NAMES.contains(label)) {
            return;
        }
        if (value.isEmpty()) {
            String what = argument instanceof OptionSpec option ? option.longestName() + " " + label : label;
            throw new ParameterException(command, what + " is empty");
        }
        if (value.indexOf('\0') >= 0) {
            throw new ParameterException(command, label + " has a null character, which no name has");
        }
        if (label.equals(DIRECTORY) && LIKE_AN_ADDRESS.matcher(value).matches() && !isThere(value)) {
            boolean other = command.getCommandSpec().positionalParameters().stream()
                    .anyMatch(p -> p.paramLabel().equals(ADDRESS));
            throw new ParameterException(
                    command,
                    other
                            ? "the directory comes first, then the address: "
                                    + command.getCommandSpec().qualifiedName() + " DIR ADDRESS"
                            : "DIR is an address, which is no directory");
        }
    }

    private static boolean isThere(String name) {
        try {
            return Files.isDirectory(Path.of(name));
        } catch (InvalidPathException e) {
            return false;
        }
    }
}
