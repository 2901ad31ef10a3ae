package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/attachments.md compiles, and what it puts comes out. */
class AttachmentsPageTest {
    private static final String SOURCE = """
            import dev.livesync.database.*;
            import dev.livesync.database.attachments.*;
            import java.io.*;
            import java.nio.file.*;
            import java.util.*;

            public class AttachmentsPage {
                public static void run(Database database) throws Exception {
                    %s
                }
                public static void fetch(dev.livesync.Session session) {
                    %s
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlockPutsAPhotoAndReadsIt() throws Exception {
        byte[] photo = new byte[300_000];
        new Random(1).nextBytes(photo);
        Files.write(scratch.resolve("sea.jpg"), photo);
        Class<?> block = PageBlocks.of("attachments.md")
                .with("Path.of(\"", "Path.of(\"" + scratch.toString().replace("\\", "/") + "/")
                .compile(scratch, "AttachmentsPage", SOURCE);
        try (Database database = Database.inMemory()) {
            block.getMethod("run", Database.class).invoke(null, database);
            assertThat(Files.readAllBytes(scratch.resolve("copy.jpg"))).isEqualTo(photo);
            assertThat(database.get("photo-7").orElseThrow().json()).contains("_attachment", "image/jpeg", "300000");
        }
    }
}
