package dev.livesync.transport.memory;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.lang.module.ModuleFinder;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;

class MemoryProviderTest {
    @Test
    void theServiceFileAndTheModuleAnnounceTheSameProviders() throws Exception {
        List<String> found = ServiceLoader.load(TransportProvider.class).stream()
                .map(provider -> provider.type().getName())
                .toList();
        Path classes = Path.of(MemoryTransportProvider.class
                .getProtectionDomain()
                .getCodeSource()
                .getLocation()
                .toURI());
        List<String> provided = ModuleFinder.of(classes).findAll().iterator().next().descriptor().provides().stream()
                .filter(service -> service.service().equals(TransportProvider.class.getName()))
                .flatMap(service -> service.providers().stream())
                .toList();

        assertThat(found)
                .containsExactly(MemoryTransportProvider.class.getName())
                .isEqualTo(provided);
    }

    @Test
    void namesItselfAndItsFeatures() {
        TransportProvider plain = new MemoryTransportProvider();
        TransportProvider rich = new MemoryNetwork()
                .provider(MemoryConfiguration.withoutBackpressure().toBuilder()
                        .binding(true)
                        .identity("alice")
                        .build());

        assertThat(plain.id()).isEqualTo("memory");
        assertThat(plain.schemes()).containsExactly("memory");
        assertThat(plain.features()).containsExactly(TransportFeature.INBOUND_BACKPRESSURE);
        assertThat(rich.features())
                .containsExactlyInAnyOrder(TransportFeature.CHANNEL_BINDING, TransportFeature.PEER_IDENTITY);
    }

    @Test
    void recognizesItsOwnOffersAndNoOthers() {
        TransportProvider signalling = new MemoryNetwork().signalling();

        assertThat(signalling.recognizes(new Signal(Signal.Kind.OFFER, Map.of("sdp", "memory-signal offer 7"))))
                .isTrue();
        assertThat(signalling.recognizes(new Signal(Signal.Kind.ANSWER, Map.of("sdp", "memory-signal offer 7"))))
                .isFalse();
        assertThat(signalling.recognizes(
                        new Signal(Signal.Kind.OFFER, Map.of("sdp", "v=0\r\no=- 1 2 IN IP4 127.0.0.1"))))
                .isFalse();
        assertThat(signalling.recognizes(new Signal(Signal.Kind.OFFER, Map.of())))
                .isFalse();
        assertThat(new MemoryTransportProvider()
                        .recognizes(new Signal(Signal.Kind.OFFER, Map.of("sdp", "memory-signal offer 7"))))
                .isFalse();
    }
}
