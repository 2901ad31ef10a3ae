package dev.livesync.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** The microbenchmarks, by JMH's own command line. */
@Command(
        name = "jmh",
        description = {
            "Runs the microbenchmarks.",
            "Everything after 'jmh' is JMH's own: -l lists them, -f 1 -wi 3 -i 3 Cid runs a few quickly, -h explains."
        })
final class MicroCommand implements Callable<Integer> {
    @Parameters(description = "What JMH understands.")
    private List<String> arguments = new ArrayList<>();

    @Override
    public Integer call() throws Exception {
        org.openjdk.jmh.Main.main(arguments.toArray(String[]::new));
        return 0;
    }
}
