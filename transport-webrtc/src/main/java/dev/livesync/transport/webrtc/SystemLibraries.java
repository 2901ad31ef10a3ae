package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * Sound and screen libraries that webrtc-java is linked to and that servers don't have. LiveSync never calls into them: data
 * channels need neither. Linux binds functions when they are called first, so it is enough that a library of that name is
 * there; where one is missing, an empty one takes its place. Where it is there, it is used.
 *
 * <p>The linker itself says which is missing: a library that needs it either loads or doesn't.
 */
final class SystemLibraries {
    /** The libraries that libwebrtc-java 0.14.0 is linked to, beside the C library. */
    static final List<String> LINKED = List.of(
            "libpulse.so.0",
            "libudev.so.1",
            "libX11.so.6",
            "libXfixes.so.3",
            "libXrandr.so.2",
            "libXcomposite.so.1",
            "libdbus-1.so.3");

    /** The advice for installing the libraries instead. */
    static final String INSTALL =
            "apt-get install libpulse0 libudev1 libx11-6 libxfixes3 libxrandr2 libxcomposite1 libdbus-1-3";

    private SystemLibraries() {}

    /**
     * Makes sure that all libraries are there.
     *
     * @return those that had to be replaced
     * @throws SyncException {@link ErrorKind#CONFIGURATION} if one is missing and can't be replaced
     */
    static List<String> ensure() {
        int machine = machine();
        if (machine == 0) {
            return List.of();
        }
        List<String> replaced = new ArrayList<>();
        for (String library : LINKED) {
            if (!isThere(machine, library)) {
                replace(machine, library);
                replaced.add(library);
            }
        }
        return replaced;
    }

    static boolean isThere(int machine, String library) {
        try {
            load(ElfStub.needing(machine, library));
            return true;
        } catch (UnsatisfiedLinkError e) {
            return false;
        }
    }

    static void replace(int machine, String library) {
        try {
            load(ElfStub.named(machine, library));
        } catch (UnsatisfiedLinkError e) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION,
                    "WebRTC needs " + library + ", which is missing here and could not be replaced ("
                            + WebRtcFailures.text(e) + "); on Debian: " + INSTALL,
                    e);
        }
    }

    /** The machine's number in ELF; 0 where nothing can or need be done. */
    static int machine() {
        if (!System.getProperty("os.name", "").toLowerCase(Locale.ROOT).contains("linux")) {
            return 0;
        }
        return switch (System.getProperty("os.arch", "")) {
            case "amd64", "x86_64" -> ElfStub.X86_64;
            case "aarch64" -> ElfStub.AARCH64;
            default -> 0;
        };
    }

    private static void load(byte[] library) {
        try {
            Path file = Files.createTempFile("livesync-", ".so");
            try {
                Files.write(file, library);
                System.load(file.toAbsolutePath().toString());
            } finally {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION,
                    "WebRTC has to write its native libraries to " + System.getProperty("java.io.tmpdir")
                            + ", which failed: " + WebRtcFailures.text(e)
                            + "; name another folder with -Djava.io.tmpdir",
                    e);
        }
    }
}
