package dev.livesync.tck.standalone;

import java.io.UncheckedIOException;
import picocli.CommandLine;

/** The entry point of {@code java -jar sync-tck-standalone.jar}. */
public final class Main {
    private Main() {}

    /**
     * Runs the kit and ends the process: with 0 if everything conforms, 1 if something doesn't, 2 if it could not be run, 3 if only some
     * rules were asked for and none is broken.
     *
     * @param args {@code --help} lists them
     */
    public static void main(String[] args) {
        CommandLine command = new CommandLine(new VerdictCommand());
        command.getCommandSpec().version(String.valueOf(Main.class.getPackage().getImplementationVersion()));
        command.setExecutionExceptionHandler((failure, line, parsed) -> {
            if (!(failure instanceof NotRunException) && !(failure instanceof UncheckedIOException)) {
                throw failure;
            }
            line.getErr().println("could not run: " + failure.getMessage());
            return VerdictCommand.NOT_RUN;
        });
        int code = command.execute(args);
        System.out.flush();
        System.exit(code); // a broken transport may leave threads behind
    }
}
