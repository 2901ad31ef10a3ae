package dev.livesync.cli.hub;

import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.grant.Rights;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a hub serves, checked. Relative paths are resolved.
 *
 * @param databases each directory once
 * @param health where liveness and readiness are told
 * @param blocks where blocks are handed out
 * @param drain how it stops
 */
record HubConfiguration(
        List<Entry> databases,
        Optional<InetSocketAddress> health,
        Optional<InetSocketAddress> blocks,
        DrainSettings drain) {
    /**
     * How sessions leave before the hub stops.
     *
     * @param notice how long it says that it isn't ready before anybody is asked to leave
     * @param leave how long sessions may take to leave
     */
    record DrainSettings(Duration notice, Duration leave) {
        /** Nobody waits. */
        static final DrainSettings NONE = new DrainSettings(Duration.ZERO, Duration.ZERO);
    }

    /**
     * One database.
     *
     * @param where its place in the file, for messages
     * @param directory its directory
     * @param listen its addresses, without secrets
     * @param secretFile the addresses' own secret
     * @param grants all grants; empty if they are managed by commands
     * @param sessions what concerns the sessions: they begin anew where it changes
     */
    record Entry(
            String where,
            Path directory,
            List<String> listen,
            Optional<Path> secretFile,
            Optional<List<GrantEntry>> grants,
            SessionSettings sessions) {}

    /** A grant, but for its secret. */
    record GrantEntry(
            String where,
            String name,
            Rights rights,
            Optional<Path> secretFile,
            Optional<Instant> expires,
            Set<PeerIdentity> peers) {}

    /** What a {@code Sync} is made with. */
    record SessionSettings(
            boolean alphas,
            boolean attachments,
            boolean plaintext,
            Set<String> origins,
            Optional<Path> keystore,
            Optional<Path> keystorePasswordFile,
            Optional<Integer> maxConnections,
            Optional<Path> identityFile,
            Optional<Integer> sessionsPerGrant,
            Optional<Integer> maxDocumentBytes,
            Optional<Long> transitBytes,
            Optional<Integer> heartbeatSeconds) {}
}
