package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.tck.internal.TestContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.OpenResources;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.util.concurrent.SingleThreadEventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class Libp2pListeningTest {
    private static final long PATIENCE = 20;

    /** Java keeps a closed socket open until the selector has been asked again, and the system takes calls for it until then. */
    @Test
    void aListenerIsGoneWhenCloseReturnsHoweverBusyItsLoopIs() throws Exception {
        TestContext context = new TestContext(1 << 20, Duration.ofSeconds(PATIENCE), Duration.ofSeconds(5));
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
        CountDownLatch released = new CountDownLatch(1);
        try {
            Libp2pConfiguration configuration = Libp2pConfiguration.builder().build();
            SecureRandom random = new SecureRandom();
            Stack stack = new Stack(
                    configuration,
                    configuration.identity(),
                    StaticKey.generate(configuration.identity(), random),
                    random,
                    new OpenResources<>(context, Libp2pFailures::closed, BufferedChannel::shut),
                    new DefaultChannelGroup(loops.next(), true));
            Libp2pListening listening = new Libp2pListening(
                    Multiaddr.parse("libp2p:/ip4/127.0.0.1/tcp/0", PeerId::parse), stack, channel -> {});
            listening.bind(loops, InetAddress.getLoopbackAddress());
            int port = Multiaddr.parse(listening.address(), PeerId::parse).port();

            CountDownLatch closing = new CountDownLatch(1);
            loops.execute(() -> await(closing));
            SingleThreadEventExecutor loop = (SingleThreadEventExecutor) loops.next();
            while (loop.pendingTasks() > 0) {
                Thread.onSpinWait(); // until it waits
            }
            CompletableFuture<Void> closed =
                    CompletableFuture.runAsync(listening::close, run -> new Thread(run).start());
            while (loop.pendingTasks() == 0) {
                Thread.onSpinWait();
            }
            loops.execute(
                    () -> await(released)); // behind the task that closes the socket, in the same round of the loop
            closing.countDown();
            try {
                closed.get(300, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                released.countDown(); // it waits for its loop, as it should
            }
            closed.get(PATIENCE, TimeUnit.SECONDS);
            assertThatThrownBy(() -> new Socket(InetAddress.getLoopbackAddress(), port).close())
                    .as("a call at the port of a listener that was closed")
                    .isInstanceOf(IOException.class);
        } finally {
            released.countDown();
            var unused = loops.shutdownGracefully(0, PATIENCE, TimeUnit.SECONDS);
            assertThat(loops.awaitTermination(PATIENCE, TimeUnit.SECONDS)).isTrue();
            context.close();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await(PATIENCE, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
