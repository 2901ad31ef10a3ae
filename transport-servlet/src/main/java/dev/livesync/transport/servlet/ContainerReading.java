package dev.livesync.transport.servlet;

import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stops and continues reading from one connection. The Jakarta API has no word for it, Tomcat has. By name: its jars hold the Jakarta API once more, so
 * that no module can be compiled against both.
 */
final class ContainerReading {
    static final String TOMCAT = "org.apache.tomcat.websocket.WsSession";
    static final String SUSPEND = "suspend";
    static final String RESUME = "resume";

    private static final ContainerReading NONE = new ContainerReading(null, null, null);
    private static final ContainerReading HERE = tomcat();

    private final @Nullable Class<?> type;
    private final @Nullable MethodHandle suspend;
    private final @Nullable MethodHandle resume;

    private ContainerReading(@Nullable Class<?> type, @Nullable MethodHandle suspend, @Nullable MethodHandle resume) {
        this.type = type;
        this.suspend = suspend;
        this.resume = resume;
    }

    private static ContainerReading tomcat() {
        Optional<Class<?>> found = named(ContainerReading.class.getClassLoader())
                .or(() -> named(Thread.currentThread().getContextClassLoader()));
        if (found.isEmpty()) {
            return NONE;
        }
        Class<?> type = found.get();
        MethodType nothing = MethodType.methodType(void.class);
        MethodType object = MethodType.methodType(void.class, Session.class);
        try {
            MethodHandles.Lookup lookup = MethodHandles.publicLookup();
            return new ContainerReading(
                    type,
                    lookup.findVirtual(type, SUSPEND, nothing).asType(object),
                    lookup.findVirtual(type, RESUME, nothing).asType(object));
        } catch (ReflectiveOperationException e) {
            System.getLogger(ContainerReading.class.getName())
                    .log(System.Logger.Level.DEBUG, "this Tomcat can't stop reading", e);
            return NONE;
        }
    }

    private static Optional<Class<?>> named(@Nullable ClassLoader loader) {
        try {
            return Optional.of(Class.forName(TOMCAT, false, loader));
        } catch (ClassNotFoundException | LinkageError e) {
            return Optional.empty();
        }
    }

    /**
     * Whether a container can.
     *
     * @param container null as long as nobody knows it: then it is Tomcat where there is one
     */
    static boolean isSupported(@Nullable ServerContainer container) {
        return HERE.type != null
                && (container == null || container.getClass().getPackageName().startsWith(HERE.type.getPackageName()));
    }

    /** False if this container can't. */
    static boolean suspend(Session session) {
        return HERE.call(HERE.suspend, session);
    }

    static void resume(Session session) {
        HERE.call(HERE.resume, session);
    }

    private boolean call(@Nullable MethodHandle handle, Session session) {
        if (type == null || handle == null || !type.isInstance(session)) {
            return false;
        }
        try {
            handle.invokeExact(session);
            return true;
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("neither method declares an exception", e);
        }
    }
}
