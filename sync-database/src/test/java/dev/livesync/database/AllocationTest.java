package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

/** What a put costs does not depend on the machine, if it is counted in bytes. */
class AllocationTest {
    private static final int DOCUMENTS = 10_000;
    private static final int PUTS = 500;

    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /** It was 140,000 when nodes were decoded, cut and encoded as a whole; the new leaf and its branches, which the log keeps as they are, are 13,000. */
    @Test
    void aPutIntoManyDocumentsAllocatesLittleMoreThanTheNodesThatItWrites() {
        try (Database database = Database.inMemory()) {
            database.write(batch -> {
                for (int i = 0; i < DOCUMENTS; i++) {
                    batch.put(id(i), json(i, 0));
                }
            });
            put(database, 1);
            long before = threads.getCurrentThreadAllocatedBytes();
            put(database, 2);
            long perPut = (threads.getCurrentThreadAllocatedBytes() - before) / PUTS;
            assertThat(perPut).as("bytes a put").isLessThan(70_000);
        }
    }

    private static void put(Database database, int revision) {
        for (int i = 0; i < PUTS; i++) {
            int number = i * 7_919 % DOCUMENTS;
            database.put(id(number), json(number, revision));
        }
    }

    private static String id(int number) {
        return "document-%05d".formatted(number);
    }

    private static String json(int number, int revision) {
        return "{\"title\":\"Document %d\",\"revision\":%d,\"text\":\"%s\"}"
                .formatted(number, revision, "lorem ipsum ".repeat(10));
    }
}
