package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * The tutorial's transport, compiled for a run: the only one with a socket that this module's tests can have, since the
 * transports of the reactor need the kit.
 */
final class ExampleTransport {
    private static final Path SOURCES =
            Path.of("..", "examples", "tcp-transport", "src", "main", "java", "example", "tcp");

    private ExampleTransport() {}

    private static final class Compiled {
        static final Class<? extends TransportProvider> PROVIDER = compile("right", UnaryOperator.identity());
    }

    static TransportProvider provider() {
        return make(Compiled.PROVIDER);
    }

    /** One whose source somebody has changed. */
    static Supplier<TransportProvider> changed(String name, UnaryOperator<String> change) {
        Class<? extends TransportProvider> type = compile(name, change);
        return () -> make(type);
    }

    private static TransportProvider make(Class<? extends TransportProvider> type) {
        try {
            return type.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<? extends TransportProvider> compile(String name, UnaryOperator<String> change) {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.list(SOURCES)) {
            Path classes = Files.createDirectories(Path.of("target", "example-transport", name, "classes"));
            Path changed = Files.createDirectories(Path.of("target", "example-transport", name, "sources"));
            List<Path> written = new ArrayList<>();
            for (Path source : sources.toList()) {
                Path copy = changed.resolve(source.getFileName().toString());
                written.add(Files.writeString(copy, change.apply(Files.readString(source))));
            }
            List<String> options = List.of(
                    "-d", classes.toString(), "-classpath", System.getProperty("java.class.path"), "-proc:none");
            if (!compiler.getTask(null, files, null, options, null, files.getJavaFileObjectsFromPaths(written))
                    .call()) {
                throw new IllegalStateException("the example does not compile");
            }
            return new URLClassLoader(new URL[] {classes.toUri().toURL()}, ExampleTransport.class.getClassLoader())
                    .loadClass("example.tcp.TcpTransportProvider")
                    .asSubclass(TransportProvider.class);
        } catch (MalformedURLException | ClassNotFoundException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
