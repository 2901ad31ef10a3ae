package dev.livesync.cli.hub;

import dev.livesync.Endpoint;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.cli.hub.HubConfiguration.Entry;
import dev.livesync.cli.hub.HubConfiguration.GrantEntry;
import dev.livesync.cli.hub.HubConfiguration.PageEntry;
import dev.livesync.cli.hub.HubConfiguration.SessionSettings;
import dev.livesync.cli.hub.HubConfiguration.StoreEntry;
import dev.livesync.cli.web.BlockServer;
import dev.livesync.cli.web.BlockSource;
import dev.livesync.cli.web.PageServer;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.group.SyncGroup;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/** One database of a hub: who may come, where, and who is there. Not for use by several threads at once, but for {@link #sessions}. */
final class HubSessions implements BlockSource {
    /** Together with the delivery less than a process has to end in order. */
    static final Duration CLOSE_TIME = Duration.ofSeconds(2);

    private final HubHost host;
    private final HubHost.OpenedDatabase database;
    private final Grants grants;
    private final Map<String, Endpoint> endpoints = new LinkedHashMap<>();
    private @Nullable SessionSettings settings;
    private @Nullable SyncGroup group;
    private volatile String name = "";
    private String files = "";
    private volatile String secret = "";
    private @Nullable PageEntry page;
    private String pageSecret = "";
    private @Nullable PageServer pageServer;
    private volatile @Nullable Sync sync;
    private volatile List<String> addresses = List.of();

    private final Optional<StoreEntry> store;

    HubSessions(HubHost host, HubHost.OpenedDatabase database, Path directory, Optional<StoreEntry> store) {
        this.host = host;
        this.database = database;
        this.store = store;
        this.grants = Grants.inDirectory(directory);
    }

    /**
     * Makes everything as an entry says. What it says already is left alone; what can't be is told, and the rest is done.
     *
     * @return what could not be done, and why
     */
    List<SyncException> apply(Entry entry) {
        List<SyncException> problems = prepare(entry, "", null);
        attempt(problems, entry.where(), () -> applySecret(entry));
        entry.listen().forEach(address -> listen(address, entry.where(), problems));
        if (sync != null) {
            if (problems.isEmpty()
                    && entry.grants().isEmpty()
                    && secret.isEmpty()
                    && grants.list().isEmpty()) {
                host.note(entry.directory() + " has no grants, so nobody can come in; livesync grant makes one");
            }
            files = HubTransports.contents(entry.sessions().transports());
        }
        return problems;
    }

    /**
     * Makes everything as an entry says, but for listening.
     *
     * @param newName in the group
     * @param newGroup which it is a member of
     * @return what could not be done, and why
     */
    List<SyncException> prepare(Entry entry, String newName, @Nullable SyncGroup newGroup) {
        List<SyncException> problems = new ArrayList<>();
        attempt(problems, entry.where(), () -> applyGrants(entry, problems));
        attempt(problems, entry.where(), () -> applySessions(entry, newName, newGroup));
        List<String> gone = endpoints.keySet().stream()
                .filter(address -> !entry.listen().contains(address))
                .toList();
        gone.forEach(this::hangUp);
        entry.page()
                .ifPresentOrElse(wanted -> attempt(problems, wanted.where(), () -> applyPage(wanted)), this::closePage);
        return problems;
    }

    /** Listens at one more address, if it doesn't yet; what is in the way is told. */
    void listen(String address, String where, List<SyncException> problems) {
        Sync running = sync;
        if (running != null && !listensAt(address)) {
            String full = secret.isEmpty() ? address : address + "#" + secret;
            attempt(problems, where, () -> listens(address, await(address, running.listen(full, grants))));
        }
    }

    boolean listensAt(String address) {
        return endpoints.containsKey(address);
    }

    void listens(String address, Endpoint endpoint) {
        endpoints.put(address, endpoint);
        tellAddresses();
    }

    private void tellAddresses() {
        addresses = endpoints.values().stream().map(Endpoint::publicAddress).toList();
    }

    Grants grants() {
        return grants;
    }

    /** Its name in its group; empty if it is in none. */
    String name() {
        return name;
    }

