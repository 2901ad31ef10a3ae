package dev.livesync.transport.servlet;

import java.time.Duration;

/** In Jetty. */
class JettyHubTest extends HubRules {
    @Override
    Container start(Duration patience) throws Exception {
        return new JettyContainer(patience);
    }

    @Override
    boolean pausesReading() {
        return false;
    }
}
