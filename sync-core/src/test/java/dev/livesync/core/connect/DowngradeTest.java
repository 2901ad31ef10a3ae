package dev.livesync.core.connect;

import static dev.livesync.core.session.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.Tunables;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Somebody on a signal's way takes our part out of it, so that both ends take each other for alphas, which prove nothing. */
class DowngradeTest {
    private final World world = new World(16);
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final Sync proposer = world.signalling(here);
    private final Sync acceptor = world.signalling(there);

    @AfterEach
    void nothingHasHappened() {
        world.settle();
        assertThat(proposer.sessions()).isEmpty();
        assertThat(acceptor.sessions()).isEmpty();
        world.close(proposer);
        world.close(acceptor);
        assertThat(world.network.faults().links()).as("open channels").isEmpty();
        assertThat(world.timers()).as("timers").isZero();
    }

    @Test
    void aStrippedOfferIsRefused() {
        String stripped = stripped(Signal.Kind.OFFER, world.get(proposer.offer()));
        SyncException e = refused(ErrorKind.AUTHENTICATION, () -> world.get(acceptor.accept(stripped)));
        assertThat(e.getMessage()).contains("the offer").contains("--alpha").contains("allowAlpha");
    }

    @Test
    void aStrippedAnswerIsRefusedAndTheOfferWaitsForTheRightOne() {
        String answer = world.get(acceptor.accept(world.get(proposer.offer())));
        String stripped = stripped(Signal.Kind.ANSWER, answer);
        SyncException e = refused(ErrorKind.AUTHENTICATION, () -> world.get(proposer.connect(stripped)));
        assertThat(e.getMessage()).contains("the answer").contains("--alpha").contains("allowAlpha");
        world.get(world.get(proposer.connect(answer)).backlog());
        proposer.sessions().forEach(world::close);
    }

    private static String stripped(Signal.Kind kind, String text) {
        SignalText read = SignalText.read(kind, text, Tunables.DEFAULT.signalChars());
        return SignalText.write(read.signal(), null).text();
    }
}
