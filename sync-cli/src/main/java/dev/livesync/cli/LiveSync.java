package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.IExecutionStrategy;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command: runs the subcommand, and turns its outcome into one line and an exit code. Lambdas for picocli's handlers would keep those out of the launcher's
 * archive of classes, since picocli is compiled for a very old Java.
 */
@Command(
        name = "livesync",
        mixinStandardHelpOptions = true,
        versionProvider = BuildVersion.class,
        description = "Keeps document databases in step, from peer to peer.",
        synopsisSubcommandLabel = "COMMAND",
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done", "1:failed; one line on standard error says why", "2:wrong usage"},
        footerHeading = "%nEnvironment:%n",
        footer = "  LIVESYNC_DEBUG=1  also print the stack trace of a failure")
final class LiveSync implements Runnable, IParameterExceptionHandler, IExecutionStrategy, IExecutionExceptionHandler {
    private static final String HELP = "help";

    /** In the order of the help. */
    private static final List<String> COMMANDS = List.of(
            "demo",
            "import",
            "export",
            "backup",
            "restore",
            "get",
            "put",
            "delete",
            "query",
            "attach",
            "extract",
            "erase",
            "forget-past",
            "log",
            "conflicts",
            "revert",
            "watch",
            "status",
            "top",
            "verify",
            "forget",
            "tck-report",
            "listen",
            "grant",
            "grants",
            "revoke",
            "dial",
            "join",
            "offer",
            "accept",
            "web",
            "serve",
            "reload",
            HELP);

    private final Console console;

    @Spec
    @SuppressWarnings("NullAway.Init") // by picocli, before anything runs
    private CommandSpec spec;

    LiveSync(Console console) {
        this.console = console;
    }

    /** Runs one command line and returns the exit code. */
    int run(String... args) {
        console.json(Arrays.stream(args).takeWhile(word -> !word.equals("--")).anyMatch("--json"::equals));
        try {
            int code = commandLine(args).execute(args);
            console.out().flush();
            return code;
        } catch (Throwable e) { // Errors pass picocli's handlers
            return failed(e);
        }
    }

    /** Runs what another process wants done. */
    static int run(Console console, List<String> arguments) {
        return new LiveSync(console).run(arguments.toArray(new String[0]));
    }

    /** With all commands. */
    CommandLine commandLine() {
        return commandLine(COMMANDS);
    }

    /** With the one command that is called, as far as that is plain: to describe all of them takes longer than to run most. */
    private CommandLine commandLine(String... args) {
        String first = args.length == 0 ? "" : args[0];
        if (first.equals("--version") && args.length == 1) {
            return commandLine(List.of());
        }
        return commandLine(!first.equals(HELP) && COMMANDS.contains(first) ? List.of(first) : COMMANDS);
    }

    /** Not a map of lambdas, of which the JVM would make classes in each process. */
    private Object command(String name) {
        return switch (name) {
            case "demo" -> new DemoCommand(console);
            case "import" -> new ImportCommand(console);
            case "export" -> new ExportCommand(console);
            case "backup" -> new BackupCommand(console);
            case "restore" -> new RestoreCommand(console);
            case "get" -> new GetCommand(console);
            case "put" -> new PutCommand(console);
            case "delete" -> new DeleteCommand(console);
            case "query" -> new QueryCommand(console);
            case "attach" -> new AttachCommand(console);
            case "extract" -> new ExtractCommand(console);
            case "erase" -> new EraseCommand(console);
            case "forget-past" -> new ForgetPastCommand(console);
            case "log" -> new LogCommand(console);
            case "conflicts" -> new ConflictsCommand(console);
            case "revert" -> new RevertCommand(console);
            case "watch" -> new WatchCommand(console);
            case "status" -> new StatusCommand(console);
            case "top" -> new TopCommand(console);
            case "verify" -> new VerifyCommand(console);
            case "forget" -> new ForgetCommand(console);
            case "tck-report" -> new TckReportCommand(console);
            case "listen" -> new ListenCommand(console, LiveSync::run);
            case "grant" -> new GrantCommand(console);
            case "grants" -> new GrantsCommand(console);
            case "revoke" -> new RevokeCommand(console);
            case "dial" -> new DialCommand(console, LiveSync::run);
            case "join" -> new JoinCommand(console, LiveSync::run);
            case "offer" -> new OfferCommand(console, LiveSync::run);
            case "accept" -> new AcceptCommand(console, LiveSync::run);
            case "web" -> new WebCommand(console, LiveSync::run);
            case "serve" -> new ServeCommand(console, LiveSync::run);
            case "reload" -> new ReloadCommand(console);
            case HELP -> new CommandLine.HelpCommand();
            default -> throw new IllegalArgumentException(name);
        };
    }

    private CommandLine commandLine(List<String> names) {
        CommandLine line = new CommandLine(this);
        names.forEach(name -> line.addSubcommand(name, command(name)));
        line.setOut(new PrintWriter(console.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(console.err(), true, StandardCharsets.UTF_8));
        line.setUsageHelpAutoWidth(true);
        line.setExpandAtFiles(console.held().isEmpty()); // where the command was given, they have been
        line.setParameterExceptionHandler(this);
        line.setExecutionStrategy(this);
        line.setExecutionExceptionHandler(this);
        return line;
    }

    @Override
    public int handleParseException(ParameterException e, String[] arguments) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        console.error("USAGE", usage(e) + meant(e) + " (see " + command + " --help)");
        return 2;
    }

    @Override
    public int execute(ParseResult parsed) {
        Arguments.check(parsed);
        return Routing.execute(parsed, console);
    }

    @Override
    public int handleExecutionException(Exception e, CommandLine command, ParseResult parsed) {
        return failed(e);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "name a command");
    }

    private int failed(Throwable e) {
        console.error(kind(e).name(), message(e));
        console.trace(e);
        return 1;
    }

    private static String usage(ParameterException e) {
        if (e instanceof UnmatchedArgumentException unmatched
                && !unmatched.isUnknownOption()
                && !e.getCommandLine().getSubcommands().isEmpty()) {
            return "there is no command " + unmatched.getUnmatched().get(0);
        }
        return String.valueOf(e.getMessage());
    }

    /** Suggests what was meant by a mistyped word. */
    private static String meant(ParameterException e) {
        List<String> near = e instanceof UnmatchedArgumentException unmatched ? unmatched.getSuggestions() : List.of();
        return near.isEmpty() ? "" : "; did you mean " + near.get(0) + "?";
    }

    private static ErrorKind kind(Throwable e) {
        if (e instanceof SyncException s) {
            return s.kind();
        }
        if (e instanceof NoSuchFileException) {
            return ErrorKind.NOT_FOUND;
        }
        if (e instanceof IOException || e instanceof UncheckedIOException) {
            return ErrorKind.STORAGE;
        }
        if (e instanceof InvalidPathException) {
            return ErrorKind.INVALID_ARGUMENT;
        }
        return e instanceof OutOfMemoryError ? ErrorKind.LIMIT_EXCEEDED : ErrorKind.INTERNAL;
    }

    private static String message(Throwable e) {
        if (e instanceof SyncException s) {
            return (s.kind() == ErrorKind.INTERNAL ? "internal error: " : "") + s.getMessage();
        }
        if (e instanceof IOException || e instanceof UncheckedIOException || e instanceof InvalidPathException) {
            return Reason.of(e);
        }
        if (e instanceof OutOfMemoryError) {
            return "not enough memory (LIVESYNC_JAVA_OPTS=-Xmx1g gives more)";
        }
        return "internal error: " + e + " (LIVESYNC_DEBUG=1 shows where)";
    }
}
