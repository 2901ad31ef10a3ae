package dev.livesync.core.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who dials a listener that has grants. */
class GrantedSessionsTest {
    private static final Instant START = Instant.parse("2030-01-01T00:00:00Z");

    private static final int MOST = 4;

    private final World world = new World(3);
    private final Random random = new Random(3);
    private final TestReplica hub = new TestReplica();
    private final TestReplica mine = new TestReplica();
    private final List<SyncException> refused = new ArrayList<>();
    private final List<SyncException> notTaken = new ArrayList<>();
    private final List<Sync> peers = new ArrayList<>();
    private Instant now = START;

    @TempDir
    private Path directory;

    private Sync listener() {
        Sync sync = world.peer(hub)
                .transport(world.network.provider())
                .clock(() -> now)
                .limits(SyncLimits.builder()
                        .sessionsPerGrant(MOST)
                        .deliveryTime(Duration.ofMillis(20))
                        .closeTime(Duration.ofMillis(20))
                        .build())
                .listener(new SyncListener() {
                    @Override
                    public void refused(String remote, SyncException why) {
                        refused.add(why);
                    }
                })
                .build();
        peers.add(sync);
        return sync;
    }

    private Sync dialler() {
        Sync sync = world.peer(mine)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void changesRefused(Session session, SyncException refusal) {
                        notTaken.add(refusal);
                    }
                })
                .build();
        peers.add(sync);
        return sync;
    }

    private Session dial(Sync dialler, Endpoint endpoint, Grant grant) {
        Session session = world.get(dialler.dial(endpoint.publicAddress(), grant.secret()));
        world.settle();
        return session;
    }

    private void assertNotLetIn(Endpoint endpoint, Grant grant) {
        assertThatThrownBy(() -> dial(dialler(), endpoint, grant))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION))
                .hasMessageNotContaining(grant.name());
    }

    private static SyncException failure(CompletableFuture<Void> future) {
        assertThat(future).isDone();
        try {
            future.join();
        } catch (CompletionException e) {
            return (SyncException) e.getCause();
        }
        throw new AssertionError("it did not fail");
    }

    @AfterEach
    void close() {
        peers.forEach(world::close);
    }

    @Test
    void aGrantIsNamedAndItsRightsAreKnownAtBothEnds() {
        Grants grants = Grants.inMemory();
        Sync sync = listener();
        Endpoint endpoint = world.get(sync.listen("memory:", grants));
        assertThat(endpoint.address()).isEqualTo(endpoint.publicAddress());
        Cid theirs = hub.put("theirs", "x");
        Cid own = mine.put("mine", "y");
        for (Rights rights : Rights.values()) {
            Grant grant = Grant.of("for-" + rights.name(), rights, random);
            grants.add(grant);
            Sync dialler = dialler();
            Session session = dial(dialler, endpoint, grant);
            Session there = sync.sessions().get(0);
            assertThat(there.peer().grant()).contains(grant.name());
            assertThat(there.peer().rights()).isEqualTo(rights);
            assertThat(there.rights()).isEqualTo(Rights.READ_WRITE);
            assertThat(session.peer().grant()).isEmpty();
            // Whether it may erase is not told.
            assertThat(session.rights()).isEqualTo(rights.canErase() ? Rights.READ_WRITE : rights);
            assertThat(session.backlog()).isCompleted();
            CompletableFuture<Void> delivered = session.delivered();
            CompletableFuture<Void> equal = session.awaitEqual();
            world.settle();
            if (rights == Rights.READ) {
                assertThat(mine.events()).contains(theirs);
                assertThat(hub.events()).doesNotContain(own);
                assertThat(notTaken).hasSize(1);
                assertThat(failure(delivered).kind()).isEqualTo(ErrorKind.REFUSED);
                assertThat(failure(equal).kind()).isEqualTo(ErrorKind.REFUSED);
            } else {
                assertThat(hub.events()).contains(own);
                assertThat(delivered).isCompleted();
            }
            world.close(dialler);
        }
    }

    @Test
    void aRevokedGrantEndsItsSessionsAtOnceAndNoOthers() {
        Grants grants = Grants.inMemory();
        Grant alice = Grant.of("alice", Rights.READ_WRITE, random);
        Grant bob = Grant.of("bob", Rights.READ_WRITE, random);
        grants.add(alice);
        grants.add(bob);
        Endpoint endpoint = world.get(listener().listen("memory:", grants));
        Session one = dial(dialler(), endpoint, alice);
        Session other = dial(dialler(), endpoint, bob);
        grants.revoke("alice");
        world.settle();
        SyncException why = failure(one.closed());
        assertThat(why.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        assertThat(why).hasMessageContaining("grant alice was revoked");
        hub.put("after", "x");
        world.settle();
        assertThat(other.closed()).isNotDone();
        assertNotLetIn(endpoint, alice);
        // Somebody else under the same name has another secret.
        grants.add(Grant.of("alice", Rights.READ, random));
        assertNotLetIn(endpoint, alice);
        assertThat(refused).hasSize(2);
    }

    @Test
    void anotherProcessRevokesThroughTheFile() throws Exception {
        Grants there = Grants.inDirectory(directory);
        Grant alice = Grant.of("alice", Rights.READ_WRITE, random);
        Endpoint endpoint = world.get(listener().listen("memory:", Grants.inDirectory(directory)));
        there.add(alice);
        Session session = dial(dialler(), endpoint, alice);
        there.revoke("alice");
        world.pass(Duration.ofMillis(400));
        assertThat(session.closed()).isNotDone();
        world.pass(Duration.ofMillis(200));
        assertThat(failure(session.closed())).hasMessageContaining("grant alice was revoked");

        there.add(alice);
        Session again = dial(dialler(), endpoint, alice);
        Files.writeString(directory.resolve("livesync.grants"), "rubbish");
        world.pass(Duration.ofSeconds(2));
        // What can't be read lets nobody in and ends nothing.
        assertThat(again.closed()).isNotDone();
        assertNotLetIn(endpoint, alice);
    }

    @Test
    void anExpiredGrantEndsItsSessionsAndOpensNone() {
        Grants grants = Grants.inMemory();
        Grant alice = Grant.of("alice", Rights.READ, random).until(START.plusSeconds(60));
        grants.add(alice);
        Endpoint endpoint = world.get(listener().listen("memory:", grants));
        Session session = dial(dialler(), endpoint, alice);
        now = START.plusSeconds(59);
        world.pass(Duration.ofSeconds(2));
        assertThat(session.closed()).isNotDone();
        now = START.plusSeconds(60);
        world.pass(Duration.ofMillis(500));
        SyncException why = failure(session.closed());
        assertThat(why.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        assertThat(why).hasMessageContaining("expired at 2030-01-01T00:01:00Z");
        assertNotLetIn(endpoint, alice);
    }

    @Test
    void aSecretIsChangedWithoutARestart() {
        Grants grants = Grants.inMemory();
        Grant old = Grant.of("alice", Rights.READ_WRITE, random);
        grants.add(old);
        Endpoint endpoint = world.get(listener().listen("memory:", grants));
        dial(dialler(), endpoint, old);
        Grant fresh = Grant.of("alice-2", Rights.READ_WRITE, random);
        grants.add(fresh);
        Session session = dial(dialler(), endpoint, fresh);
        grants.revoke("alice");
        world.settle();
        assertThat(session.closed()).isNotDone();
        assertNotLetIn(endpoint, old);
    }

    @Test
    void theAddressMayHaveASecretOfItsOwnBeside() {
        Grants grants = Grants.inMemory();
        Grant alice = Grant.of("alice", Rights.READ, random);
        grants.add(alice);
        String own = Grant.of("own", Rights.READ, random).secret();
        Sync sync = listener();
        Endpoint endpoint = world.get(sync.listen("memory:#" + own, grants));
        assertThat(endpoint.address()).endsWith("#" + own);
        Sync dialler = dialler();
        Session session = world.get(dialler.dial(endpoint.address()));
        world.settle();
        assertThat(session.rights()).isEqualTo(Rights.READ_WRITE);
        assertThat(sync.sessions().get(0).peer().grant()).isEmpty();
        assertThat(dial(dialler(), endpoint, alice).rights()).isEqualTo(Rights.READ);
    }

    @Test
    void aGrantForCertainPeersIsForNobodyElse() {
        Grants grants = Grants.inMemory();
        Grant alice = Grant.of("alice", Rights.READ, random).onlyFor(Set.of(new PeerIdentity("libp2p", "12D3KooWA")));
        grants.add(alice);
        Endpoint endpoint = world.get(listener().listen("memory:", grants));
        assertNotLetIn(endpoint, alice);
    }

    /** A secret that many have, or that leaked, leaves room for the others. */
    @Test
    void oneGrantCannotTakeAllPlaces() {
        Grants grants = Grants.inMemory();
        Grant alice = Grant.of("alice", Rights.READ, random);
        Grant bob = Grant.of("bob", Rights.READ_WRITE, random);
        grants.add(alice);
        grants.add(bob);
        Sync sync = listener();
        Endpoint endpoint = world.get(sync.listen("memory:", grants));
        Sync crowd = dialler();
        List<Session> sessions = new ArrayList<>();
        for (int i = 0; i < MOST; i++) {
            sessions.add(dial(crowd, endpoint, alice));
        }
        assertThat(sync.sessions()).hasSize(MOST);
        Session late = dial(crowd, endpoint, alice);
        SyncException why = failure(late.closed());
        assertThat(why.kind()).isEqualTo(ErrorKind.REFUSED);
        assertThat(why)
                .hasMessageContaining("there are " + MOST + " sessions with grant alice")
                .hasMessageContaining("one must end first");
        assertThat(late.rights()).as("it has heard nothing else").isEqualTo(Rights.READ_WRITE);
        assertThat(refused).singleElement().satisfies(e -> assertThat(e).hasMessageContaining("grant alice"));
        assertThat(sync.sessions()).hasSize(MOST);

        assertThat(dial(dialler(), endpoint, bob).closed()).isNotDone();
        assertThat(sessions).noneMatch(session -> session.closed().isDone());
        sessions.get(0).abort();
        world.settle();
        assertThat(dial(crowd, endpoint, alice).closed())
                .as("a place is free again")
                .isNotDone();
    }

    @Test
    void sessionsOfAListenerThatClosedStillEndWithTheirGrants() {
        Grants grants = Grants.inMemory();
        Grant alice = Grant.of("alice", Rights.READ_WRITE, random);
        grants.add(alice);
        Endpoint endpoint = world.get(listener().listen("memory:", grants));
        Session session = dial(dialler(), endpoint, alice);
        endpoint.close();
        world.settle();
        assertThat(session.closed()).isNotDone();
        grants.revoke("alice");
        world.settle();
        assertThat(failure(session.closed()).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
    }
}
