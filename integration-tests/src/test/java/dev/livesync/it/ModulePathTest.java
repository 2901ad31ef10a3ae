package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.spi.ToolProvider;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A user's module compiles and runs on a real module path, in a JVM of its own, over every transport: under Surefire
 * everything may sit in the unnamed module and look right.
 */
class ModulePathTest {
    /** What a user's build would put on the module path, and nothing of the tests'. */
    private static final Pattern WANTED = Pattern.compile(
            "(sync-(api|car|collections|core|database)|discovery-mdns|transport-(libp2p|memory|partykit|support|webrtc|websocket)|jackson-(annotations|core|databind)"
                    + "|Java-WebSocket|jmdns|slf4j-api|webrtc-java|netty-(common|buffer|resolver|transport)|jspecify)(-[0-9].*)?(?<!-tests)\\.jar");

    private static final Pattern OURS = Pattern.compile(
            "sync-(api|car|collections|core|database)|discovery-mdns|transport-(libp2p|memory|partykit|support|webrtc|websocket)");

    @TempDir
    Path scratch;

    @Test
    void aUsersModuleSyncsOverEveryTransport() throws Exception {
        String path = modulePath();
        Path classes = Files.createDirectory(scratch.resolve("classes"));
        int compiled = ToolProvider.findFirst("javac")
                .orElseThrow()
                .run(
                        System.out,
                        System.err,
                        "-p",
                        path,
                        "-d",
                        classes.toString(),
                        source("module-info.java"),
                        source("example/consumer/Main.java"));
        assertThat(compiled).as("javac's exit code").isZero();

        Path output = scratch.resolve("output");
        Process java = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-p",
                        path + File.pathSeparator + classes,
                        "--add-modules",
                        nativeModule(path),
                        "-m",
                        "example.consumer/example.consumer.Main",
                        "memory",
                        "libp2p",
                        "webrtc",
                        "websocket")
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        try {
            assertThat(java.waitFor(60, TimeUnit.SECONDS)).as("ends by itself").isTrue();
        } finally {
            java.destroyForcibly();
        }
        List<String> lines = Files.readAllLines(output);
        assertThat(java.exitValue()).as("%s", lines).isZero();
        assertThat(lines)
                .contains(
                        "core true",
                        "dev.livesync.collections [Buy bread]",
                        "memory {\"over\":\"memory\"}",
                        "webrtc {\"over\":\"webrtc\"}",
                        "websocket {\"over\":\"websocket\"}",
                        "libp2p {\"over\":\"libp2p\"}",
                        "mdns dev.livesync.discovery.mdns, javax.jmdns",
                        "provider dev.livesync.transport.libp2p",
                        "provider dev.livesync.transport.memory",
                        "provider dev.livesync.transport.partykit",
                        "provider dev.livesync.transport.webrtc",
                        "provider dev.livesync.transport.websocket");
    }

    /** Jars in a full build; the modules' class folders in a build that stops at the tests. */
    private static String modulePath() {
        String path = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .map(Path::of)
                .filter(p -> Files.isDirectory(p)
                        ? isOurs(p)
                        : WANTED.matcher(p.getFileName().toString()).matches())
                .map(Path::toString)
                .collect(Collectors.joining(File.pathSeparator));
        assertThat(path.split(File.pathSeparator)).hasSize(25);
        return path;
    }

    /** What webrtc-java's native jar for this platform is called, which nothing requires. */
    private static String nativeModule(String path) {
        return ModuleFinder.of(Arrays.stream(path.split(File.pathSeparator))
                        .map(Path::of)
                        .toArray(Path[]::new))
                .findAll()
                .stream()
                .map(module -> module.descriptor().name())
                .filter(name -> name.matches("webrtc\\.(linux|windows|macos)\\..*"))
                .findFirst()
                .orElseThrow();
    }

    private static boolean isOurs(Path classes) {
        return classes.endsWith(Path.of("target", "classes"))
                && OURS.matcher(classes.getParent().getParent().getFileName().toString())
                        .matches();
    }

    private String source(String name) throws IOException {
        Path file = scratch.resolve("source").resolve(name);
        Files.createDirectories(file.getParent());
        try (InputStream in = ModulePathTest.class.getResourceAsStream("/consumer/" + name + ".txt")) {
            Files.copy(java.util.Objects.requireNonNull(in, name), file);
        }
        return file.toString();
    }
}
