package dev.livesync.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code ./livesync bench}. */
@Command(
        name = "livesync bench",
        description = "Measures LiveSync. docs/benchmarks.md says what the figures mean.",
        mixinStandardHelpOptions = true,
        versionProvider = Main.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            InitialCommand.class,
            LiveCommand.class,
            ManyCommand.class,
            CompareCommand.class,
            ScaleModelCommand.class,
            DatabaseCommand.class,
            FindingCommand.class,
            PostgresCommand.class,
            AlongsideCommand.class,
            WebRtcCommand.class,
            ThroughputCommand.class,
            PeerCommand.class,
            Libp2pPeerCommand.class
        })
public final class Main {
    private Main() {}

    /**
     * Runs one command and ends the process: 0 if it did what it should, 1 if not, 2 if it was called wrongly.
     *
     * @param args the command and its options
     */
    public static void main(String[] args) {
        CommandLine line = new CommandLine(new Main());
        line.addSubcommand(new CommandLine(new MicroCommand()).setUnmatchedOptionsArePositionalParams(true));
        System.exit(line.execute(args));
    }

    /** What {@code --version} prints. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"livesync bench " + Main.class.getPackage().getImplementationVersion()};
        }
    }
}
