package dev.livesync.it;

import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.lang.reflect.Parameter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Writes down what users of a module can see: one line a member, sorted, so that a change shows as a diff. */
final class PublicSurface {
    /** The exported packages and the modules that export them. */
    static final Map<String, String> EXPORTED = new TreeMap<>(Map.ofEntries(
            Map.entry("dev.livesync.api", "sync-api"),
            Map.entry("dev.livesync.api.discovery", "sync-api"),
            Map.entry("dev.livesync.api.replica", "sync-api"),
            Map.entry("dev.livesync.api.transport", "sync-api"),
            Map.entry("dev.livesync.car", "sync-car"),
            Map.entry("dev.livesync", "sync-core"),
            Map.entry("dev.livesync.grant", "sync-core"),
            Map.entry("dev.livesync.group", "sync-core"),
            Map.entry("dev.livesync.mesh", "sync-core"),
            Map.entry("dev.livesync.metrics", "sync-metrics"),
            Map.entry("dev.livesync.monitor", "sync-core"),
            Map.entry("dev.livesync.collections", "sync-collections"),
            Map.entry("dev.livesync.replica.postgres", "replica-postgres"),
            Map.entry("dev.livesync.presence", "sync-core"),
            Map.entry("dev.livesync.database", "sync-database"),
            Map.entry("dev.livesync.database.attachments", "sync-database"),
            Map.entry("dev.livesync.database.checkpoint", "sync-database"),
            Map.entry("dev.livesync.database.erasure", "sync-database"),
            Map.entry("dev.livesync.database.live", "sync-database"),
            Map.entry("dev.livesync.database.maintenance", "sync-database"),
            Map.entry("dev.livesync.discovery.mdns", "discovery-mdns"),
            Map.entry("dev.livesync.database.query", "sync-database"),
            Map.entry("dev.livesync.database.versions", "sync-database"),
            Map.entry("dev.livesync.tck", "sync-tck"),
            Map.entry("dev.livesync.transport.libp2p", "transport-libp2p"),
            Map.entry("dev.livesync.transport.memory", "transport-memory"),
            Map.entry("dev.livesync.transport.partykit", "transport-partykit"),
            Map.entry("dev.livesync.transport.servlet", "transport-servlet"),
            Map.entry("dev.livesync.transport.webrtc", "transport-webrtc"),
            Map.entry("dev.livesync.transport.websocket", "transport-websocket")));

    private PublicSurface() {}

    /** The lines of one module. */
    static List<String> of(Collection<Class<?>> types) {
        TreeSet<String> lines = new TreeSet<>();
        for (Class<?> type : types) {
            if (!visible(type)) {
                continue;
            }
            String name = type.getName();
            lines.add(name + ": " + header(type));
            for (Field f : type.getDeclaredFields()) {
                if (visible(f.getModifiers()) && !f.isSynthetic()) {
                    lines.add(name + "  " + modifiers(f.getModifiers())
                            + nullable(f.getAnnotatedType())
                            + f.getGenericType().getTypeName() + " " + f.getName());
                }
            }
            for (Constructor<?> c : type.getDeclaredConstructors()) {
                if (visible(c.getModifiers()) && !c.isSynthetic() && !type.isEnum()) {
                    lines.add(name + "  " + modifiers(c.getModifiers()) + "<init>" + parameters(c));
                }
            }
            for (Method m : type.getDeclaredMethods()) {
                if (visible(m.getModifiers()) && !m.isSynthetic() && !m.isBridge()) {
                    lines.add(name + "  " + modifiers(m.getModifiers())
                            + (m.isDefault() ? "default " : "")
                            + nullable(m.getAnnotatedReturnType())
                            + m.getGenericReturnType().getTypeName() + " "
                            + m.getName() + parameters(m));
                }
            }
        }
        return new ArrayList<>(lines);
    }

    private static String header(Class<?> type) {
        String kind = type.isAnnotation()
                ? "@interface"
                : type.isInterface() ? "interface" : type.isEnum() ? "enum" : type.isRecord() ? "record" : "class";
        String parents = Stream.concat(
                        Stream.ofNullable(type.getGenericSuperclass()), Arrays.stream(type.getGenericInterfaces()))
                .map(java.lang.reflect.Type::getTypeName)
                .filter(n -> !n.equals("java.lang.Object"))
                .collect(Collectors.joining(", "));
        return modifiers(type.getModifiers() & ~Modifier.INTERFACE & ~Modifier.ABSTRACT)
                + (type.isInterface() || !Modifier.isAbstract(type.getModifiers()) ? "" : "abstract ")
                + (type.isSealed() ? "sealed " : "")
                + kind
                + (parents.isEmpty() ? "" : " extends " + parents);
    }

    private static boolean visible(Class<?> type) {
        for (Class<?> t = type; t != null; t = t.getDeclaringClass()) {
            if (!visible(t.getModifiers())) {
                return false;
            }
        }
        return !type.isAnonymousClass() && !type.isLocalClass() && !type.isSynthetic();
    }

    private static boolean visible(int modifiers) {
        return Modifier.isPublic(modifiers) || Modifier.isProtected(modifiers);
    }

    private static String modifiers(int modifiers) {
        int shown = modifiers
                & (Modifier.PUBLIC | Modifier.PROTECTED | Modifier.STATIC | Modifier.FINAL | Modifier.ABSTRACT);
        String text = Modifier.toString(shown);
        return text.isEmpty() ? "" : text + " ";
    }

    private static String parameters(Executable e) {
        return Arrays.stream(e.getParameters())
                        .map(PublicSurface::parameter)
                        .collect(Collectors.joining(", ", "(", ")"))
                + (e.getExceptionTypes().length == 0
                        ? ""
                        : Arrays.stream(e.getExceptionTypes())
                                .map(Class::getName)
                                .collect(Collectors.joining(", ", " throws ", "")));
    }

    private static String parameter(Parameter p) {
        return nullable(p.getAnnotatedType()) + p.getParameterizedType().getTypeName();
    }

    private static String nullable(AnnotatedElement type) {
        return Arrays.stream(type.getAnnotations())
                        .anyMatch(a -> a.annotationType().getSimpleName().equals("Nullable"))
                ? "@Nullable "
                : "";
    }
}
