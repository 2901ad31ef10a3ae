package dev.livesync.cli.hub;

import dev.livesync.api.internal.Digests;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.cli.hub.HubConfiguration.TransportSettings;
import dev.livesync.transport.libp2p.Libp2pConfiguration;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;

/** The transports of a hub. */
final class HubTransports {
    private HubTransports() {}

    /** All that are there, and those that have settings with these. */
    static List<TransportProvider> providers(TransportSettings wanted) throws IOException {
        List<TransportProvider> providers = new ArrayList<>();
        WebSocketConfiguration.Builder socket = WebSocketConfiguration.builder()
                .allowPlaintextOffLoopback(wanted.plaintext())
                .allowedOrigins(wanted.origins());
        wanted.maxConnections().ifPresent(socket::maxConnections);
        if (wanted.keystore().isPresent() && wanted.keystorePasswordFile().isPresent()) {
            try (var lines = Files.lines(wanted.keystorePasswordFile().get(), StandardCharsets.UTF_8)) {
                socket.serverKeyStore(
                        wanted.keystore().get(), lines.findFirst().orElse("").toCharArray());
            }
        }
        providers.add(new WebSocketTransportProvider(socket.build()));
        Libp2pConfiguration.Builder libp2p = Libp2pConfiguration.builder();
        wanted.identityFile().ifPresent(libp2p::identityFile);
        providers.add(new Libp2pTransportProvider(libp2p.build()));
        Set<String> ids = providers.stream().map(TransportProvider::id).collect(Collectors.toSet());
        ServiceLoader.load(TransportProvider.class, HubTransports.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> !ids.contains(provider.id()))
                .forEach(providers::add);
        return providers;
    }

    /** A hash of the files with keys, so that a new certificate under the same name is a change. */
    static String contents(TransportSettings settings) {
        MessageDigest digest = Digests.newSha256();
        for (Optional<Path> file :
                List.of(settings.keystore(), settings.keystorePasswordFile(), settings.identityFile())) {
            try {
                if (file.isPresent()) {
                    digest.update(Files.readAllBytes(file.get()));
                }
            } catch (IOException e) {
                // Whoever uses the file says what is wrong with it.
            }
            digest.update((byte) 0);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
