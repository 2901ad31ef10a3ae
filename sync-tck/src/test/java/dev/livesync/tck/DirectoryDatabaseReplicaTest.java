package dev.livesync.tck;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

/** The embedded database in a directory. */
class DirectoryDatabaseReplicaTest extends ReplicaTck {
    @TempDir
    Path parent;

    @Override
    protected ReplicaStore newStore() throws IOException {
        return DatabaseStore.inDirectory(parent);
    }
}
