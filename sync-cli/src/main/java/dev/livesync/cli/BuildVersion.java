package dev.livesync.cli;

import picocli.CommandLine.IVersionProvider;

/** The version from the jar's manifest; a build without one says so. */
final class BuildVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {text()};
    }

    static String text() {
        String version = BuildVersion.class.getPackage().getImplementationVersion();
        return "livesync " + (version == null ? "(development build)" : version);
    }
}
