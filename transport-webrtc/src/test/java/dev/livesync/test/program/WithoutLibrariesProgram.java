package dev.livesync.test.program;

import dev.livesync.transport.webrtc.Stubs;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * As on a server without sound and screen: whatever this machine has, the empty libraries come first, and the linker takes
 * those for the real ones. Then talks to itself, and says which of the real ones were loaded.
 */
public final class WithoutLibrariesProgram {
    private WithoutLibrariesProgram() {}

    public static void main(String[] arguments) throws Exception {
        List<String> libraries = Stubs.linked();
        libraries.forEach(Stubs::replace);
        WebRtcEchoProgram.main(arguments);
        try (Stream<String> mapped = Files.lines(Path.of("/proc/self/maps"))) {
            System.out.println("loaded: "
                    + mapped.map(line -> line.replaceAll(".*/", ""))
                            .distinct()
                            .filter(file -> libraries.stream().anyMatch(file::startsWith))
                            .toList());
        }
    }
}
