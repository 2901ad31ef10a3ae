package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is wrong with a directory and is mended in passing is said once. */
@Timeout(60)
class WarningsTest {
    @TempDir
    Path root;

    @Test
    void aDamagedMarkIsToldOfOnceAndWrittenAnew() throws IOException {
        Path directory = root.resolve("db");
        try (Database db = Database.open(directory)) {
            db.put("a", "{}");
        }
        Path mark = directory.resolve("highwater.mark");
        byte[] bytes = Files.readAllBytes(mark);
        bytes[30] ^= 1;
        Files.write(mark, bytes);

        List<String> warnings = warnings(() -> {
            try (Database db = Database.open(directory)) {
                db.put("b", "{}");
            }
        });

        assertThat(warnings).singleElement().asString().contains("highwater.mark", "damaged");
        assertThat(warnings(() -> Database.open(directory).close())).isEmpty();
        assertThat(Database.verify(directory).problems()).isEmpty();
    }

    private static List<String> warnings(Runnable work) {
        List<String> messages = new ArrayList<>();
        Handler handler = new Handler() {
            @Override
            public synchronized void publish(LogRecord entry) {
                if (entry.getLevel().intValue() >= Level.WARNING.intValue()) {
                    messages.add(entry.getParameters() == null ? entry.getMessage() : "" + entry.getParameters()[0]);
                }
            }

            @Override
            public void flush() {}

            @Override
            public void close() {}
        };
        Logger logger = Logger.getLogger("dev.livesync.database");
        boolean above = logger.getUseParentHandlers();
        logger.addHandler(handler);
        logger.setUseParentHandlers(false);
        try {
            work.run();
        } finally {
            logger.removeHandler(handler);
            logger.setUseParentHandlers(above);
        }
        return messages;
    }
}
