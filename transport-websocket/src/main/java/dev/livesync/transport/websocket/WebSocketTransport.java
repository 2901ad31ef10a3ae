package dev.livesync.transport.websocket;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.OpenResources;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import javax.net.ssl.SSLContext;

/** Listens and dials; owns the loop. */
final class WebSocketTransport implements DialingTransport {
    private final WebSocketConfiguration configuration;
    private final OpenResources<BufferedChannel> resources;
    private final Loop loop;

    WebSocketTransport(WebSocketConfiguration configuration, TransportContext context) {
        this.configuration = configuration;
        this.resources = new OpenResources<>(context, Failures::closed, BufferedChannel::shut);
        this.loop = new Loop();
    }

    @Override
    public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
        Objects.requireNonNull(acceptor, "acceptor");
        CompletableFuture<Listening> future = new CompletableFuture<>();
        try {
            Address parsed = Address.parse(address);
            if (parsed.secure() && configuration.serverTls() == null) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "to listen at " + parsed + " takes a certificate: set serverTls or serverKeyStore");
            }
            // Looking up a name may take a while.
            Handover.attempt(resources.context().executor(), future, parsed, () -> listen(parsed, acceptor, future));
        } catch (SyncException e) {
            future.completeExceptionally(e);
        }
        return future;
    }

    private void listen(Address address, ChannelAcceptor acceptor, CompletableFuture<Listening> future) {
        try {
            requireLoop();
            InetAddress resolved = resolve(address, ErrorKind.CONFIGURATION)[0];
            address.requireProtected(resolved, configuration.allowPlaintextOffLoopback());
            WebSocketListening listening = new WebSocketListening(address, configuration, resources, loop, acceptor);
            listening.bind(resolved);
            SyncException failure = loop.failure(); // a loop that ends meanwhile may not run what bind left it
            if (failure != null || !future.complete(listening)) {
                listening.close();
            }
            if (failure != null) {
                throw failure;
            }
        } catch (SyncException e) {
            future.completeExceptionally(e);
        }
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
            return FailedFutures.of(e);
        }
        CompletableFuture<Channel> attempt = resources.attempt(parsed);
        if (!attempt.isDone()) {
            Handover.attempt(resources.context().executor(), attempt, parsed, () -> dial(parsed, attempt));
        }
        return attempt;
    }

    private void dial(Address address, CompletableFuture<Channel> attempt) {
        try {
            requireLoop();
            InetAddress[] resolved = resolve(address, ErrorKind.UNREACHABLE);
            for (InetAddress each : resolved) {
                address.requireProtected(each, configuration.allowPlaintextOffLoopback());
            }
            SSLContext tls = address.secure() ? configuration.clientTls() : null;
            new Dial(address, resolved, configuration, resources, loop, tls, attempt).begin();
            requireLoop(); // a loop that ends meanwhile may not run what begin left it
        } catch (SyncException e) {
            attempt.completeExceptionally(e);
        }
    }

    private static InetAddress[] resolve(Address address, ErrorKind kind) {
        try {
            return InetAddress.getAllByName(address.host());
        } catch (UnknownHostException e) {
            throw new SyncException(kind, "no host of the name in " + address + " is known", e);
        }
    }

    /** Without it nothing would ever come of it. */
    private void requireLoop() {
        SyncException failure = loop.failure();
        if (failure != null) {
            throw failure;
        }
    }

    @Override
    public void close() {
        resources.close();
        loop.close(Duration.ofSeconds(2));
    }
}
