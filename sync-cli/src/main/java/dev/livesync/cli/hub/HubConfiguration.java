package dev.livesync.cli.hub;

import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.grant.Rights;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What a hub serves, checked. Relative paths are resolved.
 *
 * @param databases what has addresses of its own; each directory once, in the group or here
 * @param group what is served at the same addresses
 * @param health where liveness and readiness are told
 * @param blocks where blocks are handed out
 * @param drain how it stops
 */
record HubConfiguration(
        List<Entry> databases,
        Optional<Group> group,
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

    /** All databases, each directory once. */
    List<Entry> all() {
        return Stream.concat(databases.stream(), group.stream().flatMap(shared -> shared.members().values().stream()))
                .toList();
    }

    /**
     * Databases that share addresses and connections.
     *
     * @param where its place in the file, for messages
     * @param listen their addresses
     * @param transports what these are made with
     * @param members by name; without secrets of the addresses
     */
    record Group(String where, List<String> listen, TransportSettings transports, Map<String, Entry> members) {}

    /**
     * One database.
     *
     * @param where its place in the file, for messages
     * @param directory its directory
     * @param listen its addresses, without secrets
     * @param secretFile the addresses' own secret
     * @param grants all grants; empty if they are managed by commands
     * @param page a page that syncs with it
     * @param sessions what concerns the sessions: they begin anew where it changes
     * @param store where its documents are; empty for the directory
     */
    record Entry(
            String where,
            Path directory,
            List<String> listen,
            Optional<Path> secretFile,
            Optional<List<GrantEntry>> grants,
            Optional<PageEntry> page,
            SessionSettings sessions,
            Optional<StoreEntry> store) {}

    /**
     * A database in a store that several hubs share.
     *
     * @param url of the store, without a password
     * @param reads where contents are read if a standby there has them
     * @param database its name there
     */
    record StoreEntry(String url, Optional<String> reads, String database) {
        /** Where it is, for messages. */
        String place() {
            return "database " + database + " of " + url;
        }
    }

    /** A page, as {@code livesync web} serves it, but for its secret. Without a port it has the one that its secret gives it. */
    record PageEntry(String where, Path directory, Optional<Integer> port, Path secretFile) {}

    /** A grant, but for its secret. */
    record GrantEntry(
            String where,
            String name,
            Rights rights,
            Optional<Path> secretFile,
            Optional<Instant> expires,
            Set<PeerIdentity> peers) {}

    /** What transports are made with. */
    record TransportSettings(
            boolean plaintext,
            Set<String> origins,
            Optional<Path> keystore,
            Optional<Path> keystorePasswordFile,
            Optional<Integer> maxConnections,
            Optional<Path> identityFile) {}

    /** What a {@code Sync} is made with; the transports, in a group, are the group's. */
    record SessionSettings(
            boolean alphas,
            boolean attachments,
            TransportSettings transports,
            Optional<Integer> sessionsPerGrant,
            Optional<Integer> maxDocumentBytes,
            Optional<Long> transitBytes,
            Optional<Integer> heartbeatSeconds) {}
}
