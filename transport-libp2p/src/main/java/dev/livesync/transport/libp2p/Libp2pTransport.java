package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.OpenResources;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

/** The libp2p transport, which listens and dials; owns the event loops. */
final class Libp2pTransport implements DialingTransport {
    private static final int THREADS = 2;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final Stack stack;
    private final EventLoopGroup loops;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    Libp2pTransport(Libp2pConfiguration configuration, TransportContext context) {
        SecureRandom random = new SecureRandom();
        Identity identity = configuration.identity();
        this.loops = new MultiThreadIoEventLoopGroup(
                THREADS,
                task -> {
                    Thread thread = new Thread(task, "livesync-libp2p-" + (threads.size() + 1));
                    thread.setDaemon(true);
                    threads.add(thread);
                    return thread;
                },
                SturdyIo.around(NioIoHandler.newFactory()));
        this.stack = new Stack(
                configuration,
                identity,
                StaticKey.generate(identity, random),
                random,
                new OpenResources<>(context, Libp2pFailures::closed, BufferedChannel::shut),
                new DefaultChannelGroup(loops.next(), true));
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        Objects.requireNonNull(acceptor, "acceptor");
        CompletableFuture<Listening> future = new CompletableFuture<>();
        try {
            Multiaddr<PeerId> parsed = Multiaddr.parse(address, PeerId::parse);
            // Looking up a name may take a while.
            Handover.attempt(stack.context().executor(), future, parsed, () -> listen(parsed, acceptor, future));
        } catch (SyncException e) {
            future.completeExceptionally(e);
        }
        return future;
    }

    private void listen(Multiaddr<PeerId> address, ChannelAcceptor acceptor, CompletableFuture<Listening> future) {
        try {
            Libp2pListening listening = new Libp2pListening(address, stack, acceptor);
            listening.bind(loops, address.resolve(ErrorKind.CONFIGURATION).get(0));
            if (!future.complete(listening)) {
                listening.close();
            }
        } catch (SyncException e) {
            future.completeExceptionally(e);
        }
    }

    @Override
    public CompletionStage<Channel> dial(String address) {
        Multiaddr<PeerId> parsed;
        try {
            parsed = Multiaddr.parse(address, PeerId::parse);
            if (parsed.port() == 0) {
                throw new SyncException(ErrorKind.CONFIGURATION, "nobody can be dialled at port 0: " + parsed);
            }
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Channel> attempt = stack.resources().attempt(parsed);
        if (!attempt.isDone()) {
            Handover.attempt(stack.context().executor(), attempt, parsed, () -> dial(parsed, attempt));
        }
        return attempt;
    }

    private void dial(Multiaddr<PeerId> address, CompletableFuture<Channel> attempt) {
        try {
            new Libp2pDial(address, address.resolve(ErrorKind.UNREACHABLE), stack, loops, attempt).begin();
        } catch (SyncException e) {
            attempt.completeExceptionally(e);
        }
    }

    @Override
    public void close() {
        stack.resources().close();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        // A loop that is told to end at the wrong moment forgets to close its sockets, and they stay open for ever.
        stack.sockets().close().awaitUninterruptibly(PATIENCE.toMillis() / 2);
        var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        try {
            // The group says that it has ended a moment before its threads have.
            for (Thread thread : threads) {
                thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
