package dev.livesync.cli;

import java.util.List;

/** Runs what is run most, in one process: the JVM notes the classes that it loads, and later ones map them. For the launcher and the zip. */
final class Rehearsal {
    private Rehearsal() {}

    /**
     * Runs the commands.
     *
     * @param args where to make a database for it, and "demo" for that, too
     */
    public static void main(String[] args) {
        Console console = Console.system();
        LogLines.install(console);
        String database = args[0];
        String[][] lines = {
            {"--version"},
            {"put", database, "a", "{\"n\":1}"},
            {"get", database, "a"},
            {"query", database},
            {"log", database},
            {"status", database},
            {"grants", database},
            {"delete", database, "a"}
        };
        int worst = 0;
        for (String[] line : lines) {
            worst = Math.max(worst, Main.run(console, line));
        }
        for (String more : List.of(args).subList(1, args.length)) {
            worst = Math.max(worst, Main.run(console, more));
        }
        System.exit(worst);
    }
}
