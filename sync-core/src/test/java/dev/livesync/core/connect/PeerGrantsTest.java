package dev.livesync.core.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.Endpoint;
import dev.livesync.PeerInfo;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.session.SealedPeer;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A list of peers instead of a secret, where the transport knows who is at the other end. */
class PeerGrantsTest {
    private static final String ADDRESS = "memory:hub";

    private final World world = new World(7);
    private final TestReplica hub = new TestReplica();
    private final TestReplica mine = new TestReplica();
    private final Grants grants = Grants.inMemory();
    private final Grant laptops = Grant.ofPeers("laptops", Rights.READ, Set.of(memory("laptop"), memory("desktop")));
    private final List<SyncException> refused = new ArrayList<>();
    private final List<Sync> peers = new ArrayList<>();

    private static PeerIdentity memory(String name) {
        return new PeerIdentity("memory", name);
    }

    private TransportProvider transport(String identity, boolean binding) {
        return world.network.provider(MemoryConfiguration.builder()
                .identity(identity)
                .binding(binding)
                .build());
    }

    private Sync listener(boolean binding) {
        Sync sync = world.peer(hub)
                .transport(transport("hub", binding))
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

    private Sync dialler(String identity, boolean binding) {
        Sync sync = world.peer(mine).transport(transport(identity, binding)).build();
        peers.add(sync);
        return sync;
    }

    private SyncException refusal(Sync dialler, String address) {
        return Objects.requireNonNull(
                catchThrowableOfType(SyncException.class, () -> world.get(dialler.dial(address))), "it was let in");
    }

    @BeforeEach
    void grant() {
        grants.add(laptops);
    }

    @AfterEach
    void close() {
        peers.forEach(world::close);
    }

    @Test
    void whoIsOnTheListDialsWithoutASecret() {
        Cid theirs = hub.put("theirs", "x");
        Sync sync = listener(true);
        Endpoint endpoint = world.get(sync.listen(ADDRESS, grants));
        Session session = world.get(dialler("laptop", true).dial(endpoint.address()));
        world.settle();
        assertThat(session.peer().authentication()).isEqualTo(PeerInfo.Authentication.BOUND);
        assertThat(session.rights()).isEqualTo(Rights.READ);
        assertThat(sync.sessions().get(0).peer().grant()).contains("laptops");
        assertThat(mine.events()).contains(theirs);
        grants.revoke("laptops");
        world.settle();
        assertThat(session.closed()).isCompletedExceptionally();
    }

    @Test
    void nobodyElseDoesAndHearsWhatAWrongSecretHears() {
        Endpoint endpoint = world.get(listener(true).listen(ADDRESS, grants));
        SyncException unknown = refusal(dialler("stranger", true), endpoint.address());
        assertThat(unknown.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        SyncException wrong = refusal(
                dialler("laptop", true),
                endpoint.address() + "#"
                        + Grant.of("x", Rights.READ, new Random(1)).secret());
        assertThat(wrong).hasMessage(unknown.getMessage().replaceFirst("#[0-9]+", "#2"));
        assertThat(refused).hasSize(2);
    }

    /** A listed peer that leads another channel here: it isn't the same at both ends. */
    @Test
    void aChannelThatOneEndDoesNotSeeAsBoundIsRefusedByTheOther() {
        Endpoint endpoint = world.get(listener(true).listen(ADDRESS, grants));
        hub.put("theirs", "x");
        try (SealedPeer peer = SealedPeer.dial(
                world, transport("laptop", true), endpoint.address(), Credential.identity(Credential.UNNAMED, ""))) {
            assertThat(peer.heard())
                    .singleElement()
                    .asString()
                    .contains("AUTHENTICATION", "does not look the same from both ends");
        }
        assertThat(refused).singleElement().satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION));
    }

    @Test
    void aChannelWithoutABindingTakesASecret() {
        Endpoint unbound = world.get(listener(false).listen(ADDRESS, grants));
        assertThat(refusal(dialler("laptop", true), unbound.address()).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        SyncException here = refusal(dialler("laptop", false), unbound.address());
        assertThat(here.kind()).isEqualTo(ErrorKind.CONFIGURATION);
        assertThat(here).hasMessageContaining("there is no secret for memory:hub");
    }

    /** Otherwise whoever answers there would be taken for the hub. */
    @Test
    void anAddressThatDoesNotNameItsPeerTakesASecret() {
        Endpoint endpoint = world.get(listener(true).listen("memory:elsewhere", grants));
        SyncException here = refusal(dialler("laptop", true), endpoint.address());
        assertThat(here.kind()).isEqualTo(ErrorKind.CONFIGURATION);
        assertThat(here).hasMessageContaining("there is no secret for memory:elsewhere");
        assertThat(refused).as("nothing was proved").hasSizeLessThanOrEqualTo(1);
    }

    @Test
    void theKeyOfNoSecretOpensNothingThatHasOne() {
        grants.revoke("laptops");
        grants.add(Grant.of("alice", Rights.READ, new Random(2)).onlyFor(Set.of(memory("laptop"))));
        Endpoint endpoint = world.get(listener(true).listen(ADDRESS, grants));
        assertThat(refusal(dialler("laptop", true), endpoint.address()).kind()).isEqualTo(ErrorKind.AUTHENTICATION);
    }
}
