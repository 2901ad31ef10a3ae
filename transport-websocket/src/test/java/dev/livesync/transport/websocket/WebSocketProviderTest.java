package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WebSocketProviderTest {
    @Test
    void theServiceFileAndTheModuleAnnounceTheSameProviders() throws Exception {
        List<String> found = ServiceLoader.load(TransportProvider.class).stream()
                .map(provider -> provider.type().getName())
                .toList();
        Path classes = Path.of(WebSocketTransportProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> provided = ModuleFinder.of(classes).findAll().iterator().next().descriptor().provides().stream()
                .filter(service -> service.service().equals(TransportProvider.class.getName()))
                .flatMap(service -> service.providers().stream())
                .toList();

        assertThat(found)
                .containsExactly(WebSocketTransportProvider.class.getName())
                .isEqualTo(provided);
    }

    @Test
    void discoveryStartsNothing() {
        Set<Thread> before = Thread.getAllStackTraces().keySet();
        TransportProvider provider =
                ServiceLoader.load(TransportProvider.class).iterator().next();
        assertThat(provider.id()).isEqualTo("websocket");
        assertThat(provider.schemes()).containsExactlyInAnyOrder("ws", "wss");
        assertThat(provider.localAddress()).isEqualTo("ws://127.0.0.1:0/");
        assertThat(provider.features())
                .containsExactlyInAnyOrder(
                        TransportFeature.INBOUND_BACKPRESSURE,
                        TransportFeature.CHANNEL_BINDING,
                        TransportFeature.ENCRYPTED);
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().startsWith("livesync"))
                .isSubsetOf(before);
    }
}
