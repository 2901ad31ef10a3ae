package dev.livesync.transport.servlet;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;

/** Tomcat against the kit. */
class TomcatTransportTest extends ContainerTck {
    @TempDir
    private static Path directory;

    @BeforeAll
    static void start() throws Exception {
        start(new TomcatContainer(directory, PATIENCE));
    }
}
