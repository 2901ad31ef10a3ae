package dev.livesync.database;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Another process that opens a database, says so, and writes until it is killed. Each line it prints is a durable id. */
public final class WriterProcess implements AutoCloseable {
    private final Process process;
    private final BufferedReader out;

    private WriterProcess(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    static WriterProcess start(Path directory, String prefix) throws IOException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-XX:TieredStopAtLevel=1",
                        "-cp",
                        System.getProperty("java.class.path"),
                        WriterProcess.class.getName(),
                        directory.toString(),
                        prefix)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        return new WriterProcess(process);
    }

    /** The next line; null after the end. */
    String line() throws IOException {
        return out.readLine();
    }

    /** Kills it, and gives the lines that it had printed. */
    List<String> kill() throws IOException, InterruptedException {
        process.toHandle()
                .destroyForcibly(); // Process's own closes the pipe, and with it goes what was printed and not read yet
        process.waitFor();
        List<String> lines = new ArrayList<>();
        for (String line = line(); line != null; line = line()) {
            lines.add(line);
        }
        return lines;
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.destroyForcibly().waitFor();
        out.close();
    }

    public static void main(String[] args) {
        try (Database db = Database.open(Path.of(args[0]))) {
            System.out.println("open");
            for (int i = 0; !System.out.checkError(); i++) {
                String id = args[1] + i;
                if (i % 5 == 4) {
                    db.write(b -> b.put(id, "{\"batch\":true}").put(id + "+", "{\"batch\":true}"));
                } else {
                    db.put(id, "{\"n\":" + i + "}");
                }
                System.out.println(id);
            }
        }
    }
}
