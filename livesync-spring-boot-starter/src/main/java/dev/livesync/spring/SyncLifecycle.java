package dev.livesync.spring;

import dev.livesync.Endpoint;
import dev.livesync.KeptPeer;
import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.grant.Grants;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.context.SmartLifecycle;

/**
 * Listens and dials once the application is up, and stops before its web server does: peers are told, and get what was written last. Not final, so that it
 * can be proxied.
 */
class SyncLifecycle implements SyncedDatabase, SmartLifecycle {
    /** What the address of a hub in a servlet container begins with; its provider can't be loaded where there is no servlet API. */
    private static final String SERVLET = "servlet:";

    private final LiveSyncProperties properties;
    private final Database database;
    private final Sync sync;
    private final Grants grants;
    private volatile List<Endpoint> endpoints = List.of();
    private volatile Map<String, KeptPeer> peers = Map.of();
    private volatile boolean running;
    private volatile boolean stopped;

    SyncLifecycle(LiveSyncProperties properties, Database database, Sync sync, Grants grants) {
        this.properties = properties;
        this.database = database;
        this.sync = sync;
        this.grants = grants;
    }

    @Override
    public Database database() {
        return database;
    }

    @Override
    public Sync sync() {
        return sync;
    }

    @Override
    public Grants grants() {
        return grants;
    }

    @Override
    public List<Endpoint> endpoints() {
        return endpoints;
    }

    @Override
    public Map<String, KeptPeer> peers() {
        return peers;
    }

    @Override
    public void start() {
        if (stopped) {
            throw new IllegalStateException("this application's Sync is closed: start a new application context");
        }
        List<Endpoint> listening = new ArrayList<>();
        LiveSyncProperties.Hub hub = properties.hub();
        if (!hub.path().isEmpty()) {
            listening.add(listen(
                    SERVLET + hub.path(),
                    hub.secret(),
                    "livesync.hub.path takes a servlet web application whose container has WebSockets"));
        }
        LiveSyncProperties.Listen own = properties.listen();
        if (!own.address().isEmpty()) {
            listening.add(listen(own.address(), own.secret(), "livesync.listen.address"));
        }
        endpoints = List.copyOf(listening);
        Map<String, KeptPeer> kept = new LinkedHashMap<>();
        properties
                .peers()
                .forEach((name, peer) -> kept.put(
                        name,
                        peer.secret().isEmpty()
                                ? sync.keep(peer.address())
                                : sync.keep(peer.address(), peer.secret())));
        peers = Collections.unmodifiableMap(kept);
        running = true;
    }

    private Endpoint listen(String address, String secret, String property) {
        try {
            return sync.listen(secret.isEmpty() ? address : address + "#" + secret, grants)
                    .join();
        } catch (RuntimeException e) {
            throw new IllegalStateException(property + ": " + causeOf(e).getMessage(), e);
        }
    }

    private static Throwable causeOf(RuntimeException e) {
        Throwable cause = e.getCause();
        return cause == null ? e : cause;
    }

    @Override
    public void stop() {
        running = false;
        stopped = true;
        sync.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    /**
     * Spring 7 pauses contexts that tests keep; a {@code Sync} that was closed doesn't begin again, and one in a paused context harms nobody. Without
     * {@code @Override}, for Spring 6 has no such method.
     *
     * @return false
     */
    public boolean isPauseable() {
        return false;
    }
}
