package dev.livesync.core.connect;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import dev.livesync.transport.memory.MemoryLink.Side;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Somebody in between says a dialler's first message twice: the listener answers, refuses and closes, before the dialler has said more. */
class RepeatedHelloTest {
    private static final int ORDERS = 300;

    @Test
    void theDiallerNeedsNoClockToLearnOfIt() {
        for (long seed = 0; seed < ORDERS; seed++) {
            World world = new World(seed);
            Tampering between = new Tampering(world.network.provider());
            between.change((side, index, message) ->
                    side == Side.DIALER && index == 0 ? List.of(message, message) : List.of(message));
            Sync hub = world.dialling(new TestReplica());
            Endpoint endpoint = world.get(hub.listen("memory:door"));
            Sync dialler = world.peer(new TestReplica()).transport(between).build();
            CompletableFuture<Void> end = dialler.dial(endpoint.address()).thenCompose(Session::closed);
            world.settle();
            assertThat(end).as("seed %d", seed).isCompletedExceptionally();
            assertThatThrownBy(end::join)
                    .as("seed %d", seed)
                    .cause()
                    .isInstanceOfSatisfying(
                            SyncException.class,
                            e -> assertThat(e.kind()).isIn(ErrorKind.AUTHENTICATION, ErrorKind.DISCONNECTED));
            world.close(dialler);
            world.close(hub);
            assertThat(world.timers()).as("seed %d: timers", seed).isZero();
        }
    }
}
