package dev.livesync.it.delivery;

import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.database.Database;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** The accepting end of round after round, told by lines what to do; a process of its own, where the transport has it so. */
public final class Accepting implements AutoCloseable {
    /** As long as it takes on a machine that has much else to do: here it counts whether, not how fast. */
    static final SyncLimits PATIENT = SyncLimits.builder()
            .deliveryTime(Duration.ofSeconds(60))
            .connectTime(Duration.ofMinutes(3))
            .build();

    private final DeliveryTransport wire;
    private final Path scratch;
    private Database database = Database.inMemory();
    private Sync sync = new Sync(database);

    Accepting(DeliveryTransport wire, Path scratch) {
        this.wire = wire;
        this.scratch = scratch;
    }

    /**
     * Runs as a process of its own.
     *
     * @param arguments the wire and a directory
     * @throws Exception whatever goes wrong
     */
    public static void main(String[] arguments) throws Exception {
        try (Load load = new Load();
                Accepting accepting = new Accepting(DeliveryTransport.valueOf(arguments[0]), Path.of(arguments[1]))) {
            BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                System.out.println("> " + accepting.handle(line));
            }
        }
    }

    /** Does what a line says, and answers with a line. */
    String handle(String line) throws Exception {
        String[] words = line.split(" ", -1);
        return switch (words[0]) {
            case "accept" -> accept(words[1]);
            case "backlog" -> {
                sync.backlog().get(2, TimeUnit.MINUTES);
                yield "done";
            }
            case "put" -> {
                database.put(words[1], "{\"last\":true}");
                yield "done";
            }
            case "putAndClose" -> {
                database.put(words[1], "{\"last\":true}");
                sync.close();
                yield "done";
            }
            case "close" -> {
                sync.close();
                yield "done";
            }
            case "has" -> String.valueOf(database.get(words[1]).isPresent());
            default -> throw new IOException(line);
        };
    }

    private String accept(String offer) throws Exception {
        close();
        database = Database.inMemory();
        Sync.Builder builder = Sync.builder(database).limits(PATIENT);
        wire.set(builder, scratch);
        sync = builder.build();
        return sync.accept(offer).get(2, TimeUnit.MINUTES);
    }

    @Override
    public void close() {
        sync.close();
        database.close();
    }
}
