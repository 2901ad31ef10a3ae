package dev.livesync.tck.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The jar, as a process, against what the tutorials build. */
class StandaloneTest {
    private static final Path EXAMPLES = Path.of("..", "examples");
    private static final Path JAR = Path.of("target", "sync-tck-standalone.jar");
    private static final String TCP = "example.tcp.TcpTransportTest";
    private static final String REPLICA = "example.replica.MemoryReplicaTest";

    @TempDir
    static Path work;

    private static Path tcp;
    private static Path replica;

    private record Ended(int status, String out, String err) {}

    @BeforeAll
    static void compileTheExamples() throws IOException {
        tcp = compiled("tcp-transport", Map.of());
        replica = compiled("replica", Map.of());
    }

    /** An example, with some of its text replaced. */
    private static Path compiled(String example, Map<String, String> changes) throws IOException {
        Path sources = Files.createTempDirectory(work, "sources");
        Path classes = Files.createTempDirectory(work, "classes");
        List<String> arguments = new ArrayList<>(List.of("-proc:none", "-nowarn", "-d", classes.toString(), "-cp"));
        arguments.add(System.getProperty("java.class.path"));
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.walk(EXAMPLES.resolve(example).resolve("src"))) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                String name = file.getFileName().toString();
                if (name.equals("module-info.java")) {
                    continue; // for a module path
                }
                if (!name.endsWith(".java")) {
                    Path resource = classes.resolve(EXAMPLES.resolve(example)
                            .resolve("src/main/resources")
                            .relativize(file)
                            .toString());
                    Files.createDirectories(resource.getParent());
                    Files.copy(file, resource);
                    continue;
                }
                String text = Files.readString(file);
                all.append(text);
                for (Map.Entry<String, String> change : changes.entrySet()) {
                    text = text.replace(change.getKey(), change.getValue());
                }
                arguments.add(Files.writeString(sources.resolve(name), text).toString());
            }
        }
        assertThat(changes.keySet()).allSatisfy(change -> assertThat(all).contains(change));
        int status = ToolProvider.getSystemJavaCompiler().run(null, null, null, arguments.toArray(String[]::new));
        assertThat(status).as("the compiler's status").isZero();
        return classes;
    }

    private static Ended run(Object... arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        Map<Boolean, List<String>> words = Stream.of(arguments)
                .map(Object::toString)
                .collect(Collectors.partitioningBy(word -> word.startsWith("-D")));
        command.addAll(words.get(true));
        command.addAll(List.of("-jar", JAR.toAbsolutePath().toString()));
        command.addAll(words.get(false));
        Path out = Files.createTempFile(work, "out", ".txt");
        Path err = Files.createTempFile(work, "err", ".txt");
        Process process = new ProcessBuilder(command)
                .directory(Files.createTempDirectory(work, "folder").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        process.getOutputStream().close();
        try {
            return new Ended(process.waitFor(), Files.readString(out), Files.readString(err));
        } finally {
            process.destroyForcibly();
        }
    }

    @Test
    void aReplicaThatConforms() throws Exception {
        Path reports = work.resolve("reports");
        Ended ended = run("--classpath", replica, "--class", REPLICA, "--report", reports);
        assertThat(ended.out)
                .matches("(?s)TCK MemoryReplicaTest \\(Memory\\): \\d+ of \\d+ rules ran.*: CONFORMANT\nreport: .*\n");
        assertThat(ended.err).isEmpty();
        assertThat(ended.status).isZero();
        assertThat(reports.resolve(REPLICA + ".json")).content().contains("\"verdict\" : \"CONFORMANT\"");
        assertThat(reports.resolve(REPLICA + ".md"))
                .content()
                .contains("Run by JUnit " + System.getProperty("junit.version"));
    }

    @Test
    void aReplicaThatDoesNot() throws Exception {
        Path broken = compiled("replica", Map.of("n.cid, reverseOrder()", "n.cid, naturalOrder()"));
        Ended ended = run("--classpath", broken, "--class", REPLICA);
        assertThat(ended.out)
                .contains("R5.16 MUST: ")
                .contains("\n  broken: ")
                .contains("\n  check:  ")
                .contains("\n  spec:   docs/replica-spec.md#R5.16\n")
                .doesNotContain("\tat ")
                .endsWith(": NOT CONFORMANT\n");
        assertThat(ended.status).isEqualTo(1);
    }

    /** T1.3 starts a process of its own, which has to find the transport. */
    @Test
    void someRulesAreNoVerdict() throws Exception {
        Ended ended = run("--classpath", tcp, "--class", TCP, "--rule", "T1.3", "--rule", "T4.8", "--scale", "2");
        assertThat(ended.out)
                .isEqualTo("T1.3: passed\nT4.8: passed\nTcpTransportTest: 2 rules ran because of --rule: no verdict\n");
        assertThat(ended.status).isEqualTo(3);
    }

    @Test
    void oneBrokenRuleIsEnoughForNo() throws Exception {
        Path broken = compiled("tcp-transport", Map.of("size < 0 || size > maxMessageBytes()", "size < 0"));
        Ended ended = run("--classpath", broken, "--class", TCP, "--rule", "T4.8", "--scale", "0.2");
        assertThat(ended.out)
                .contains("  spec:   docs/transport-spec.md#T4.8\n")
                .contains("T4.8: failed\n")
                .doesNotContain("rules ran:");
        assertThat(ended.status).isEqualTo(1);
    }

    @Test
    void aRuleThatDoesNotApplyHasNotRun() throws Exception {
        Ended none = run("--classpath", replica, "--class", REPLICA, "--rule", "R2.2");
        assertThat(none.out).contains("R2.2: does not apply (");
        assertThat(none.err).contains("no rule ran");
        assertThat(none.status).isEqualTo(2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "--classpath TCP --class example.tcp.TcpTransportProvider | extends neither TransportTck nor ReplicaTck",
                "--classpath TCP --class example.tcp.Missing | no class example.tcp.Missing",
                "--classpath TCP --class example/tcp/TcpTransportTest | no class example/tcp/TcpTransportTest",
                "--classpath TCP --class dev.livesync.tck.TransportTck | is abstract",
                "--classpath NOWHERE --class " + TCP + " | does not exist",
                "--classpath POM --class " + TCP + " | is neither a directory nor a jar",
                "--classpath : --class " + TCP + " | --classpath is empty",
                "--class " + TCP + " | --classpath",
                "--classpath TCP | --class",
                "--classpath TCP --class " + TCP + " --rule T99.1 | has no test for T99.1",
                "--classpath TCP --class " + TCP + " --rule T4.1 --report target | --rule",
                "--classpath TCP --class " + TCP + " --scale 0 | --scale",
                "--classpath TCP --class " + TCP + " --scale much | --scale",
                "--classpath TCP --class " + TCP + " --nonsense | Unknown option: '--nonsense'",
            })
    void whatCannotBeRunIsSaidInASentence(String arguments, String sentence) throws Exception {
        Object[] words = Stream.of(arguments.split(" ", -1))
                .map(word -> switch (word) {
                    case "TCP" -> tcp.toString();
                    case "NOWHERE" -> tcp.resolve("nowhere").toString();
                    case "POM" -> Path.of("pom.xml").toAbsolutePath().toString();
                    case ":" -> File.pathSeparator;
                    default -> word;
                })
                .toArray();
        Ended ended = run(words);
        assertThat(ended.err).contains(sentence).doesNotContain("\tat ");
        assertThat(ended.out).isEmpty();
        assertThat(ended.status).isEqualTo(2);
    }

    @Test
    void aClassForANewerJavaIsSaidToBeOne() throws Exception {
        Path newer = compiled("tcp-transport", Map.of());
        Path file = newer.resolve("example/tcp/TcpTransportTest.class");
        byte[] bytes = Files.readAllBytes(file);
        bytes[7] = 99;
        Files.write(file, bytes);
        Ended ended = run("--classpath", newer, "--class", TCP);
        assertThat(ended.err).contains("class file version 99").doesNotContain("\tat ");
        assertThat(ended.status).isEqualTo(2);
        bytes[7] = 49; // of Java 5, which is no reason not to run
        Files.write(file, bytes);
        assertThat(run("--classpath", newer, "--class", TCP, "--rule", "T1.1").status)
                .isEqualTo(3);
    }

    /** A rule that fails of it would say that the transport is broken. */
    @Test
    void aClassThatIsMissingIsNoBrokenRule() throws Exception {
        Path part = compiled("tcp-transport", Map.of());
        Files.delete(part.resolve("example/tcp/TcpChannel.class"));
        Ended ended = run("--classpath", part, "--class", TCP, "--rule", "T4.1", "--scale", "0.1");
        assertThat(ended.err).contains("could not run").contains("example/tcp/TcpChannel");
        assertThat(ended.status).isEqualTo(2);
    }

    /** What a build has on its class path: the kit, an older JUnit, another Jackson. */
    @Test
    void otherVersionsOfOurLibrariesDoNotGetInTheWay() throws Exception {
        Path jar = work.resolve("other-libraries.jar");
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
            for (String type : List.of(
                    "org/junit/jupiter/api/Assertions",
                    "org/junit/jupiter/api/Test",
                    "org/junit/platform/engine/TestEngine",
                    "com/fasterxml/jackson/core/JsonFactory",
                    "picocli/CommandLine",
                    "dev/livesync/api/Cid",
                    "dev/livesync/tck/TransportTck")) {
                out.putNextEntry(new JarEntry(type + ".class"));
                out.write("no class at all".getBytes(StandardCharsets.UTF_8));
            }
            out.putNextEntry(new JarEntry("META-INF/services/org.junit.platform.engine.TestEngine"));
            out.write("org.example.NoSuchEngine\n".getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new JarEntry("junit-platform.properties"));
            out.write("junit.jupiter.conditions.deactivate=*\nlivesync.tck.scale=nonsense\n"
                    .getBytes(StandardCharsets.UTF_8));
            out.putNextEntry(new JarEntry("META-INF/maven/dev.livesync/sync-api/pom.properties"));
            out.write("version=0.0.1\n".getBytes(StandardCharsets.UTF_8));
        }
        Ended ended = run("--classpath", jar + File.pathSeparator + tcp, "--class", TCP, "--rule", "T4.1");
        assertThat(ended.out).startsWith("T4.1: passed\n");
        assertThat(ended.err).contains("sync-api 0.0.1").contains("other-libraries.jar");
        assertThat(ended.status).isEqualTo(3);
    }

    @Test
    void theJarHasNothingOfOthersUnderTheirNames() throws Exception {
        try (URLClassLoader loader = new URLClassLoader(new URL[] {JAR.toUri().toURL()}, null)) {
            assertThat(loader.getResource("com/fasterxml/jackson/core/JsonFactory.class"))
                    .isNull();
            assertThat(loader.getResource("picocli/CommandLine.class")).isNull();
            assertThat(loader.getResource("org/junit/jupiter/engine/JupiterTestEngine.class"))
                    .isNotNull();
            assertThat(loader.getResource("META-INF/LICENSE")).isNotNull();
        }
    }

    /** Messages of the kit tell to set this property where a machine is slow. */
    @Test
    void theScaleIsTakenFromTheKitsPropertyToo() throws Exception {
        Ended ended = run("-Dlivesync.tck.scale=much", "--classpath", tcp, "--class", TCP, "--rule", "T4.1");
        assertThat(ended.err).contains("--scale").contains("much");
        assertThat(ended.status).isEqualTo(2);
    }

    @Test
    void helpNamesTheExitCodes() throws Exception {
        Ended ended = run("--help");
        assertThat(ended.out.lines().collect(Collectors.joining(" ")))
                .contains("--classpath", "--class", "--rule", "--scale", "--report", "Exit codes");
        assertThat(ended.status).isZero();
    }
}
