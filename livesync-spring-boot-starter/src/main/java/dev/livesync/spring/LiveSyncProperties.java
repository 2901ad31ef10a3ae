package dev.livesync.spring;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code livesync.*}. Immutable.
 *
 * @param enabled whether there are any beans of LiveSync's
 * @param directory where the database is; it is made if it isn't there. Without it the database is in memory, and gone when the application stops
 * @param databaseName what peers have to call the database, too; empty for no name
 * @param transports ids of the transports to use, such as websocket; empty for all that the application has
 * @param allowAlpha whether offers and answers of Fireproof's alpha are taken, which prove nothing
 * @param listen a port of LiveSync's own
 * @param hub a path of the application's own port
 * @param peers whom to keep connected, each under a name of your choice
 */
@ConfigurationProperties("livesync")
public record LiveSyncProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable Path directory,
        @DefaultValue("") String databaseName,
        @DefaultValue List<String> transports,
        @DefaultValue("false") boolean allowAlpha,
        @DefaultValue Listen listen,
        @DefaultValue Hub hub,
        @DefaultValue Map<String, Peer> peers) {
    /**
     * A port of LiveSync's own.
     *
     * @param address where to listen, such as ws://127.0.0.1:7070/; empty for nowhere
     * @param secret what callers without a grant have to know; empty if all need a grant
     */
    public record Listen(
            @DefaultValue("") String address,
            @DefaultValue("") String secret) {
        /** Without the secret. */
        @Override
        public String toString() {
            return "Listen[address=" + withoutFragment(address) + "]";
        }
    }

    /**
     * A path of the application's own port, at which its servlet container's WebSockets arrive.
     *
     * @param path the path of the hub, such as /livesync; empty for no hub
     * @param secret what callers without a grant have to know; empty if all need a grant
     * @param publicUrl what others dial, such as wss://example.org/livesync: the address that the endpoint tells; empty if nobody asks for it
     * @param allowedOrigins origins of web pages that may connect, such as https://example.org; programs have none and may always
     * @param maxConnections how many connections there may be at once
     */
    public record Hub(
            @DefaultValue("") String path,
            @DefaultValue("") String secret,
            @DefaultValue("") String publicUrl,
            @DefaultValue List<String> allowedOrigins,
            @DefaultValue("1000") int maxConnections) {
        /** Without the secret. */
        @Override
        public String toString() {
            return "Hub[path=" + path + ", publicUrl=" + withoutFragment(publicUrl) + ", allowedOrigins="
                    + allowedOrigins + ", maxConnections=" + maxConnections + "]";
        }
    }

    /**
     * A peer to keep connected.
     *
     * @param address where it listens, such as wss://example.org/livesync
     * @param secret the secret of that address, or a grant's; empty if it is the address's fragment
     */
    public record Peer(String address, @DefaultValue("") String secret) {
        /** Without the secret. */
        @Override
        public String toString() {
            return "Peer[address=" + withoutFragment(address) + "]";
        }
    }

    private static String withoutFragment(String address) {
        int hash = address.indexOf('#');
        return hash < 0 ? address : address.substring(0, hash);
    }
}
