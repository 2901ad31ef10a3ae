package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.livesync.api.Event;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a commit takes of the heap where there are many heads, of which it replaces one. No clock on the wall. */
class HeadsCostTest {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private static final int COMMITS = 200;

    /** Bytes of a commit. */
    private static long cost(int heads) {
        try (Database db = Database.inMemory()) {
            List<Event> branches = new ArrayList<>();
            for (int i = 0; i < heads; i++) {
                branches.add(Replicas.put("d" + i, "{\"n\":0}"));
            }
            Replicas.commit(db, branches);
            long before = THREADS.getCurrentThreadAllocatedBytes();
            for (int i = 0; i < COMMITS; i++) {
                int branch = i % heads;
                branches.set(branch, Replicas.put("d" + branch, "{\"n\":1}", branches.get(branch)));
                Replicas.commit(db, List.of(branches.get(branch)));
            }
            assertThat(db.clock()).hasSize(heads);
            return (THREADS.getCurrentThreadAllocatedBytes() - before) / COMMITS;
        }
    }

    @Test
    void aCommitCopiesTheHeadsForItsViewAndNoMore() {
        cost(900);
        int few = 30;
        int many = 930;
        assertThat((cost(many) - cost(few)) / (many - few)).isLessThan(24);
    }
}
