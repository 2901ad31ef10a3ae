package dev.livesync.it.outside;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** How JVMs are started here: small, and with an archive of the classes that they load, since a thousand of them are. */
final class JavaStart {
    private final List<String> command;

    private JavaStart(List<String> command) {
        this.command = command;
    }

    /** Makes the archive, which takes one run; the JVM takes classes from jars only into it. */
    static JavaStart rehearse(Path directory) throws IOException, InterruptedException {
        StringBuilder path = new StringBuilder();
        int jars = 0;
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path each = Path.of(entry);
            if (Files.isDirectory(each)) {
                each = jar(each, directory.resolve("classes-" + jars++ + ".jar"));
            }
            path.append(path.isEmpty() ? "" : File.pathSeparator).append(each);
        }
        List<String> java = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-cp",
                path.toString()));
        Path archive = directory.resolve("classes.jsa");
        List<String> rehearsal = new ArrayList<>(java);
        rehearsal.add(1, "-XX:ArchiveClassesAtExit=" + archive);
        rehearsal.addAll(OutsideProgram.rehearsal(Files.createDirectory(directory.resolve("rehearsal"))));
        RootShell.require(rehearsal.toArray(String[]::new));
        assertThat(archive).exists();
        java.addAll(1, List.of("-XX:SharedArchiveFile=" + archive, "-Xlog:cds=off", "-Xlog:cds+dynamic=off"));
        return new JavaStart(java);
    }

    private static Path jar(Path classes, Path jar) throws IOException {
        try (OutputStream file = Files.newOutputStream(jar);
                JarOutputStream out = new JarOutputStream(file);
                Stream<Path> all = Files.walk(classes)) {
            for (Path each : all.filter(Files::isRegularFile).sorted().toList()) {
                out.putNextEntry(
                        new ZipEntry(classes.relativize(each).toString().replace(File.separatorChar, '/')));
                Files.copy(each, out);
            }
        }
        return jar;
    }

    /** Starts a program. */
    ProcessBuilder program(List<String> before, String main, List<String> arguments) {
        List<String> all = new ArrayList<>(before);
        all.addAll(command);
        all.add(main);
        all.addAll(arguments);
        return new ProcessBuilder(all);
    }

    /** Starts the command {@code livesync}. */
    ProcessBuilder livesync(String... arguments) {
        return program(List.of(), "dev.livesync.cli.Main", List.of(arguments));
    }
}
