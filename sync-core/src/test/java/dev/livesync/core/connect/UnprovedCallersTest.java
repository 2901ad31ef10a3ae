package dev.livesync.core.connect;

import static dev.livesync.core.session.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.session.ScriptedPeer;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Whoever proves nothing keeps nobody out who can. */
class UnprovedCallersTest {
    /** How many one address gets. */
    private static final int PLACES = 512;

    private final World world = new World(15);
    private final TestReplica here = new TestReplica();
    private final List<SyncException> refusals = new ArrayList<>();
    private final List<ScriptedPeer> strangers = new ArrayList<>();
    private Sync hub;
    private Endpoint endpoint;

    @BeforeEach
    void listen() {
        here.put("confidential", "document");
        hub = world.peer(here)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void refused(String remote, SyncException why) {
                        refusals.add(why);
                    }
                })
                .build();
        endpoint = world.get(hub.listen("memory:door"));
    }

    @AfterEach
    void nothingIsLeftOpen() {
        strangers.forEach(ScriptedPeer::close);
        world.settle();
        world.close(hub);
        assertThat(world.network.faults().links()).as("open channels").isEmpty();
        assertThat(world.timers()).as("timers").isZero();
    }

    @Test
    void eightSilentStrangersShutNobodyOut() {
        silent(8);
        enters();
    }

    @Test
    void noNumberOfSilentStrangersShutsAnybodyOut() {
        for (int i = 0; i < 5; i++) {
            silent(PLACES + 44);
            enters();
        }
        assertThat(strangers.stream().filter(stranger -> stranger.closed == null))
                .as("strangers with a place")
                .hasSizeLessThanOrEqualTo(PLACES);
    }

    @Test
    void aCrowdThatComesAtOnceGetsIn() {
        List<Sync> crowd = new ArrayList<>();
        List<CompletableFuture<Session>> dials = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            Sync client = world.dialling(new TestReplica());
            crowd.add(client);
            dials.add(client.dial(endpoint.address()));
        }
        dials.forEach(world::get);
        world.settle(); // the hub may still read the last message of a handshake
        assertThat(hub.sessions()).hasSize(200);
        assertThat(refusals).isEmpty();
        crowd.forEach(world::close);
    }

    @Test
    void aStrangerHasTwoSecondsForItsFirstMessage() {
        silent(1);
        world.pass(Duration.ofMillis(1_900));
        assertThat(strangers.get(0).closed).isNull();
        world.pass(Duration.ofMillis(200));
        assertThat(strangers.get(0).closed).isNotNull();
        assertThat(strangers.get(0).heard()).isEmpty();
        assertThat(refusals).singleElement().extracting(SyncException::kind).isEqualTo(ErrorKind.TIMEOUT);
    }

    /** They don't go on, and never will. */
    @Test
    void whoHasSaidSomethingMakesRoomOnlyOnceItsTimeIsOver() {
        world.network.faults().onLink(link -> link.hold(Side.LISTENER));
        Sync crowd = world.dialling(new TestReplica());
        List<CompletableFuture<Session>> stuck = new ArrayList<>();
        for (int i = 0; i < PLACES; i++) {
            stuck.add(crowd.dial(endpoint.address()));
        }
        world.settle();
        world.network.faults().onLink(link -> {});
        Sync client = world.dialling(new TestReplica());
        refused(ErrorKind.REFUSED, () -> world.get(client.dial(endpoint.address())));
        assertThat(refusals).singleElement().extracting(SyncException::kind).isEqualTo(ErrorKind.REFUSED);
        world.pass(Duration.ofSeconds(2));
        world.get(client.dial(endpoint.address()));
        assertThat(refusals).hasSize(2);
        stuck.forEach(dialling -> dialling.cancel(true));
        world.settle();
        world.close(crowd);
        world.close(client);
    }

    private void silent(int count) {
        for (int i = 0; i < count; i++) {
            strangers.add(ScriptedPeer.dial(world, "memory:door"));
        }
        world.settle();
    }

    private void enters() {
        Sync client = world.dialling(new TestReplica());
        world.get(world.get(client.dial(endpoint.address())).backlog());
        world.close(client);
    }
}
