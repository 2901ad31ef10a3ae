package dev.livesync.cli;

import java.lang.module.ModuleDescriptor;
import picocli.CommandLine.IVersionProvider;

/** The version from the jar's manifest, or of the module where there is no jar; a build without either says so. */
final class BuildVersion implements IVersionProvider {
    @Override
    public String[] getVersion() {
        return new String[] {text()};
    }

    static String text() {
        String version = BuildVersion.class.getPackage().getImplementationVersion();
        ModuleDescriptor module = BuildVersion.class.getModule().getDescriptor();
        if (version == null && module != null) {
            version = module.rawVersion().orElse(null);
        }
        return "livesync " + (version == null ? "(development build)" : version);
    }
}
