package dev.livesync.it.cli;

import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process that overwrites a few documents and compacts without a pause, until it is killed. Each line it prints is a durable number. */
public final class Compacting implements AutoCloseable {
    static final int DOCUMENTS = 40;

    private final Process process;
    private final BufferedReader out;

    private Compacting(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static DatabaseOptions options() {
        return DatabaseOptions.builder().segmentBytes(1 << 16).build();
    }

    /** Starts it; the first number is {@code from}. */
    static Compacting start(Path directory, int from) throws IOException {
        return new Compacting(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Compacting.class.getName(),
                        directory.toString(),
                        Integer.toString(from))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start());
    }

    /** Waits for some more numbers, kills it, and gives the last number that it had printed; -1 if there was none. */
    int killAfter(int lines) throws IOException, InterruptedException {
        List<String> numbers = new ArrayList<>();
        for (String line = out.readLine(); line != null; line = out.readLine()) {
            numbers.add(line);
            if (numbers.size() == lines) {
                process.toHandle()
                        .destroyForcibly(); // Process's own closes the pipe, and with it goes what was printed and not
                // read yet
            }
        }
        process.waitFor();
        return numbers.isEmpty() ? -1 : Integer.parseInt(numbers.get(numbers.size() - 1));
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        out.close();
    }

    public static void main(String[] args) {
        Database db = Database.open(Path.of(args[0]), options());
        Thread compactor = new Thread(() -> {
            while (true) {
                db.compact();
            }
        });
        compactor.setDaemon(true);
        compactor.start();
        for (int i = Integer.parseInt(args[1]); !System.out.checkError(); i++) {
            db.put("d" + i % DOCUMENTS, "{\"n\":" + i + "}");
            System.out.println(i);
        }
    }
}
