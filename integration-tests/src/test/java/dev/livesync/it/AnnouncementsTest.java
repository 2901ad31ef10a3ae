package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.TransportProvider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.module.ModuleDescriptor;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Providers are announced twice: to the class path by an annotation, to the module path by hand. Both must say the same. */
class AnnouncementsTest {
    private static final String SERVICE = TransportProvider.class.getName();
    private static final String SERVICE_FILE = "META-INF/services/" + SERVICE;

    @Test
    void bothPathsFindTheSameProviders() throws IOException {
        Map<String, Set<String>> onTheClassPath = new TreeMap<>();
        Map<String, Set<String>> onTheModulePath = new TreeMap<>();
        for (URL file : Collections.list(getClass().getClassLoader().getResources(SERVICE_FILE))) {
            ModuleDescriptor module = moduleOf(file);
            onTheClassPath.put(module.name(), announced(file));
            Set<String> provided = new TreeSet<>();
            module.provides().stream()
                    .filter(provides -> provides.service().equals(SERVICE))
                    .forEach(provides -> provided.addAll(provides.providers()));
            onTheModulePath.put(module.name(), provided);
        }
        assertThat(onTheClassPath).isEqualTo(onTheModulePath);
        assertThat(onTheClassPath)
                .containsOnlyKeys(
                        "dev.livesync.transport.libp2p",
                        "dev.livesync.transport.memory",
                        "dev.livesync.transport.partykit",
                        "dev.livesync.transport.webrtc",
                        "dev.livesync.transport.websocket")
                .allSatisfy((module, providers) -> assertThat(providers).hasSize(1));
    }

    private static Set<String> announced(URL file) throws IOException {
        try (InputStream in = file.openStream()) {
            Set<String> names = new TreeSet<>();
            new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.replaceFirst("#.*", "").strip())
                    .filter(line -> !line.isEmpty())
                    .forEach(names::add);
            return names;
        }
    }

    /** The module-info that lies beside the file, in the same folder or jar. */
    private static ModuleDescriptor moduleOf(URL file) throws IOException {
        String root = file.toString().substring(0, file.toString().length() - SERVICE_FILE.length());
        try (InputStream in = new URL(root + "module-info.class").openStream()) {
            return ModuleDescriptor.read(in);
        }
    }
}
