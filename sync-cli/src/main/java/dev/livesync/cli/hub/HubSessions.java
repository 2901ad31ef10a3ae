package dev.livesync.cli.hub;

import dev.livesync.Endpoint;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.cli.hub.HubConfiguration.Entry;
import dev.livesync.cli.hub.HubConfiguration.GrantEntry;
import dev.livesync.cli.hub.HubConfiguration.SessionSettings;
import dev.livesync.cli.web.BlockServer;
import dev.livesync.cli.web.BlockSource;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.transport.libp2p.Libp2pConfiguration;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import dev.livesync.transport.websocket.WebSocketConfiguration;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** One database of a hub: who may come, where, and who is there. Not for use by several threads at once, but for {@link #sessions}. */
final class HubSessions implements BlockSource {
    /** Together with the delivery less than a process has to end in order. */
    private static final Duration CLOSE_TIME = Duration.ofSeconds(2);

    private final HubHost host;
    private final HubHost.OpenedDatabase database;
    private final Grants grants;
    private final Map<String, Endpoint> endpoints = new LinkedHashMap<>();
    private @Nullable SessionSettings settings;
    private String files = "";
    private volatile String secret = "";
    private volatile @Nullable Sync sync;
    private volatile List<String> addresses = List.of();

    HubSessions(HubHost host, HubHost.OpenedDatabase database, Path directory) {
        this.host = host;
        this.database = database;
        this.grants = Grants.inDirectory(directory);
    }

    /**
     * Makes everything as an entry says. What it says already is left alone; what can't be is told, and the rest is done.
     *
     * @return what could not be done, and why
     */
    List<SyncException> apply(Entry entry) {
        List<SyncException> problems = new ArrayList<>();
        attempt(problems, entry.where(), () -> applyGrants(entry, problems));
        attempt(problems, entry.where(), () -> applySessions(entry));
        attempt(problems, entry.where(), () -> applySecret(entry));
        List<String> gone = endpoints.keySet().stream()
                .filter(address -> !entry.listen().contains(address))
                .toList();
        gone.forEach(this::hangUp);
        Sync running = sync;
        if (running != null) {
            for (String address : entry.listen()) {
                if (!endpoints.containsKey(address)) {
                    attempt(problems, entry.where(), () -> endpoints.put(address, listen(running, address)));
                }
            }
            if (problems.isEmpty()
                    && entry.grants().isEmpty()
                    && secret.isEmpty()
                    && grants.list().isEmpty()) {
                host.note(entry.directory() + " has no grants, so nobody can come in; livesync grant makes one");
            }
            files = contents(entry.sessions());
        }
        addresses = endpoints.values().stream().map(Endpoint::publicAddress).toList();
        return problems;
    }

    private interface Step {
        void run() throws IOException;
    }

    private static void attempt(List<SyncException> problems, String where, Step step) {
        try {
            step.run();
        } catch (SyncException e) {
            problems.add(new SyncException(e.kind(), where + ": " + e.getMessage(), e));
        } catch (IOException e) {
            problems.add(new SyncException(ErrorKind.STORAGE, where + ": " + Reason.of(e), e));
        }
    }

    /** What the file says is all: a grant that is there and not in the file is revoked, so that a restart lets in nobody else than a reload. */
    private void applyGrants(Entry entry, List<SyncException> problems) {
        if (entry.grants().isEmpty()) {
            return;
        }
        Map<String, Grant> wanted = new LinkedHashMap<>();
        Set<String> unknown = new HashSet<>();
        for (GrantEntry grant : entry.grants().get()) {
            unknown.add(grant.name());
            attempt(problems, grant.where(), () -> wanted.put(grant.name(), grant(grant)));
        }
        for (Grant there : grants.list()) {
            Grant here = wanted.get(there.name());
            if (there.equals(here)) {
                wanted.remove(there.name());
            } else if (here != null || !unknown.contains(there.name())) {
                grants.revoke(there.name());
            }
        }
        wanted.values().forEach(grants::add);
    }

    private Grant grant(GrantEntry entry) throws IOException {
        String own =
                entry.secretFile().isPresent() ? host.secret(entry.secretFile().get()) : "";
        return new Grant(entry.name(), own, entry.rights(), entry.expires(), entry.peers());
    }

    /** Where what sessions are made with has changed, they are closed, and come back. The new ones are prepared first: what can't be changes nothing. */
    private void applySessions(Entry entry) throws IOException {
        if (sync != null
                && entry.sessions().equals(settings)
                && contents(entry.sessions()).equals(files)) {
            return;
        }
        Sync next = build(entry);
        Sync before = sync;
        endpoints.clear();
        if (before != null) {
            before.close();
        }
        sync = next;
        database.serves(next);
        settings = entry.sessions();
    }

    private Sync build(Entry entry) throws IOException {
        SessionSettings wanted = entry.sessions();
        SyncLimits.Builder limits = SyncLimits.builder().closeTime(CLOSE_TIME);
        wanted.sessionsPerGrant().ifPresent(limits::sessionsPerGrant);
        wanted.maxDocumentBytes().ifPresent(limits::maxDocumentBytes);
        wanted.transitBytes().ifPresent(limits::transitBytes);
        wanted.heartbeatSeconds().ifPresent(seconds -> limits.heartbeat(Duration.ofSeconds(seconds)));
        Sync.Builder builder = Sync.builder(database.database())
                .limits(limits.build())
                .allowAlpha(wanted.alphas())
                .listener(host.listener(String.valueOf(entry.directory().getFileName())));
        if (wanted.attachments()) {
            builder.listener(host.attachments());
        }
        providers(wanted).forEach(builder::transport);
        return builder.build();
    }

    private static List<TransportProvider> providers(SessionSettings wanted) throws IOException {
        List<TransportProvider> providers = new ArrayList<>();
        WebSocketConfiguration.Builder socket = WebSocketConfiguration.builder()
                .allowPlaintextOffLoopback(wanted.plaintext())
                .allowedOrigins(wanted.origins());
        wanted.maxConnections().ifPresent(socket::maxConnections);
        if (wanted.keystore().isPresent() && wanted.keystorePasswordFile().isPresent()) {
            try (var lines = Files.lines(wanted.keystorePasswordFile().get(), StandardCharsets.UTF_8)) {
                socket.serverKeyStore(
                        wanted.keystore().get(), lines.findFirst().orElse("").toCharArray());
            }
        }
        providers.add(new WebSocketTransportProvider(socket.build()));
        Libp2pConfiguration.Builder libp2p = Libp2pConfiguration.builder();
        wanted.identityFile().ifPresent(libp2p::identityFile);
        providers.add(new Libp2pTransportProvider(libp2p.build()));
        Set<String> ids = providers.stream().map(TransportProvider::id).collect(Collectors.toSet());
        ServiceLoader.load(TransportProvider.class, HubSessions.class.getClassLoader()).stream()
                .map(ServiceLoader.Provider::get)
                .filter(provider -> !ids.contains(provider.id()))
                .forEach(providers::add);
        return providers;
    }

    private void applySecret(Entry entry) throws IOException {
        String now =
                entry.secretFile().isPresent() ? host.secret(entry.secretFile().get()) : "";
        if (!now.equals(secret)) {
            List.copyOf(endpoints.keySet()).forEach(this::hangUp);
            secret = now;
        }
    }

    private void hangUp(String address) {
        Endpoint endpoint = endpoints.remove(address);
        if (endpoint != null) {
            endpoint.close();
        }
    }

    private Endpoint listen(Sync running, String address) {
        try {
            return running.listen(secret.isEmpty() ? address : address + "#" + secret, grants)
                    .get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof SyncException s) {
                throw s;
            }
            throw new SyncException(ErrorKind.INTERNAL, "cannot listen at " + address + ": " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new SyncException(ErrorKind.CANCELLED, "interrupted", e);
        }
    }

    /** A hash of the files with keys, so that a new certificate under the same name is a change. */
    private static String contents(SessionSettings settings) {
        MessageDigest digest = Digests.newSha256();
        for (Optional<Path> file :
                List.of(settings.keystore(), settings.keystorePasswordFile(), settings.identityFile())) {
            try {
                if (file.isPresent()) {
                    digest.update(Files.readAllBytes(file.get()));
                }
            } catch (IOException e) {
                // Whoever uses the file says what is wrong with it.
            }
            digest.update((byte) 0);
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /** Where it listens; any thread. */
    List<String> addresses() {
        return addresses;
    }

    /** Whether it is the token of who may read: of the addresses' secret, or of a grant that a secret alone opens. */
    @Override
    public boolean admits(String token) {
        String own = secret;
        if (!own.isEmpty() && isToken(token, own)) {
            return true;
        }
        Instant now = Instant.now();
        return grants.list().stream()
                .anyMatch(grant -> grant.hasSecret()
                        && grant.peers().isEmpty()
                        && grant.rights().canRead()
                        && !grant.isExpired(now)
                        && isToken(token, grant.secret()));
    }

    private static boolean isToken(String shown, String secret) {
        return MessageDigest.isEqual(
                shown.getBytes(StandardCharsets.US_ASCII),
                BlockServer.token(secret).getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public @Nullable Block block(Cid cid, int maxBytes) {
        Replica replica = database.database().replica();
        try (Snapshot snapshot = replica.snapshot()) {
            if (snapshot.event(cid) != null) {
                return snapshot.size(cid) <= maxBytes ? snapshot.block(cid) : null;
            }
        }
        Block piece = replica.blocks().map(blocks -> blocks.block(cid)).orElse(null);
        return piece == null || piece.size() > maxBytes ? null : piece;
    }

    /** How many sessions there are; any thread. */
    int sessions() {
        Sync running = sync;
        return running == null ? 0 : running.sessions().size();
    }

    /**
     * Lets nobody new in, and asks the sessions to leave.
     *
     * @return completes when none is left, or the time is over
     */
    CompletableFuture<Void> drain(Duration within) {
        List.copyOf(endpoints.keySet()).forEach(this::hangUp);
        Sync running = sync;
        return running == null ? CompletableFuture.completedFuture(null) : running.drain(within);
    }

    /** Tells the sessions, within bounded time, and closes the database. */
    void close() {
        try {
            Sync running = sync;
            if (running != null) {
                running.close();
            }
        } finally {
            database.close();
        }
    }
}
