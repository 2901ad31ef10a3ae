package dev.livesync.it.grants;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.OpenAnswer;
import dev.livesync.OpenOffer;
import dev.livesync.PeerInfo;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.grant.Authorizer;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** A hub that gives grants, and a peer that has one; what the peer is sent is kept. */
final class Granting implements AutoCloseable {
    static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    final Database hub = Database.inMemory();
    final Database mine = Database.inMemory();
    final Grants grants = Grants.inMemory();
    final List<SyncException> refused = new CopyOnWriteArrayList<>();
    final Sync atHub;
    final Sync atMine;
    volatile Instant now = START;
    private final Way way;
    private final TransportProvider hubs;
    private final Tap tap;

    Granting(Way way, Path scratch, Authorizer authorizer, Predicate<Message> dropped) throws Exception {
        this.way = way;
        hubs = new Tap(way.wire.provider(scratch), message -> false);
        tap = new Tap(way.wire.provider(scratch), dropped);
        hub.put("the-hubs-id", "{\"text\":\"what the hub knows\"}");
        mine.put("the-peers-id", "{\"text\":\"what the peer knows\"}");
        atHub = Sync.builder(hub)
                .transport(hubs)
                .listenAddress(way.wire.transport, way.wire.address(hubs))
                .authorizer(authorizer)
                .clock(() -> now)
                .build();
        atMine = Sync.builder(mine)
                .transport(tap)
                .listener(new SyncListener() {
                    @Override
                    public void changesRefused(Session session, SyncException refusal) {
                        refused.add(refusal);
                    }
                })
                .build();
    }

    Granting(Way way, Path scratch) throws Exception {
        this(way, scratch, write -> Optional.empty(), message -> false);
    }

    /** The peer comes with a grant, whatever has become of it. The session is the peer's. */
    Session connect(Grant grant) throws Exception {
        return connect(grant, () -> {});
    }

    /**
     * As {@link #connect(Grant)}.
     *
     * @param meanwhile done when the hub listens or has offered, and the peer hasn't come
     */
    Session connect(Grant grant, Runnable meanwhile) throws Exception {
        Session session;
        if (way.dialled) {
            Endpoint endpoint = get(atHub.listen(way.wire.address(hubs), grants));
            meanwhile.run();
            session = get(atMine.dial(endpoint.publicAddress(), grant.secret()));
        } else {
            OpenOffer offer = get(atHub.openOffer(way.wire.transport, grants, grant.name()));
            OpenAnswer answer = get(atMine.openAnswer(offer.text()));
            meanwhile.run();
            CompletableFuture<Session> there = offer.connect(answer.text());
            session = get(answer.session());
            get(there);
        }
        assertThat(session.peer().authentication())
                .as("the tap reads what passes")
                .isEqualTo(PeerInfo.Authentication.BOUND);
        return session;
    }

    /** All that the peer was sent, each byte as a character. */
    String heard() {
        return tap.heard();
    }

    /** Nothing that is in the hub was sent to the peer in any form: no id, no value, no CID. */
    void assertNothingLearned() {
        String all = heard();
        assertThat(all).doesNotContain("the-hubs-id", "later-at-the-hub", "what the hub knows");
        Set<Cid> own = stored(mine);
        for (Cid cid : stored(hub)) {
            if (!own.contains(cid)) {
                assertThat(all).doesNotContain(cid.toString());
                assertThat(all).doesNotContain(new String(cid.toByteArray(), StandardCharsets.ISO_8859_1));
            }
        }
    }

    /** Every block that a database has. */
    static Set<Cid> stored(Database database) {
        Set<Cid> all = new HashSet<>();
        try (Snapshot snapshot = database.replica().snapshot()) {
            snapshot.storedCids().forEachRemaining(all::add);
            snapshot.eventsSince(List.of()).forEachRemaining(all::add);
        }
        assertThat(all).isNotEmpty();
        return all;
    }

    static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }

    static SyncException failure(CompletableFuture<?> future) throws Exception {
        try {
            get(future);
        } catch (ExecutionException e) {
            return (SyncException) e.getCause();
        }
        throw new AssertionError("it did not fail");
    }

    @Override
    public void close() {
        atMine.close();
        atHub.close();
        mine.close();
        hub.close();
    }
}
