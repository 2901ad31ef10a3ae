package dev.livesync.database;

import java.util.logging.Level;
import java.util.logging.Logger;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** Keeps warnings out of the output of tests that provoke them by the hundred. */
public final class Quiet implements BeforeAllCallback, AfterAllCallback {
    /** Held, or the setting is collected with it. */
    private static final Logger LOGGER = Logger.getLogger("dev.livesync.database");

    @Override
    public void beforeAll(ExtensionContext context) {
        LOGGER.setLevel(Level.OFF);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        LOGGER.setLevel(null);
    }
}
