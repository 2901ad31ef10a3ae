package dev.livesync.cli;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.Collections;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Options of listening: where connections may come from, and the keys for {@code wss://}. */
final class ListeningReach extends Reach {
    private static final Pattern ORIGIN = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]*://[^/?#*\\s]+");

    @ArgGroup(exclusive = false)
    private @Nullable KeyStoreOptions keys;

    private Set<String> origins = Set.of();

    /** Lets pages of these origins in. */
    void allowOrigins(Set<String> allowed) {
        for (String origin : allowed) {
            if (!ORIGIN.matcher(origin).matches()) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "no page comes from " + origin
                                + ": an origin is a scheme and a host, with a port where it is not the scheme's own, such as "
                                + "https://app.example or socket://com.example.app");
            }
        }
        origins = Set.copyOf(allowed);
    }

    /** The options of a key store: both or neither. */
    static final class KeyStoreOptions {
        @Option(
                names = "--keystore",
                paramLabel = "FILE",
                required = true,
                description = "listen at wss:// with the key in this PKCS #12 or JKS file, as keytool makes them")
        private Path file = Path.of("");

        @Option(
                names = "--keystore-password-file",
                paramLabel = "FILE",
                required = true,
                description = "its password: the first line of this file")
        private Path password = Path.of("");
    }

    @Override
    boolean isWebSocketConfigured() {
        return keys != null || !origins.isEmpty();
    }

    @Override
    void configure(WebSocketConfiguration.Builder builder, Console console) throws IOException {
        builder.allowedOrigins(origins);
        if (keys != null) {
            OtherReaders.warn(console, keys.password);
            builder.serverKeyStore(keys.file, password(keys.password));
        }
    }

    /** The value for a dialler's {@code --pin}; empty without keys. */
    Optional<String> pin() throws IOException {
        if (keys == null) {
            return Optional.empty();
        }
        try {
            char[] password = password(keys.password);
            KeyStore store = KeyStore.getInstance(keys.file.toFile(), password);
            for (String alias : Collections.list(store.aliases())) {
                Certificate certificate = store.getCertificate(alias);
                if (store.isKeyEntry(alias) && certificate instanceof X509Certificate x509) {
                    return Optional.of(WebSocketConfiguration.certificateHash(x509));
                }
            }
            return Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "cannot read the certificate in " + keys.file + ": " + Reason.of(e), e);
        }
    }

    private static char[] password(Path file) throws IOException {
        try (var lines = Files.lines(file, StandardCharsets.UTF_8)) {
            return lines.findFirst().orElse("").toCharArray();
        } catch (IOException | UncheckedIOException e) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "cannot read the password in " + file + ": " + Reason.of(e), e);
        }
    }
}
