package dev.livesync.simulation.world;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** What tests with worlds need: disks that fail without a word in the log, and keys that cost nothing. */
final class InWorlds implements BeforeAllCallback, AfterAllCallback {
    private final Logger logger = Logger.getLogger("dev.livesync");

    @Override
    public void beforeAll(ExtensionContext context) {
        logger.setLevel(Level.OFF);
        ToyCurve.install();
    }

    @Override
    public void afterAll(ExtensionContext context) {
        logger.setLevel(null);
        ToyCurve.remove();
    }
}
