package dev.livesync.transport.servlet;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** Jetty against the kit. */
@Tag("soak") // each build has JettyHubTest
class JettyTransportTest extends ContainerTck {
    @BeforeAll
    static void start() throws Exception {
        start(new JettyContainer(PATIENCE));
    }
}
