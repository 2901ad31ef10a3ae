package dev.livesync.it;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.core.importer.Location;

/** Which classes tests of the structure look at: none of tests, be they in folders or, as in a build that packages, in jars. */
final class MainCode implements ImportOption {
    static final MainCode ONLY = new MainCode();

    private MainCode() {}

    @Override
    public boolean includes(Location location) {
        return Predefined.DO_NOT_INCLUDE_TESTS.includes(location) && !location.contains("-tests.jar");
    }
}
