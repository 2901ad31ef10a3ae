package dev.livesync.transport.jvmlibp2p;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.libp2p.Libp2pTransportProvider;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Closes while the library holds bytes that the peer's window has no room for: it then finishes a stream without a word. */
class EndingTest {
    private static final String ANYWHERE = "libp2p:/ip4/127.0.0.1/tcp/0";

    static Stream<Ends> pairs() throws Exception {
        TransportProvider jvm = new JvmLibp2pTransportProvider();
        return Stream.of(
                new Ends(new JvmLibp2pTransportProvider(), jvm, ANYWHERE),
                new Ends(new Libp2pTransportProvider(), jvm, ANYWHERE),
                new Ends(jvm, new Libp2pTransportProvider(), ANYWHERE));
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void whoClosesToAFullSenderIsAnswered(Ends ends) throws Exception {
        try (ends) {
            Channel dialled = ends.dial();
            Channel accepted = ends.accepted();
            closesToAFullSender(dialled, accepted);
            Channel again = ends.dial();
            closesToAFullSender(ends.accepted(), again);
        }
    }

    private static void closesToAFullSender(Channel closes, Channel sends) throws Exception {
        CompletableFuture<CloseReason> closed = Ends.start(closes);
        CompletableFuture<CloseReason> gone = Ends.start(sends);
        CompletableFuture<Void> waiting = Ends.fill(sends);
        var unused = closes.close();
        assertThat(Ends.get(closed)).isEqualTo(CloseReason.LOCAL);
        assertThat(Ends.get(gone)).isEqualTo(CloseReason.REMOTE);
        ended(waiting);
    }

    private static void ended(CompletableFuture<Void> send) throws Exception {
        CompletableFuture<Void> ended = new CompletableFuture<>();
        var unused = send.whenComplete((sent, failure) -> ended.complete(null));
        Ends.get(ended);
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void fullSendersMayCloseAtOnce(Ends ends) throws Exception {
        try (ends) {
            Channel dialled = ends.dial();
            Channel accepted = ends.accepted();
            CompletableFuture<CloseReason> one = Ends.start(dialled);
            CompletableFuture<CloseReason> other = Ends.start(accepted);
            CompletableFuture<Void> here = Ends.fill(dialled);
            CompletableFuture<Void> there = Ends.fill(accepted);
            var unused = dialled.close();
            var unusedToo = accepted.close();
            assertThat(Ends.get(one).failure()).isNull();
            assertThat(Ends.get(other).failure()).isNull();
            ended(here);
            ended(there);
        }
    }

    @ParameterizedTest
    @MethodSource("pairs")
    void whoWasClosedMayCloseWithMessagesUnread(Ends ends) throws Exception {
        try (ends) {
            Channel dialled = ends.dial();
            Channel accepted = ends.accepted();
            CompletableFuture<CloseReason> one = Ends.start(dialled);
            CompletableFuture<CloseReason> other = Ends.start(accepted);
            Ends.get(dialled.send(Message.binary(new byte[300 * 1024])));
            Ends.get(dialled.send(Message.binary(new byte[50 * 1024])));
            CompletableFuture<Void> waiting = Ends.fill(accepted);
            var unused = dialled.close();
            assertThat(Ends.get(one)).isEqualTo(CloseReason.LOCAL);
            var unusedToo = accepted.close();
            assertThat(Ends.get(other)).isEqualTo(CloseReason.LOCAL);
            ended(waiting);
        }
    }
}
