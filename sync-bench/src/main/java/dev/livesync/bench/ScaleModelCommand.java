package dev.livesync.bench;

import dev.livesync.bench.capacity.ScaleModel;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The arithmetic of docs/scale.md. */
@Command(
        name = "scale",
        description =
                "What many hubs on one store need, worked out from what was measured: the tables of docs/scale.md, or those of another load.",
        mixinStandardHelpOptions = true,
        showDefaultValues = true)
final class ScaleModelCommand implements Callable<Integer> {
    @Option(names = "--clients", paramLabel = "N", description = "Connected at a time.")
    private long clients = ScaleModel.MILLION.clients();

    @Option(names = "--databases", paramLabel = "N", description = "Of equally many clients each.")
    private long databases = ScaleModel.MILLION.databases();

    @Option(names = "--writes", paramLabel = "N", description = "An hour, of one client.")
    private double writes = ScaleModel.MILLION.writesPerHour();

    @Option(names = "--events", paramLabel = "N", description = "In the history of a database.")
    private long events = ScaleModel.MILLION.events();

    @Override
    public Integer call() {
        System.out.print(new ScaleModel(clients, databases, writes, events).page());
        return 0;
    }
}
