package dev.livesync.tck.standalone;

import dev.livesync.tck.ReplicaTck;
import dev.livesync.tck.Tck;
import dev.livesync.tck.TransportTck;
import java.io.Closeable;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URISyntaxException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Properties;
import java.util.stream.Stream;
import java.util.zip.ZipFile;

/**
 * The class path of what is tested. It comes after the launcher's own, since a test class has to extend the very kit that runs it: of what
 * both have, JUnit and LiveSync, the launcher's is used. Jackson and picocli the launcher has under other names, so those are not shared.
 */
final class SubjectPath implements Closeable {
    private static final List<String> SHARED =
            List.of("sync-api", "sync-car", "sync-core", "sync-database", "sync-tck");

    private final URLClassLoader loader;

    SubjectPath(List<String> paths) {
        List<URL> urls = new ArrayList<>();
        for (String path : paths) {
            for (String entry : path.split(File.pathSeparator, -1)) {
                if (!entry.isBlank()) {
                    add(entry, urls);
                }
            }
        }
        if (urls.isEmpty()) {
            throw new NotRunException("--classpath is empty");
        }
        loader = new URLClassLoader("subject", urls.toArray(URL[]::new), SubjectPath.class.getClassLoader());
    }

    private static void add(String entry, List<URL> urls) {
        boolean all = entry.endsWith("/*") || entry.endsWith(File.separator + "*");
        Path path = Path.of(all ? entry.substring(0, entry.length() - 2) : entry);
        if (!Files.exists(path)) {
            throw new NotRunException("--classpath names " + entry + ", which does not exist");
        }
        try {
            if (all) {
                try (Stream<Path> files = Files.list(path)) {
                    for (Path jar : files.filter(file -> file.toString().endsWith(".jar"))
                            .sorted()
                            .toList()) {
                        urls.add(url(jar));
                    }
                }
            } else {
                if (!Files.isDirectory(path)) {
                    new ZipFile(path.toFile()).close();
                }
                urls.add(url(path));
            }
        } catch (IOException e) {
            throw new NotRunException(
                    "--classpath names " + entry + ", which is neither a directory nor a jar: " + e.getMessage());
        }
    }

    private static URL url(Path path) throws MalformedURLException {
        return path.toUri().toURL();
    }

    /** The launcher's class path and this one, for {@code java.class.path}: a rule that starts a process takes that. */
    String text() throws URISyntaxException {
        StringBuilder text = new StringBuilder(System.getProperty("java.class.path"));
        for (URL url : loader.getURLs()) {
            text.append(File.pathSeparator).append(Path.of(url.toURI()));
        }
        return text.toString();
    }

    ClassLoader loader() {
        return loader;
    }

    /** Loads a class that the kit can run. */
    Class<?> kit(String name) {
        Class<?> type;
        try {
            type = Class.forName(name, false, loader);
        } catch (ClassNotFoundException e) {
            throw new NotRunException("there is no class " + name + " on --classpath; it takes the whole name, such as"
                    + " com.example.MyTransportTest");
        } catch (LinkageError e) {
            throw new NotRunException(name + ": " + Linkage.sentence(e));
        }
        if (!TransportTck.class.isAssignableFrom(type) && !ReplicaTck.class.isAssignableFrom(type)) {
            throw new NotRunException(name + " extends neither TransportTck nor ReplicaTck");
        }
        if (Modifier.isAbstract(type.getModifiers())) {
            throw new NotRunException(name + " is abstract; name a class that extends it");
        }
        return type;
    }

    /** A line for each jar of LiveSync in another version than the launcher's. */
    List<String> otherVersions() throws IOException {
        String ours = version(Objects.requireNonNull(Tck.class.getResource("version.properties"), "a file of the kit"));
        List<String> lines = new ArrayList<>();
        for (String module : SHARED) {
            for (URL url : Collections.list(
                    loader.findResources("META-INF/maven/dev.livesync/" + module + "/pom.properties"))) {
                String theirs = version(url);
                if (!theirs.equals(ours)) {
                    lines.add("note: " + module + " " + theirs + " is on --classpath (" + url + ") and is not used: "
                            + ours + " is built in");
                }
            }
        }
        return lines;
    }

    private static String version(URL properties) throws IOException {
        Properties read = new Properties();
        try (InputStream in = properties.openStream()) {
            read.load(in);
        }
        return read.getProperty("version", "of an unknown version");
    }

    @Override
    public void close() throws IOException {
        loader.close();
    }
}
