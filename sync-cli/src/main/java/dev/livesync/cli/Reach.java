package dev.livesync.cli;

import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.util.ServiceLoader;
import picocli.CommandLine.Option;

/** How far a command's connections may go. */
final class Reach {
    @Option(
            names = "--plaintext",
            description =
                    "let ws:// addresses lead off this machine; what passes is authenticated but can be read on the way, "
                            + "so only inside a network that you trust (wss:// is encrypted)")
    private boolean plaintext;

    /** A {@link Sync} with all transports that are there. */
    Sync sync(Database database, SyncListener listener) {
        return builder(database, listener).build();
    }

    Sync.Builder builder(Database database, SyncListener listener) {
        Sync.Builder builder = Sync.builder(database).listener(listener);
        if (plaintext) {
            TransportProvider unencrypted = new WebSocketTransportProvider(WebSocketConfiguration.builder()
                    .allowPlaintextOffLoopback(true)
                    .build());
            builder.transport(unencrypted);
            ServiceLoader.load(TransportProvider.class, Reach.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(provider -> !provider.id().equals(unencrypted.id()))
                    .forEach(builder::transport);
        }
        return builder;
    }
}
