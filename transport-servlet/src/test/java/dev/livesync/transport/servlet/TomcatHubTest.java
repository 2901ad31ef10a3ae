package dev.livesync.transport.servlet;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.io.TempDir;

/** In Tomcat. */
class TomcatHubTest extends HubRules {
    @TempDir
    private Path directory;

    @Override
    Container start(Duration patience) throws Exception {
        return new TomcatContainer(directory, patience);
    }

    @Override
    boolean pausesReading() {
        return true;
    }
}
