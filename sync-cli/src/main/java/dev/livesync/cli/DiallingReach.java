package dev.livesync.cli;

import dev.livesync.transport.websocket.WebSocketConfiguration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Option;

/** Options of dialling: where connections may go, and which certificates are trusted for {@code wss://}. */
final class DiallingReach extends Reach {
    @Option(
            names = "--pin",
            paramLabel = "SHA256",
            description =
                    "when dialling wss://, trust the certificate with this SHA-256, which its listener prints, and no other; "
                            + "repeatable; without it, trust what Java trusts")
    private List<String> pins = List.of();

    @Override
    boolean isWebSocketConfigured() {
        return !pins.isEmpty();
    }

    @Override
    void configure(WebSocketConfiguration.Builder builder, Console console) {
        if (!pins.isEmpty()) {
            builder.pinnedCertificates(Set.copyOf(new HashSet<>(pins)));
        }
    }
}
