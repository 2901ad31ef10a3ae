package dev.livesync.core.multiplex;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Admission;
import dev.livesync.api.internal.CallerAddress;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.core.session.SyncFailures;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * An address at which several databases listen. It is bound when all that were expected are there, and free when the last has gone.
 *
 * <p>A caller who wants a database that nobody serves is handed to another one's listener, where its handshake fails as with a wrong secret, since
 * the database's name is part of that. So nobody learns which names there are, however closely it looks. Any thread.
 */
final class SharedListening implements ChannelAcceptor, SharedConnection.Owner {
    /** As many callers who have asked for nothing yet as a listener of one database has. */
    private static final int SILENT = 1_024;

    private static final int SILENT_OF_ADDRESS = 512;
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final TransportContext context;
    private final Consumer<SharedListening> onEnd;
    private final String requested;
    private final Admission<SharedConnection> admission;
    private final Set<String> expected;
    private final Map<String, Place> places = new TreeMap<>();
    private final Set<SharedConnection> connections = new LinkedHashSet<>();
    private final CompletableFuture<Listening> bound = new CompletableFuture<>();
    private boolean binding;
    private boolean ended;
    private boolean closed;

    /**
     * Makes one that isn't bound.
     *
     * @param requested where it is to listen
     * @param expected the names that have to be there first
     * @param onEnd told when nobody listens here any more, and nobody who was accepted is left; perhaps more than once
     */
    SharedListening(
            TransportContext context,
            String requested,
            Set<String> expected,
            LongSupplier nanos,
            Consumer<SharedListening> onEnd) {
        this.context = context;
        this.requested = requested;
        this.expected = new HashSet<>(expected);
        this.onEnd = onEnd;
        this.admission = new Admission<>(SILENT, SILENT_OF_ADDRESS, PATIENCE.toNanos(), nanos);
    }

    /** Whether a database can listen here that asks for an address. */
    synchronized boolean fits(String address, String name) {
        if (ended || places.containsKey(name)) {
            return false;
        }
        Listening here = bound.isCompletedExceptionally() ? null : bound.getNow(null);
        return requested.equals(address) || (here != null && here.address().equals(address));
    }

    /**
     * Lets a database listen here.
     *
     * @param transport binds the address, if this is the last that was expected
     * @return completes when the address is bound; null if it isn't {@linkplain #fits possible} any more
     */
    @Nullable
    CompletableFuture<Listening> join(
            String name,
            TransportContext whose,
            ChannelAcceptor acceptor,
            Consumer<NamedChannel> onOpen,
            Consumer<NamedChannel> onGone,
            DialingTransport transport) {
        Place place = new Place(name, whose, acceptor, onOpen, onGone);
        boolean bind;
        synchronized (this) {
            if (ended || places.containsKey(name)) {
                return null;
            }
            places.put(name, place);
            expected.remove(name);
            bind = expected.isEmpty() && !binding;
            binding |= bind;
        }
        CompletableFuture<Listening> joined = new CompletableFuture<>();
        var unused = joined.whenComplete((listening, thrown) -> {
            if (thrown != null) {
                place.close();
            }
        });
        var ignored = bound.whenComplete((listening, thrown) -> {
            if (thrown != null) {
                joined.completeExceptionally(SyncFailures.of("listening at " + requested, thrown));
            } else {
                place.address = listening.address();
                if (!joined.complete(place)) {
                    place.close();
                }
            }
        });
        if (bind) {
            bind(transport);
        }
        return joined;
    }

    private void bind(DialingTransport transport) {
        CompletableFuture<Listening> listen = transport.listen(requested, this).toCompletableFuture();
        var ignored = bound.whenComplete((listening, thrown) -> {
            if (thrown != null) {
                listen.cancel(false);
            }
        });
        var unused = listen.whenComplete((listening, thrown) -> {
            if (thrown != null) {
                bound.completeExceptionally(thrown);
                end();
            } else if (!bound.complete(listening)) {
                listening.close();
            }
        });
    }

    /** Nobody else is waited for: whoever waits for the address is told that it comes to nothing. */
    void giveUp(SyncException why) {
        if (bound.completeExceptionally(why)) {
            end();
        }
    }

    private void end() {
        synchronized (this) {
            ended = true;
        }
        Listening listening = bound.isCompletedExceptionally() ? null : bound.getNow(null);
        if (listening != null) {
            listening.close();
        } else {
            bound.completeExceptionally(new SyncException(ErrorKind.CANCELLED, "nobody listens at " + requested));
        }
        tellIfOver();
    }