    /** In which group it is. */
    @Nullable
    SyncGroup group() {
        return group;
    }

    /** A step that may fail. */
    interface Step {
        void run() throws IOException;
    }

    static void attempt(List<SyncException> problems, String where, Step step) {
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
    private void applySessions(Entry entry, String newName, @Nullable SyncGroup newGroup) throws IOException {
        SessionSettings wanted = entry.sessions();
        if (sync != null
                && wanted.equals(settings)
                && group == newGroup
                && name.equals(newName)
                && (newGroup != null
                        || HubTransports.contents(wanted.transports()).equals(files))) {
            return;
        }
        Sync next;
        if (newGroup == null) {
            Sync.Builder builder = choose(Sync.builder(database.database()), entry);
            HubTransports.providers(wanted.transports()).forEach(builder::transport);
            next = builder.build();
            hangUp();
        } else {
            if (newGroup == group) {
                hangUp(); // its name is taken as long as it is there
            }
            next = newGroup.add(newName, database.database(), builder -> choose(builder, entry));
            hangUp();
        }
        group = newGroup;
        name = newName;
        sync = next;
        database.serves(next);
        settings = wanted;
    }

    /** Tells all sessions and leaves the group, if it is in one. The database stays open. */
    void hangUp() {
        closePage();
        endpoints.clear();
        tellAddresses();
        Sync before = sync;
        if (group != null) {
            group.remove(name);
        } else if (before != null) {
            before.close();
        }
        sync = null;
        group = null;
        name = "";
    }

    private Sync.Builder choose(Sync.Builder builder, Entry entry) {
        SessionSettings wanted = entry.sessions();
        SyncLimits.Builder limits = SyncLimits.builder().closeTime(CLOSE_TIME);
        wanted.sessionsPerGrant().ifPresent(limits::sessionsPerGrant);
        wanted.maxDocumentBytes().ifPresent(limits::maxDocumentBytes);
        wanted.transitBytes().ifPresent(limits::transitBytes);
        wanted.heartbeatSeconds().ifPresent(seconds -> limits.heartbeat(Duration.ofSeconds(seconds)));
        builder.limits(limits.build())
                .allowAlpha(wanted.alphas())
                .listener(host.listener(String.valueOf(entry.directory().getFileName())));
        if (wanted.attachments()) {
            builder.listener(host.attachments());
        }
        host.time()
                .ifPresent(time -> builder.time(time.scheduler(), time.nanos()).clock(time.clock()));
        return builder;
    }

    /** It goes on, whatever else changes, as long as it is the same page for the same sessions. */
    private void applyPage(PageEntry wanted) throws IOException {
        String now = host.secret(wanted.secretFile());
        if (pageServer != null && wanted.equals(page) && now.equals(pageSecret)) {
            return;
        }
        closePage();
        Sync running = sync;
        if (running != null) {
            PageServer server = PageServer.start(
                    wanted.port().orElseGet(() -> PageServer.usualPort(now)),
                    wanted.directory(),
                    database.database().replica(),
                    running,
                    now);
            pageServer = server;
            page = wanted;
            pageSecret = now;
            host.note("page at " + server.publicAddress() + ", with # and the secret of " + wanted.secretFile());
        }
    }

    private void closePage() {
        PageServer server = pageServer;
        pageServer = null;
        if (server != null) {
            server.close();
        }
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
            tellAddresses();
        }
    }

    static <T> T await(String address, CompletableFuture<T> listening) {
        try {
            return listening.get();
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
            if (snapshot.isComplete(cid)) {
                return snapshot.size(cid) <= maxBytes ? snapshot.block(cid) : null;
            }
        }
        Block piece = replica.blocks().map(blocks -> blocks.block(cid)).orElse(null);
        return piece == null || piece.size() > maxBytes ? null : piece;
    }

    /** Where its documents are; empty for the directory. */
    Optional<StoreEntry> store() {
        return store;
    }

    /** What keeps it from storing; any thread. */
    Optional<String> problem() {
        return database.problem();
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
            hangUp();
        } finally {
            database.close();
        }
    }
}
