package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.partykit.PartyKitConfiguration;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Options of joining a room: the room's token. */
final class JoiningReach extends Reach {
    private static final int MAX_TOKEN_BYTES = 8_192;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            description = "the token that the room wants, alone in a file; a token lets in, and is not the secret")
    private @Nullable Path tokenFile;

    private @Nullable PartyKitTransportProvider rooms;

    @Override
    boolean isWebSocketConfigured() {
        return false;
    }

    @Override
    void configure(WebSocketConfiguration.Builder builder, Console console) {
        // Rooms are configured by others().
    }

    @Override
    List<TransportProvider> others() throws IOException {
        PartyKitConfiguration.Builder configuration = PartyKitConfiguration.builder();
        if (tokenFile != null) {
            configuration.token(token(tokenFile));
        }
        PartyKitTransportProvider made = new PartyKitTransportProvider(configuration.build());
        rooms = made;
        return List.of(made);
    }

    /** Finds those in a room; once there is a {@code Sync}. */
    Discovery discovery() {
        if (rooms == null) {
            throw new IllegalStateException("there is no Sync yet");
        }
        return rooms.discovery();
    }

    private static String token(Path file) throws IOException {
        if (Files.size(file) > MAX_TOKEN_BYTES) {
            throw new SyncException(ErrorKind.CONFIGURATION, "no token in " + file + ": it is too long");
        }
        return Files.readString(file, StandardCharsets.UTF_8).strip();
    }
}
