package dev.livesync.cli;

import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.io.IOException;
import java.util.ServiceLoader;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How far a command's connections may go. */
final class Reach {
    @Option(
            names = "--plaintext",
            description =
                    "let ws:// addresses lead off this machine; what passes is authenticated but can be read on the way, "
                            + "so only inside a network that you trust (wss:// is encrypted)")
    private boolean plaintext;

    @Mixin
    private final Encryption encryption = new Encryption();

    Encryption encryption() {
        return encryption;
    }

    /** A {@link Sync} with all transports that are there. */
    Sync sync(Database database, SyncListener listener) throws IOException {
        return builder(database, listener).build();
    }

    Sync.Builder builder(Database database, SyncListener listener) throws IOException {
        Sync.Builder builder = Sync.builder(database).listener(listener);
        if (plaintext || encryption.isAsked()) {
            WebSocketConfiguration.Builder configuration =
                    WebSocketConfiguration.builder().allowPlaintextOffLoopback(plaintext);
            encryption.configure(configuration);
            TransportProvider configured = new WebSocketTransportProvider(configuration.build());
            builder.transport(configured);
            ServiceLoader.load(TransportProvider.class, Reach.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(provider -> !provider.id().equals(configured.id()))
                    .forEach(builder::transport);
        }
        return builder;
    }
}
