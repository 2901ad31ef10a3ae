package dev.livesync.cli;

/** The entry point of the {@code livesync} command. */
public final class Main {
    private Main() {}

    /**
     * Runs one command and ends the process with its exit code: 0 for success, 1 for a failure (one line on standard error), 2
     * for wrong usage.
     *
     * @param args the subcommand and its arguments; {@code --help} lists them
     */
    public static void main(String[] args) {
        Console console = Console.system();
        LogLines.install(console);
        int code = run(console, args);
        // What a command prints is for programs: no native library says goodbye there. Closed, it leads to nowhere.
        System.out.close();
        System.exit(code);
    }

    /** Runs one command; the exit code. */
    static int run(Console console, String... args) {
        return new LiveSync(console).run(args);
    }
}