    private void tellIfOver() {
        boolean over;
        synchronized (this) {
            over = ended && connections.isEmpty();
        }
        if (over) {
            onEnd.accept(this);
        }
    }

    // Callers

    @Override
    public void accept(Channel channel) {
        SharedConnection connection = SharedConnection.listener(context, channel, this);
        boolean late;
        synchronized (this) {
            late = closed;
            if (!late) {
                connections.add(connection);
            }
        }
        if (late) {
            channel.abort(new SyncException(ErrorKind.CLOSED, "nobody listens here any more"));
            return;
        }
        admit(connection, channel.remote());
        connection.begin();
    }

    private void admit(SharedConnection connection, String remote) {
        Admission.Verdict<SharedConnection> verdict = admission.admit(connection, CallerAddress.of(remote));
        SharedConnection loser = verdict.admitted() ? verdict.evicted() : connection;
        if (loser != null) {
            loser.fail(new SyncException(ErrorKind.REFUSED, "too many callers who want nothing"));
        }
    }

    @Override
    public void busy(SharedConnection connection, boolean busy) {
        if (busy) {
            admission.leave(connection);
        } else {
            admit(connection, connection.remote());
        }
    }

    @Override
    public void unusable(SharedConnection connection) {
        if (!connection.isEnded()) {
            return; // it is about to be
        }
        admission.leave(connection);
        synchronized (this) {
            connections.remove(connection);
        }
        tellIfOver();
    }

    @Override
    public void wanted(SharedConnection connection, byte[] salt, long channel, byte[] token) {
        Place place = find(salt, token);
        if (place == null) {
            connection.refuse(channel);
        } else {
            Handoff.to(place.whose.executor(), () -> place.accept(connection, channel));
        }
    }

    /** Whoever serves what was asked for; or else somebody, who turns the caller away. */
    private @Nullable Place find(byte[] salt, byte[] token) {
        List<Place> all;
        synchronized (this) {
            all = List.copyOf(places.values());
        }
        Place found = all.isEmpty() ? null : all.get(0);
        for (Place place : all) { // all of them, so that it takes as long whatever is asked for
            if (MessageDigest.isEqual(NameToken.of(salt, place.name), token)) {
                found = place;
            }
        }
        return found;
    }

    /** Ends what was accepted, in order where nobody uses it; takes no more. */
    List<CompletableFuture<Void>> close(SyncException why) {
        List<SharedConnection> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(connections);
        }
        return open.stream().map(connection -> connection.leave(why)).toList();
    }

    /** A database that listens. */
    private final class Place implements Listening {
        private final String name;
        private final TransportContext whose;
        private final ChannelAcceptor acceptor;
        private final Consumer<NamedChannel> onOpen;
        private final Consumer<NamedChannel> onGone;
        private volatile String address = "";

        /** Held while the acceptor is called, so that {@link #close} can promise that no call begins after it. */
        private final ReentrantLock accepting = new ReentrantLock();

        private volatile boolean open = true;

        Place(
                String name,
                TransportContext whose,
                ChannelAcceptor acceptor,
                Consumer<NamedChannel> onOpen,
                Consumer<NamedChannel> onGone) {
            this.name = name;
            this.whose = whose;
            this.acceptor = acceptor;
            this.onOpen = onOpen;
            this.onGone = onGone;
        }

        void accept(SharedConnection connection, long channel) {
            accepting.lock();
            try {
                if (open) {
                    connection.accept(
                            channel,
                            whose,
                            named -> {
                                onOpen.accept(named);
                                hand(named);
                            },
                            onGone);
                    return;
                }
            } finally {
                accepting.unlock();
            }
            connection.refuse(channel);
        }

        private void hand(NamedChannel named) {
            try {
                acceptor.accept(named);
            } catch (Throwable e) {
                System.getLogger(SharedListening.class.getName())
                        .log(System.Logger.Level.WARNING, "the acceptor at " + address + " threw", e);
                named.abort(new SyncException(ErrorKind.INTERNAL, "the acceptor at " + address + " threw " + e, e));
            }
        }

        @Override
        public String address() {
            return address;
        }

        @Override
        public void close() {
            open = false;
            boolean last;
            synchronized (SharedListening.this) {
                last = places.remove(name, this) && places.isEmpty();
            }
            if (last) {
                end();
            }
            try {
                if (accepting.tryLock(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    accepting.unlock();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
