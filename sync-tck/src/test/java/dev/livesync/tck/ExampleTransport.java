package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
        static final Class<? extends TransportProvider> PROVIDER = compile();
    }

    static TransportProvider provider() {
        try {
            return Compiled.PROVIDER.getConstructor().newInstance();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Class<? extends TransportProvider> compile() {
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null);
                Stream<Path> sources = Files.list(SOURCES)) {
            Path classes = Files.createDirectories(Path.of("target", "example-transport"));
            List<String> options = List.of(
                    "-d", classes.toString(), "-classpath", System.getProperty("java.class.path"), "-proc:none");
            if (!compiler.getTask(null, files, null, options, null, files.getJavaFileObjectsFromPaths(sources.toList()))
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
