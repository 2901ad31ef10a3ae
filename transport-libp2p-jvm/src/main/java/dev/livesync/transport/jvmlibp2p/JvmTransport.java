package dev.livesync.transport.jvmlibp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import io.libp2p.core.PeerId;
import io.libp2p.core.crypto.PrivKey;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Listens and dials through the library. */
final class JvmTransport implements DialingTransport {
    /** With what the channels may take it stays within five seconds. */
    private static final Duration PATIENCE = Duration.ofMillis(2_400);

    private final Stack stack;
    private final Node dialler;

    JvmTransport(PrivKey key, Set<PeerId> allowed, TransportContext context) {
        this.stack = new Stack(
                key,
                PeerId.fromPubKey(key.publicKey()),
                allowed,
                new Belongings(context),
                ConcurrentHashMap.newKeySet());
        this.dialler = new Node(
                key,
                stream -> stack.channel(
                        stream,
                        Address.SCHEME + ":" + stream.getConnection().remoteAddress() + "/p2p/"
                                + stream.remotePeerId()));
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        Objects.requireNonNull(acceptor, "acceptor");
        CompletableFuture<Listening> future = new CompletableFuture<>();
        try {
            Address parsed = Address.parse(address);
            stack.context().executor().execute(() -> {
                try {
                    JvmListening listening = new JvmListening(parsed, stack, acceptor);
                    listening.bind();
                    future.complete(listening);
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
        Address parsed;
        try {
            parsed = Address.parse(address);
            if (parsed.port() == 0) {
                throw new SyncException(ErrorKind.CONFIGURATION, "nobody can be dialled at port 0: " + parsed);
            }
        } catch (SyncException e) {
            return CompletableFuture.failedFuture(e);
        }
        CompletableFuture<Channel> attempt = stack.belongings().attempt(parsed);
        if (!attempt.isDone()) {
            stack.context().executor().execute(() -> {
                try {
                    new Dial(parsed, stack, dialler, attempt).begin();
                } catch (RuntimeException e) {
                    attempt.completeExceptionally(
                            e instanceof SyncException
                                    ? e
                                    : new SyncException(ErrorKind.CLOSED, parsed + ": " + Failures.text(e), e));
                }
            });
        }
        return attempt;
    }

    @Override
    public void close() {
        stack.belongings().close();
        stack.nodes().add(dialler);
        CompletableFuture<?>[] closing = stack.nodes().stream().map(Node::close).toArray(CompletableFuture<?>[]::new);
        try {
            CompletableFuture.allOf(closing).get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.getLogger(JvmTransport.class.getName())
                    .log(System.Logger.Level.DEBUG, "the library's threads end later", e);
        }
    }
}
