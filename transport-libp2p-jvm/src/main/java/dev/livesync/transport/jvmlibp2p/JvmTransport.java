package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.OpenResources;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.libp2p.core.PeerId;
import io.libp2p.core.Stream;
import io.libp2p.core.crypto.PrivKey;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.nio.NioIoHandler;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/** The transport over jvm-libp2p, which listens and dials. */
final class JvmTransport implements DialingTransport {
    private static final int THREADS = 2;
    /** How long to wait for the loops to end. With the time for channels it stays within five seconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final JvmLibp2pStack stack;
    private final Node dialler;
    private final List<Thread> threads = new CopyOnWriteArrayList<>();

    JvmTransport(PrivKey key, Set<PeerId> allowed, TransportContext context) {
        EventLoopGroup loops = new MultiThreadIoEventLoopGroup(THREADS, this::thread, NioIoHandler.newFactory());
        this.stack = new JvmLibp2pStack(
                key,
                PeerId.fromPubKey(key.publicKey()),
                allowed,
                new OpenResources<>(context, Libp2pFailures::closed, BufferedChannel::shut),
                loops,
                new DefaultChannelGroup(loops.next(), true));
        this.dialler = new Node(key, loops, new LiveSyncProtocol(true, this::stream));
    }

    private JvmStream stream(Stream opened) {
        return stack.channel(
                opened,
                Multiaddr.SCHEME + ":" + opened.getConnection().remoteAddress() + "/p2p/" + opened.remotePeerId());
    }

    private Thread thread(Runnable task) {
        Thread thread = new Thread(task, "livesync-libp2p-jvm-" + (threads.size() + 1));
        thread.setDaemon(true);
        threads.add(thread);
        return thread;
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        Objects.requireNonNull(acceptor, "acceptor");
        CompletableFuture<Listening> future = new CompletableFuture<>();
        try {
            Multiaddr<PeerId> parsed = Multiaddr.parse(address, JvmLibp2pStack::peer);
            Handover.attempt(stack.context().executor(), future, parsed, () -> {
                try {
                    JvmListening listening = new JvmListening(parsed, stack, acceptor);
                    listening.bind();
                    if (!future.complete(listening)) {
                        listening.close();
                    }
                } catch (SyncException e) {
                    future.completeExceptionally(e);
                }
            });
        } catch (SyncException e) {
            future.completeExceptionally(e);
        }
        return future;
    }

    @Override
    public CompletionStage<Channel> dial(String address) {
        Multiaddr<PeerId> parsed;
        PeerId peer;
        try {
            parsed = Multiaddr.parse(address, JvmLibp2pStack::peer);
            peer = whom(parsed);
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Channel> attempt = stack.resources().attempt(parsed);
        if (!attempt.isDone()) {
            Handover.attempt(stack.context().executor(), attempt, parsed, () -> dial(parsed, peer, attempt));
        }
        return attempt;
    }

    private PeerId whom(Multiaddr<PeerId> address) {
        if (address.port() == 0) {
            throw new SyncException(ErrorKind.CONFIGURATION, "nobody can be dialled at port 0: " + address);
        }
        PeerId peer = address.peer();
        if (peer == null) {
            throw new SyncException(
                    ErrorKind.CONFIGURATION, "jvm-libp2p dials nobody without /p2p/PEER-ID at the end: " + address);
        }
        if (!stack.allows(peer)) {
            throw new SyncException(ErrorKind.AUTHENTICATION, "allowedPeers does not allow the peer of " + address);
        }
        return peer;
    }

    private void dial(Multiaddr<PeerId> address, PeerId peer, CompletableFuture<Channel> attempt) {
        try {
            new JvmDial(address, peer, stack, dialler, attempt).begin();
        } catch (SyncException e) {
            attempt.completeExceptionally(e);
        } catch (IllegalStateException | RejectedExecutionException e) {
            attempt.completeExceptionally(Libp2pFailures.closed()); // the loops have ended
        }
    }

    @Override
    public void close() {
        stack.resources().close();
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        // A loop that is told to end at the wrong moment forgets to close its sockets, and they stay open for ever.
        stack.sockets().close().awaitUninterruptibly(PATIENCE.toMillis() / 2);
        var unused = stack.loops().shutdownGracefully(0, 1, TimeUnit.SECONDS);
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
