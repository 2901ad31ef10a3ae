package dev.livesync.it.outside;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Imports by the command, one after the other into the same directory, and each is killed at a random moment. */
final class KilledImports {
    private static final int DOCUMENTS = 3_000;
    /** So many find what the one before has left; then another directory begins, so that it stays quick. */
    private static final int IN_ONE_DIRECTORY = 10;

    private static final int UNTIL_LOOKED_AT = 5;

    private final OutsideCommands commands;
    private final Path root;
    private final Acknowledged acknowledged = new Acknowledged();
    private int kills;

    KilledImports(OutsideCommands commands, Path root) {
        this.commands = commands;
        this.root = root;
    }

    private String name(int kill) {
        return "imports-" + kill / IN_ONE_DIRECTORY;
    }

    private Path directory(int kill) {
        return root.resolve(name(kill));
    }

    /** One more. */
    void kill(SplittableRandom random) throws IOException, InterruptedException {
        Path records = records(kills);
        Process process = commands.start("import", directory(kills).toString(), records.toString(), "--ack");
        StringBuilder said = new StringBuilder();
        try (InputStream out = process.getInputStream()) {
            if (random.nextBoolean()) {
                process.waitFor(random.nextInt(1_500), TimeUnit.MILLISECONDS); // all that it says fits into the pipe
            } else {
                for (int lines = 1 + random.nextInt(DOCUMENTS); lines > 0; ) {
                    int c = out.read();
                    assertThat(c)
                            .as("the end of an import, %d lines too early", lines)
                            .isNotNegative();
                    said.append((char) c);
                    lines -= c == '\n' ? 1 : 0;
                }
            }
            process.toHandle().destroyForcibly();
            said.append(new String(out.readAllBytes(), StandardCharsets.UTF_8));
        } finally {
            process.destroyForcibly().waitFor();
        }
        // Whole lines only: the last may be half of one.
        for (String line : said.substring(0, said.lastIndexOf("\n") + 1).lines().toList()) {
            if (line.startsWith("stored ")) {
                acknowledged.stored(name(kills), line.substring("stored ".length()), kills);
            }
        }
        check();
        acknowledged.tidy();
        kills++;
    }

    private Path records(int number) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (int i = 0; i < DOCUMENTS; i++) {
            lines.append("{\"_id\":\"i-" + i + "\",\"n\":" + number + ",\"text\":\"" + "x".repeat(i % 89) + "\"}\n");
        }
        return Files.writeString(root.resolve("records.jsonl"), lines);
    }

    private void check() throws IOException, InterruptedException {
        Map<String, Integer> wanted = acknowledged.at(name(kills));
        if (!Files.exists(directory(kills))) {
            assertThat(wanted).isEmpty(); // it was killed before it had made one
        } else if (kills % UNTIL_LOOKED_AT == UNTIL_LOOKED_AT - 1) {
            commands.look(directory(kills), wanted);
        } else {
            Map<String, Integer> there = new HashMap<>();
            try (Database database = Database.open(directory(kills))) {
                database.documents()
                        .forEach(document -> there.put(
                                document.id(), Integer.parseInt(document.json().replaceAll("\\D*(\\d+).*", "$1"))));
            }
            assertThat(Acknowledged.lost(wanted, there)).as(name(kills)).isEmpty();
        }
    }

    /** Looks at the last directory once more, and has an import come to its end there. */
    void finish() throws IOException, InterruptedException {
        if (kills > 0) {
            commands.run(
                    "import", directory(kills - 1).toString(), records(kills).toString());
            Map<String, Integer> there = commands.look(directory(kills - 1), acknowledged.at(name(kills - 1)));
            assertThat(there).hasSize(DOCUMENTS);
        }
    }
}
