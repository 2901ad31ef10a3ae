package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The programs of the build that install packages of npm's, and that say what was not tested. With an npm that only pretends. */
@Timeout(180)
class NodePackagesTest {
    private static final Path PROJECT = Path.of(System.getProperty("maven.multiModuleProjectDirectory", ".."))
            .toAbsolutePath()
            .normalize();

    @TempDir
    private Path directory;

    private Path bin;
    private Path folder;
    private Path calls;

    @BeforeEach
    void pretend() throws IOException {
        bin = Files.createDirectory(directory.resolve("bin"));
        calls = directory.resolve("calls");
        folder = Files.createDirectories(directory.resolve("interop/some"));
        Files.writeString(folder.resolve("package-lock.json"), "{}");
        program("node", "exit 0");
        program("npm", "echo \"$PWD $*\" >> " + calls + "; rm -rf node_modules; mkdir node_modules; [ ! -e fail ]");
    }

    private void program(String name, String does) throws IOException {
        Path file = Files.writeString(bin.resolve(name), "#!/bin/sh\n" + does + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }

    private Process start(String path, String program, Object... arguments) throws IOException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                PROJECT.resolve("integration-tests/src/test/java/dev/livesync/it/" + program + ".java")
                        .toString()));
        for (Object argument : arguments) {
            line.add(argument.toString());
        }
        ProcessBuilder builder = new ProcessBuilder(line).redirectErrorStream(true);
        builder.environment().put("PATH", path);
        return builder.start();
    }

    private String run(String path, String program, Object... arguments) throws Exception {
        Process process = start(path, program, arguments);
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }

    private String install() throws Exception {
        return run(bin + ":/bin:/usr/bin", "NodePackages", directory, "interop/some");
    }

    private List<String> calls() throws IOException {
        return Files.exists(calls) ? Files.readAllLines(calls) : List.of();
    }

    @Test
    void installedOnceFromTheLockFile() throws Exception {
        assertThat(install()).contains("interop/some");
        assertThat(calls()).singleElement().asString().startsWith(folder.toRealPath() + " ci ");
        assertThat(install()).isEmpty();
        assertThat(calls()).hasSize(1);

        Files.writeString(folder.resolve("package-lock.json"), "{ }");
        install();
        assertThat(calls()).hasSize(2);
    }

    @Test
    void whatSomebodyInstalledByHandStays() throws Exception {
        Path own = Files.createDirectory(folder.resolve("node_modules")).resolve(".package-lock.json");
        Files.writeString(own, "{}");
        Files.setLastModifiedTime(folder.resolve("package-lock.json"), FileTime.from(Instant.EPOCH));
        assertThat(install()).isEmpty();
        assertThat(calls()).isEmpty();
    }

    @Test
    void halfAnInstallationIsNone() throws Exception {
        Path fail = Files.createFile(folder.resolve("fail"));
        assertThat(install()).contains("npm ci").contains("interop/some").contains("failed");
        Files.delete(fail);
        install();
        assertThat(calls()).hasSize(2);
    }

    @Test
    void severalBuildsAtOnceInstallOnce() throws Exception {
        List<Process> builds = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            builds.add(start(bin + ":/bin:/usr/bin", "NodePackages", directory, "interop/some"));
        }
        for (Process build : builds) {
            build.getInputStream().readAllBytes();
            assertThat(build.waitFor(120, TimeUnit.SECONDS)).isTrue();
            assertThat(build.exitValue()).isZero();
        }
        assertThat(calls()).hasSize(1);
    }

    @Test
    void withoutNodeNothingHappens() throws Exception {
        Path empty = Files.createDirectory(directory.resolve("empty"));
        assertThat(run(empty.toString(), "NodePackages", directory, "interop/some"))
                .contains("no node");
        assertThat(folder.resolve("node_modules")).doesNotExist();
    }

    @Test
    void whatWasSkippedIsSaidAtTheEnd() throws Exception {
        String since = "20250101000000";
        assertThat(run("/bin", "NotTested", directory, since)).isEmpty();
        Path reports = Files.createDirectories(directory.resolve("module/target/surefire-reports"));
        Path report = Files.writeString(
                reports.resolve("TEST-a.xml"),
                "<testsuite><testcase name=\"x\" classname=\"A\"/><testcase name=\"y\" classname=\"A\">"
                        + "<skipped message=\"org.opentest4j.TestAbortedException: Assumption failed: NOT TESTED"
                        + " against npm: there is no `node` on the path\"/></testcase>"
                        + "<testcase name=\"z\" classname=\"A\"><skipped message=\"NOT TESTED against npm: there is no"
                        + " `node` on the path\"/></testcase></testsuite>");
        assertThat(run("/bin", "NotTested", directory, since).lines())
                .last()
                .asString()
                .startsWith("NOT TESTED: 2 of 3 tests")
                .contains("against npm: there is no `node` on the path");
        Files.setLastModifiedTime(report, FileTime.from(Instant.parse("2024-12-31T00:00:00Z")));
        assertThat(run("/bin", "NotTested", directory, since))
                .as("reports of builds before this one")
                .isEmpty();
    }

    /** Addresses of a registry in a lock file would be somebody's own. */
    @Test
    void lockFilesNameNoRegistry() throws IOException {
        try (Stream<Path> files = Files.walk(PROJECT, 4)) {
            List<Path> locks = files.filter(f -> f.endsWith("package-lock.json"))
                    .filter(f -> !f.toString().contains("node_modules"))
                    .toList();
            assertThat(locks).hasSizeGreaterThanOrEqualTo(5);
            for (Path lock : locks) {
                assertThat(Files.readString(lock)).as(lock.toString()).doesNotContain("\"resolved\"");
            }
        }
    }
}
