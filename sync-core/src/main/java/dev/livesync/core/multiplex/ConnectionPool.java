package dev.livesync.core.multiplex;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportProvider;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The connections and the listeners of one transport, which several databases share: of all that dial one address there is one connection, of all that
 * listen at one address one listener. {@link NamedTransportProvider} makes a transport of it for each database. Any thread.
 */
public final class ConnectionPool implements AutoCloseable, SharedConnection.Owner {
    /** How many bytes of chance {@code salts} has to give. */
    public static final int SALT_BYTES = Greeting.SALT_BYTES;

    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private final TransportProvider provider;
    private final TransportContext context;
    private final Supplier<byte[]> salts;
    private final LongSupplier nanos;
    private final Map<String, SharedConnection> usable = new HashMap<>();
    private final Set<SharedConnection> dialled = new LinkedHashSet<>();
    private final Set<SharedListening> listenings = new LinkedHashSet<>();
    private @Nullable DialingTransport transport;
    private boolean closed;

    /**
     * Makes a pool without connections; the transport is opened when it is needed.
     *
     * @param provider of a transport with addresses
     * @param context lent to it
     * @param salts makes something random of {@link #SALT_BYTES}, a new array each time
     * @param nanos monotonic time
     */
    public ConnectionPool(
            TransportProvider provider, TransportContext context, Supplier<byte[]> salts, LongSupplier nanos) {
        this.provider = provider;
        this.context = context;
        this.salts = salts;
        this.nanos = nanos;
    }

    TransportProvider provider() {
        return provider;
    }

    /**
     * Opens the transport, if that hasn't happened yet.
     *
     * @return the transport beneath
     * @throws SyncException as the provider throws it; {@link ErrorKind#CLOSED}
     */
    synchronized DialingTransport transport() {
        requireOpen();
        DialingTransport opened = transport;
        if (opened == null) {
            Transport made = provider.open(new Beneath(context));
            if (!(made instanceof DialingTransport dialing)) {
                made.close();
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "the transport " + provider.id() + " has no addresses to share");
            }
            opened = dialing;
            transport = opened;
        }
        return opened;
    }

    /** The caller's context, with the frames' size as that of messages. */
    private record Beneath(TransportContext lent) implements TransportContext {
        @Override
        public Executor executor() {
            return lent.executor();
        }

        @Override
        public Scheduler scheduler() {
            return lent.scheduler();
        }

        @Override
        public int maxMessageBytes() {
            return MuxLimits.FRAME_BYTES;
        }

        @Override
        public int inboundQueueBytes() {
            return lent.inboundQueueBytes();
        }

        @Override
        public Duration connectTimeout() {
            return lent.connectTimeout();
        }

        @Override
        public Duration closeTimeout() {
            return lent.closeTimeout();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw closedFailure();
        }
    }

    static SyncException closedFailure() {
        return new SyncException(ErrorKind.CLOSED, "the databases that share connections are closed");
    }

    // Dialling

    /** Opens a channel to a database at an address, over the connection that there is, or a new one. */
    void dial(String address, String name, SharedConnection.ChannelDial dial) {
        dial(address, name, dial, dial.orElse(() -> dialAgain(address, name, dial)));
    }

    /** Where there was a connection, it may have been about to end. */
    private void dialAgain(String address, String name, SharedConnection.ChannelDial dial) {
        if (dial.attempt().isDone()) {
            return;
        }
        try {
            dial(address, name, dial, dial);
        } catch (SyncException e) {
            dial.attempt().completeExceptionally(e);
        }
    }

    private void dial(
            String address, String name, SharedConnection.ChannelDial fresh, SharedConnection.ChannelDial reused) {
        DialingTransport beneath = transport();
        SharedConnection made;
        synchronized (this) {
            requireOpen();
            SharedConnection there = usable.get(address);
            if (there != null && there.open(name, reused)) {
                return;
            }
            made = SharedConnection.dialler(context, address, salts.get(), this);
            usable.put(address, made);
            dialled.add(made);
            made.open(name, fresh);
        }
        made.dialled(beneath.dial(address));
    }

    @Override
    public void wanted(SharedConnection connection, byte[] salt, long channel, byte[] token) {
        connection.refuse(channel); // whoever is dialled opens no channels
    }

    @Override
    public void busy(SharedConnection connection, boolean busy) {}

    @Override
    public synchronized void unusable(SharedConnection connection) {
        usable.values().removeIf(each -> each == connection);
        if (connection.isEnded()) {
            dialled.remove(connection);
        }
    }

    // Listening

    /**
     * Has the next who listen at an address wait for each other, so that nobody is turned away from a database that is about to be there. If one of
     * them fails, so do the others.
     *
     * @param address as each of them will say it
     * @param names of the databases
     * @return gives up, where not all of them are there
     * @throws SyncException {@link ErrorKind#CLOSED}
     */
    public synchronized Consumer<SyncException> gather(String address, Set<String> names) {
        requireOpen();
        SharedListening listening = new SharedListening(context, address, names, nanos, this::ended);
        listenings.add(listening);
        return listening::giveUp;
    }

    CompletableFuture<Listening> listen(
            String address,
            String name,
            TransportContext whose,
            ChannelAcceptor acceptor,
            Consumer<NamedChannel> onOpen,
            Consumer<NamedChannel> onGone) {
        DialingTransport beneath = transport();
        for (SharedListening there : fitting(address, name)) {
            CompletableFuture<Listening> joined = there.join(name, whose, acceptor, onOpen, onGone, beneath);
            if (joined != null) {
                return joined;
            }
        }
        SharedListening made;
        synchronized (this) {
            requireOpen();
            made = new SharedListening(context, address, Set.of(), nanos, this::ended);
            listenings.add(made);
        }
        CompletableFuture<Listening> joined = made.join(name, whose, acceptor, onOpen, onGone, beneath);
        return joined != null ? joined : FailedFutures.of(closedFailure());
    }

    private synchronized List<SharedListening> fitting(String address, String name) {
        requireOpen();
        return listenings.stream().filter(each -> each.fits(address, name)).toList();
    }

    private synchronized void ended(SharedListening listening) {
        listenings.remove(listening);
    }

    /**
     * Ends all connections, those without channels in order, and closes the transport. The databases' own transports come before. Idempotent; takes a
     * few seconds at most.
     */
    @Override
    public void close() {
        List<CompletableFuture<Void>> ends = new ArrayList<>();
        DialingTransport beneath;
        List<SharedConnection> connections;
        List<SharedListening> places;
        synchronized (this) {
            closed = true;
            beneath = transport;
            connections = List.copyOf(dialled);
            places = List.copyOf(listenings);
        }
        connections.forEach(each -> ends.add(each.leave(closedFailure())));
        for (SharedListening each : places) {
            each.giveUp(closedFailure());
            ends.addAll(each.close(closedFailure()));
        }
        try {
            CompletableFuture.allOf(ends.toArray(CompletableFuture<?>[]::new))
                    .get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException e) {
            System.getLogger(ConnectionPool.class.getName())
                    .log(System.Logger.Level.DEBUG, "a shared connection did not end in order", e);
        }
        if (beneath != null) {
            beneath.close();
        }
    }
}
