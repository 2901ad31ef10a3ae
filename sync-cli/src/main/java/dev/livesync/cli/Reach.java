package dev.livesync.cli;

import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.group.SyncGroup;
import dev.livesync.transport.libp2p.Libp2pConfiguration;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options for how far a command's connections may go. */
abstract class Reach {
    @Option(
            names = "--plaintext",
            description =
                    "let ws:// addresses lead off this machine; what passes is confidential all the same, since sessions are "
                            + "sealed with the secret: on the way only its size and its time can be seen, and who talks to whom")
    private boolean plaintext;

    @Option(
            names = "--identity",
            paramLabel = "FILE",
            description =
                    "use the libp2p identity in this file, so that the peer id stays the same; if there is no such file, "
                            + "one is made that only its owner can read")
    private @Nullable Path identity;

    @Option(
            names = "--attachments",
            description =
                    "fetch the content of attachments with the documents that name it; without this option it stays where it is")
    private boolean attachments;

    /** Whether the content of attachments is fetched. */
    boolean fetchesAttachments() {
        return attachments;
    }

    /** Converts an address to what transports take: a bare multiaddr becomes libp2p's. */
    static String address(String text) {
        return text.startsWith("/") ? "libp2p:" + text : text;
    }

    /** Whether options for the WebSocket transport were given. */
    abstract boolean isWebSocketConfigured();

    abstract void configure(WebSocketConfiguration.Builder builder, Console console) throws IOException;

    /** Further transports that a command has configured itself. */
    List<TransportProvider> others() throws IOException {
        return List.of();
    }

    /** Creates a {@link Sync} with all available transports. */
    Sync sync(Database database, SyncListener listener, Console console) throws IOException {
        return builder(database, listener, console).build();
    }

    Sync.Builder builder(Database database, SyncListener listener, Console console) throws IOException {
        Sync.Builder builder = choose(Sync.builder(database), listener);
        transports(console).forEach(builder::transport);
        return builder;
    }

    /** Creates a group for one database of several that share an address. */
    SyncGroup group(Console console) throws IOException {
        SyncGroup.Builder builder = SyncGroup.builder();
        transports(console).forEach(builder::transport);
        return builder.build();
    }

    /** Makes the choices that are a database's own. */
    Sync.Builder choose(Sync.Builder builder, SyncListener listener) {
        return attachments ? builder.listener(listener).listener(new NamedContent()) : builder.listener(listener);
    }

    /** None if all are as they are found. */
    private List<TransportProvider> transports(Console console) throws IOException {
        List<TransportProvider> configured = new ArrayList<>();
        if (plaintext || isWebSocketConfigured()) {
            WebSocketConfiguration.Builder configuration =
                    WebSocketConfiguration.builder().allowPlaintextOffLoopback(plaintext);
            configure(configuration, console);
            configured.add(new WebSocketTransportProvider(configuration.build()));
        }
        if (identity != null) {
            OtherReaders.warn(console, identity);
            configured.add(new Libp2pTransportProvider(
                    Libp2pConfiguration.builder().identityFile(identity).build()));
        }
        configured.addAll(others());
        if (!configured.isEmpty()) {
            Set<String> ids = configured.stream().map(TransportProvider::id).collect(Collectors.toSet());
            ServiceLoader.load(TransportProvider.class, Reach.class.getClassLoader()).stream()
                    .map(ServiceLoader.Provider::get)
                    .filter(provider -> !ids.contains(provider.id()))
                    .forEach(configured::add);
        }
        return configured;
    }
}
