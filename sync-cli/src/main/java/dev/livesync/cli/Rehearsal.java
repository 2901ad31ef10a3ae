package dev.livesync.cli;

/** Runs what is run most, in one process: the JVM keeps the classes that it loads, and later ones only map them. For the launcher. */
final class Rehearsal {
    private Rehearsal() {}

    /**
     * Runs the commands.
     *
     * @param args where to make a database for it
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
            {"delete", database, "a"},
            {"demo"}
        };
        int worst = 0;
        for (String[] line : lines) {
            worst = Math.max(worst, Main.run(console, line));
        }
        System.exit(worst);
    }
}
