package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.discovery.mdns.MdnsDiscovery;
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

/** Options of joining: the room's token. */
final class JoiningReach extends Reach {
    private static final int MAX_TOKEN_BYTES = 8_192;

    /** RFC 6762 has two minutes for what depends on a host; jmDNS has an hour, for which it would believe in who was killed. */
    private static final String TIME_TO_LIVE = "net.dns.ttl";

    private static final String SECONDS_TO_LIVE = "120";

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

    /** Finds those in a room or on the network; once there is a {@code Sync}. */
    Discovery discovery(MeetingPlace place) {
        if (place.group().isPresent()) {
            if (tokenFile != null) {
                throw new SyncException(ErrorKind.CONFIGURATION, "--token-file is for rooms: a network has no token");
            }
            if (System.getProperty(TIME_TO_LIVE) == null) {
                System.setProperty(TIME_TO_LIVE, SECONDS_TO_LIVE);
            }
            return new MdnsDiscovery(place.group().get());
        }
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
