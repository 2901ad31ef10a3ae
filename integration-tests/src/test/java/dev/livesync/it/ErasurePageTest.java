package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java in docs/erasure.md compiles, and what it erases is gone. */
class ErasurePageTest {
    private static final String SOURCE = """
            import dev.livesync.database.*;
            import dev.livesync.database.attachments.*;
            import dev.livesync.database.erasure.*;
            import java.security.SecureRandom;
            import java.util.*;

            public class ErasurePage {
                public static void run(Database database) {
                    %s
                }
                public static String text(Database database) {
                    %s
                    return body;
                }
            }
            """;

    @TempDir
    private Path scratch;

    @Test
    void theBlockErasesAPhoto() throws Exception {
        Class<?> block = PageBlocks.of("erasure.md").compile(scratch, "ErasurePage", SOURCE);
        try (Database database = Database.inMemory()) {
            var photo = database.attachments().put(new ByteArrayInputStream(new byte[50_000]), "image/jpeg");
            database.put("photo-7", Map.of("image", photo.stub()));
            block.getMethod("run", Database.class).invoke(null, database);
            assertThat(database.erasures().isErased(photo)).isTrue();
            assertThat(database.get("photo-7")).isEmpty();
            assertThat(database.attachments().bytes()).isZero();
            assertThat(block.getMethod("text", Database.class).invoke(null, database))
                    .isEqualTo("between us");
            assertThat(database.erasures().roots()).hasSize(2);
        }
    }
}
