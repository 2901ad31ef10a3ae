package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.Sync;
import dev.livesync.SyncLimits;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.transport.memory.MemoryLink;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A deadline is the peer's: what it has sent by then counts, however long the executor takes to hand it in. */
class BusyExecutorTest {
    private final World world = new World(8);
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final List<SyncException> refusals = new ArrayList<>();
    private Sync hub;
    private Sync client;
    private Endpoint endpoint;

    @BeforeEach
    void listen() {
        world.runInOrder();
        here.put("here", "document");
        there.put("there", "document");
        hub = world.peer(here)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void refused(String remote, SyncException why) {
                        refusals.add(why);
                    }
                })
                .build();
        client = world.dialling(there);
        endpoint = world.get(hub.listen("memory:door"));
    }

    @AfterEach
    void nothingIsLeftOpen() {
        world.close(client);
        world.close(hub);
        assertThat(world.network.faults().links()).as("open channels").isEmpty();
        assertThat(world.timers()).as("timers").isZero();
    }

    @Test
    void aFirstMessageThatHasArrivedIsReadAndNotTimedOut() {
        ScriptedPeer stranger = ScriptedPeer.dial(world, "memory:door");
        world.settle();
        var unused = stranger.channel.send(Message.binary(new byte[100]));
        world.passWhileBusy(Duration.ofSeconds(3));
        world.settle();
        assertThat(refusals).singleElement().extracting(SyncException::kind).isEqualTo(ErrorKind.UNSUPPORTED);
        stranger.close();
    }

    @Test
    void whoHasSentNothingByThenIsPutOut() {
        ScriptedPeer stranger = ScriptedPeer.dial(world, "memory:door");
        world.settle();
        world.passWhileBusy(Duration.ofSeconds(3));
        world.settle();
        assertThat(refusals).singleElement().extracting(SyncException::kind).isEqualTo(ErrorKind.TIMEOUT);
        stranger.close();
    }

    @Test
    void aDialWhoseMessagesHaveArrivedSucceeds() {
        world.network.faults().onLink(link -> link.hold(Side.DIALER));
        CompletableFuture<Session> dial = client.dial(endpoint.address());
        world.settle();
        MemoryLink link = world.network.faults().links().get(0);
        link.release(Side.DIALER);
        world.passWhileBusy(Duration.ofSeconds(3));
        world.get(dial);
        assertThat(refusals).isEmpty();
    }

    @Test
    void anAnswerThatHasArrivedIsRead() {
        world.network.faults().onLink(link -> link.hold(Side.LISTENER));
        CompletableFuture<Session> dial = client.dial(endpoint.address());
        world.settle();
        MemoryLink link = world.network.faults().links().get(0);
        world.pass(Duration.ofSeconds(9));
        link.release(Side.LISTENER);
        world.passWhileBusy(Duration.ofSeconds(2));
        world.get(dial);
    }

    @Test
    void anAcknowledgementThatHasArrivedIsRead() {
        Session session = world.get(client.dial(endpoint.address()));
        world.get(session.backlog());
        world.settle();
        MemoryLink link = world.network.faults().links().get(0);
        link.hold(Side.LISTENER);
        there.put("another", "document");
        world.pass(SyncLimits.defaults().phaseTime().minusSeconds(1));
        link.release(Side.LISTENER);
        world.passWhileBusy(Duration.ofSeconds(2));
        world.settle();
        assertThat(session.status()).isNotEqualTo(SessionStatus.DESTROYED);
        world.get(session.delivered());
    }
}
