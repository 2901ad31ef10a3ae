package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import org.jspecify.annotations.Nullable;

/** Where a provider is announced: to the class path, to the module path. */
final class Announcement {
    private Announcement() {}

    static boolean inServiceFile(Class<?> provider) throws IOException {
        ClassLoader loader = provider.getClassLoader();
        String file = "META-INF/services/" + TransportProvider.class.getName();
        for (URL url : Collections.list(loader.getResources(file))) {
            try (InputStream in = url.openStream()) {
                String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
                if (text.lines()
                        .anyMatch(line -> line.replaceFirst("#.*", "").strip().equals(provider.getName()))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** What the module-info beside the class says; the other value where there is none. */
    static boolean inModule(Class<?> provider, boolean otherwise) throws IOException {
        ModuleDescriptor module = descriptor(provider);
        if (module == null || module.isAutomatic()) {
            return otherwise;
        }
        return module.provides().stream()
                .filter(each -> each.service().equals(TransportProvider.class.getName()))
                .anyMatch(each -> each.providers().contains(provider.getName()));
    }

    private static @Nullable ModuleDescriptor descriptor(Class<?> provider) throws IOException {
        if (provider.getModule().isNamed()) {
            return provider.getModule().getDescriptor();
        }
        URL location = provider.getResource("/" + provider.getName().replace('.', '/') + ".class");
        if (location == null) {
            return null;
        }
        String root = location.toString();
        root = root.substring(0, root.length() - (provider.getName().length() + ".class".length()));
        try (InputStream in = new URL(root + "module-info.class").openStream()) {
            return ModuleDescriptor.read(in);
        } catch (java.io.FileNotFoundException e) {
            return null;
        }
    }
}
