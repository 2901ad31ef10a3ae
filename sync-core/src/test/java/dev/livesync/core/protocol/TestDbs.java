package dev.livesync.core.protocol;

import java.util.List;
import java.util.function.Supplier;

/** Every database that the protocol is tested on. */
final class TestDbs {
    private TestDbs() {}

    static List<Supplier<TestDb>> all() {
        return List.of(NaiveReplica::new, EmbeddedDb::new);
    }
}
