package dev.livesync.core.multiplex;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.core.handshake.Refusal;
import dev.livesync.core.session.SyncFailures;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A connection with its channels: brings the {@link Multiplexer} together with the transport's channel beneath and the {@link NamedChannel}s above.
 * One lock guards all of them; what is to be done without it is collected meanwhile, and done afterwards. Any thread.
 */
final class SharedConnection {
    /** Who has the connection. Called without its lock. */
    interface Owner {
        /** The peer wants a channel; {@link SharedConnection#accept} or {@link SharedConnection#refuse} follows. */
        void wanted(SharedConnection connection, byte[] salt, long channel, byte[] token);

        /** There are channels again, or none any more. */
        void busy(SharedConnection connection, boolean busy);

        /** No channel can be opened any more. Perhaps more than once. */
        void unusable(SharedConnection connection);
    }

    /**
     * Who waits for a channel.
     *
     * @param context of whoever does
     * @param attempt completes with the channel; whoever completes it otherwise has given it up
     * @param onOpen told of the channel before anybody has it
     * @param onGone as {@link NamedChannel}'s
     * @param again dials anew, since a connection that was there already may have been about to end; null for one made for this dial
     */
    record ChannelDial(
            TransportContext context,
            CompletableFuture<Channel> attempt,
            Consumer<NamedChannel> onOpen,
            Consumer<NamedChannel> onGone,
            @Nullable Runnable again) {
        /** The same over a connection that was there already. */
        ChannelDial orElse(Runnable again) {
            return new ChannelDial(context, attempt, onOpen, onGone, again);
        }

        void fail(SyncException why) {
            Handoff.to(context.executor(), again != null ? again : () -> attempt.completeExceptionally(why));
        }
    }

    private static final byte[] BINDING = "livesync shared connection 1 binding".getBytes(StandardCharsets.US_ASCII);

    /** How long a listener keeps a connection without channels. */
    private static final Duration IDLE = Duration.ofSeconds(10);

    private final Object lock = new Object();
    private final TransportContext context;
    private final String address;
    private final Owner owner;
    private final boolean dialler;
    private final Multiplexer mux;
    private final CompletableFuture<Void> gone = new CompletableFuture<>();
    private final Map<Long, NamedChannel> channels = new HashMap<>();
    private final Map<Long, ChannelDial> dials = new HashMap<>();
    /** The dialler's; the listener knows it when it was greeted. */
    private byte[] salt;

    private byte @Nullable [] greeting;
    private @Nullable CompletableFuture<Channel> dialling;
    private volatile @Nullable Channel beneath;
    private boolean greeted;
    private boolean writing;
    private boolean usable = true;
    private boolean busy;
    private boolean leaving;
    private boolean finishing;
    private @Nullable SyncException failure;
    private TransportContext.@Nullable Cancellable timer;
    private List<Runnable> after = new ArrayList<>();

    private SharedConnection(
            TransportContext context,
            String address,
            byte[] salt,
            boolean dialler,
            @Nullable Channel beneath,
            Owner owner) {
        this.context = context;
        this.address = address;
        this.salt = salt;
        this.dialler = dialler;
        this.owner = owner;
        this.beneath = beneath;
        this.greeting = dialler ? Greeting.dialler(salt) : null;
        this.mux = new Multiplexer(dialler, new Incoming());
    }

    /** Makes the end that dials; {@link #dialled} follows. */
    static SharedConnection dialler(TransportContext context, String address, byte[] salt, Owner owner) {
        return new SharedConnection(context, address, salt, true, null, owner);
    }

    /** Makes the end that was dialled; {@link #begin} follows. */
    static SharedConnection listener(TransportContext context, Channel beneath, Owner owner) {
        return new SharedConnection(context, beneath.remote(), new byte[0], false, beneath, owner);
    }

    /** Runs a step under the lock, and then what it has left to be done without it. Does nothing once the connection has ended. */
    private void act(Runnable step) {
        List<Runnable> todo;
        synchronized (lock) {
            if (failure != null) {
                return;
            }
            step.run();
            todo = after;
            after = new ArrayList<>();
        }
        todo.forEach(Runnable::run);
    }

    // Beneath

    /** The channel beneath is on its way. */
    void dialled(CompletionStage<Channel> dial) {
        CompletableFuture<Channel> future = dial.toCompletableFuture();
        act(() -> dialling = future);
        if (isEnded()) {
            future.cancel(false);
        }
        var unused = future.whenComplete((channel, thrown) -> {
            if (thrown != null) {
                fail(SyncFailures.of("dialling " + address, thrown));
                return;
            }
            act(() -> beneath = channel);
            if (beneath == channel) {
                begin();
            } else {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + channel.remote()));
            }
        });
    }

    /** Opens the gate. */
    void begin() {
        Channel channel = Objects.requireNonNull(beneath);
        act(() -> {
            mux.limitFrames(channel.maxMessageBytes());
            settle();
        });
        channel.start(new Below());
        channel.request(Long.MAX_VALUE);
        flush();
    }

    private final class Below implements ChannelListener {
        @Override
        public void onMessage(Message message) {
            SyncException[] bad = {null};
            act(() -> {
                try {
                    received(message);
                } catch (SyncException e) {
                    bad[0] = e;
                }
                settle();
            });
            if (bad[0] != null) {
                misbehaved(bad[0]);
            }
            flush();
        }

        @Override
        public void onClosed(CloseReason reason) {
            SyncException why = reason.failure();
            fail(
                    why != null
                            ? why
                            : new SyncException(ErrorKind.DISCONNECTED, remote() + " has closed the connection"));
            gone.complete(null);
        }
    }

    private void received(Message message) {
        if (greeted) {
            if (message.kind() != Message.Kind.BINARY) {
                throw new SyncException(ErrorKind.MALFORMED, "a shared connection brought a text");
            }
            mux.received(message.payload());
        } else if (dialler) {
            SyncException refusal = Refusal.read(remote(), message);
            if (refusal != null) {
                throw refusal;
            }
            Greeting.readListener(message);
            greeted = true;
        } else if (!finishing) {
            salt = Greeting.readDialler(message);
            greeting = Greeting.listener();
            greeted = true;
        }
    }

    /** Ends the connection because of what the peer said. A session's first message is answered as sessions refuse others. */
    private void misbehaved(SyncException why) {
        Channel channel = Objects.requireNonNull(beneath);
        boolean[] plain = {false};
        act(() -> {
            plain[0] = !dialler && !greeted && why.kind() == ErrorKind.UNSUPPORTED && !finishing;
            finishing |= plain[0];
        });
        if (!plain[0]) {
            fail(new SyncException(why.kind(), remote() + ": " + why.getMessage(), why));
            return;
        }
        try {
            var unused = channel.send(Refusal.write(ErrorKind.UNSUPPORTED));
        } catch (RuntimeException e) {
            fail(why);
        }
        var unused = channel.close();
    }

    /** Where the peer is, for people. */
    String remote() {
        Channel channel = beneath;
        return channel == null ? address : channel.remote();
    }

    // Above

    /**
     * Opens a channel to a database.
     *
     * @return false if no channel can be opened here any more
     */
    boolean open(String name, ChannelDial dial) {
        boolean[] opened = {false};
        act(() -> {
            if (usable && mux.hasPlace()) {
                opened[0] = true;
                dials.put(mux.open(NameToken.of(salt, name), NamedChannel.mostMessageBytes(dial.context())), dial);
                settle();
            }
        });
        if (opened[0]) {
            var unused = dial.attempt().whenComplete((channel, thrown) -> {
                if (thrown != null) {
                    giveUp(dial);
                }
            });
            flush();
        }
        return opened[0];
    }

    /** Nobody waits for a channel any more, which hasn't come: something may be wrong, and the next dial gets a connection of its own. */
    private void giveUp(ChannelDial dial) {
        act(() -> {
            for (Map.Entry<Long, ChannelDial> each : dials.entrySet()) {
                if (each.getValue().equals(dial)) {
                    mux.reset(each.getKey(), Multiplexer.ABORTED);
                    dials.remove(each.getKey());
                    becomeUnusable();
                    break;
                }
            }
            settle();
        });
        flush();
    }

    /**
     * Opens a channel that the peer wants, unless it doesn't any more.
     *
     * @param onOpen gets it
     * @param onGone as {@link NamedChannel}'s
     */
    void accept(long channel, TransportContext whose, Consumer<NamedChannel> onOpen, Consumer<NamedChannel> onGone) {
        act(() -> {
            if (mux.accept(channel, NamedChannel.mostMessageBytes(whose))) {
                NamedChannel named = channel(channel, whose, onGone);
                after.add(() -> onOpen.accept(named));
            }
        });
        flush();
    }

    /** Says that nobody listens any more. */
    void refuse(long channel) {
        act(() -> mux.reset(channel, Multiplexer.NOBODY));
        flush();
    }

    private NamedChannel channel(long number, TransportContext whose, Consumer<NamedChannel> onGone) {
        Channel under = Objects.requireNonNull(beneath);
        byte[] which = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
        NamedChannel.Remote remote = new NamedChannel.Remote(
                under.remote(), under.peer(), under.binding().map(bytes -> Digests.sha256(BINDING, bytes, which)));
        NamedChannel named = new NamedChannel(whose, remote, new Port(number), onGone);
        channels.put(number, named);
        return named;
    }

    /** What a channel asks for. */
    private final class Port implements ChannelPort {
        private final long number;

        Port(long number) {
            this.number = number;
        }

        @Override
        public Object lock() {
            return lock;
        }

        @Override
        public void send(Message message) {
            mux.send(number, message);
        }

        @Override
        public void end() {
            mux.end(number);
        }

        @Override
        public void reset(SyncException reason) {
            mux.reset(number, Multiplexer.ABORTED);
            if (reason.kind() == ErrorKind.TIMEOUT) {
                becomeUnusable(); // nobody answers there, perhaps
            }
        }

        @Override
        public void read(int cost) {
            mux.read(number, cost);
        }

        @Override
        public void flush() {
            SharedConnection.this.flush();
        }
    }

    /** What the peer's frames mean. */
    private final class Incoming implements Multiplexer.Host {
        @Override
        public void wanted(long channel, byte[] token) {
            byte[] with = salt;
            after.add(() -> owner.wanted(SharedConnection.this, with, channel, token));
        }

        @Override
        public void opened(long channel) {
            ChannelDial dial = dials.remove(channel);
            if (dial == null) {
                return;
            }
            NamedChannel named = channel(channel, dial.context(), dial.onGone());
            after.add(() -> {
                dial.onOpen().accept(named);
                Handoff.to(dial.context().executor(), () -> {
                    if (!dial.attempt().complete(named)) {
                        named.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + named.remote()));
                    }
                });
            });
        }

        @Override
        public void message(long channel, Message message, int cost) {
            NamedChannel named = channels.get(channel);
            if (named != null) {
                named.arrived(message, cost);
                after.add(named::wake);
            }
        }

        @Override
        public void ended(long channel) {
            NamedChannel named = channels.get(channel);
            if (named != null) {
                after.add(() -> named.end(CloseReason.REMOTE));
            }
        }

        @Override
        public void reset(long channel, int reason) {
            NamedChannel named = channels.get(channel);
            if (named != null) {
                after.add(() -> named.end(CloseReason.failed(
                        new SyncException(ErrorKind.DISCONNECTED, named.remote() + " has aborted the channel"))));
            }
            ChannelDial dial = dials.remove(channel);
            if (dial != null) {
                SyncException why = reason == Multiplexer.NOBODY
                        ? new SyncException(ErrorKind.UNREACHABLE, "nobody listens at " + address + " any more")
                        : new SyncException(ErrorKind.REFUSED, "the listener at " + address + " turned us away");
                becomeUnusable();
                after.add(() -> dial.fail(why));
            }
        }

        @Override
        public void tooLong(long channel) {
            NamedChannel named = channels.get(channel);
            if (named != null) {
                after.add(() -> named.end(CloseReason.failed(new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        named.remote() + " sent a message over the limit of " + named.maxMessageBytes() + " bytes"))));
            }
        }
    }

    // Out

    /** Sends frames while there are any and the channel beneath takes them. Without the lock. */
    private void flush() {
        for (CompletableFuture<Void> sent = write(); sent != null; sent = write()) {
            if (!sent.isDone()) {
                var unused = sent.whenComplete((nothing, thrown) -> {
                    written();
                    flush();
                });
                return;
            }
            written();
        }
    }

    /** Sends one frame; null if there is none, or no room. */
    private @Nullable CompletableFuture<Void> write() {
        byte[][] next = {null};
        List<Runnable> told = new ArrayList<>();
        act(() -> {
            if (writing || finishing || beneath == null) {
                return;
            }
            if (greeting != null) {
                next[0] = greeting;
                greeting = null;
            } else if (dialler || greeted) {
                next[0] = poll(told);
            }
            writing = next[0] != null;
            settle();
        });
        if (next[0] == null) {
            return null;
        }
        Channel channel = Objects.requireNonNull(beneath);
        CompletableFuture<Void> sent;
        try {
            sent = channel.send(Message.binary(next[0])).toCompletableFuture();
        } catch (RuntimeException e) {
            sent = FailedFutures.of(e);
        }
        told.forEach(Runnable::run);
        return sent;
    }

    private byte @Nullable [] poll(List<Runnable> told) {
        Multiplexer.OutgoingFrame output = mux.poll();
        if (output == null) {
            return null;
        }
        NamedChannel named = channels.get(output.channel());
        if (named != null && output.sent() && named.taken()) {
            told.add(() -> Handoff.to(named.context().executor(), named::completeSend));
        }
        if (named != null && output.last()) {
            channels.remove(output.channel());
            told.add(named::endSent);
        }
        return output.bytes();
    }

    private void written() {
        act(() -> {
            writing = false;
            settle();
        });
    }

    // The end

    /** Looks whether there is anybody left. Under the lock. */
    private void settle() {
        if (leaving && channels.isEmpty() && dials.isEmpty() && !writing && !finishing) {
            finish();
        }
        boolean lively = mux.size() > 0 || !dials.isEmpty();
        if (!dialler) {
            if (lively != busy) {
                busy = lively;
                after.add(() -> owner.busy(this, lively));
            }
            if (lively || finishing) {
                stopTimer();
            } else {
                startTimer(shorter(IDLE, context.connectTimeout()));
            }
            return;
        }
        busy |= lively;
        if (!busy || !channels.isEmpty() || !dials.isEmpty() || finishing) {
            return;
        }
        becomeUnusable();
        if (!greeted) {
            SyncException unwanted = new SyncException(ErrorKind.CANCELLED, "nobody waits for " + address);
            after.add(() -> fail(unwanted));
        } else if (lively || writing) {
            startTimer(context.closeTimeout());
        } else {
            finish();
        }
    }

    private void finish() {
        finishing = true;
        stopTimer();
        Channel channel = beneath;
        if (channel != null) {
            after.add(() -> {
                var unused = channel.close();
            });
        }
    }

    private void startTimer(Duration time) {
        if (timer == null) {
            SyncException idle =
                    new SyncException(ErrorKind.TIMEOUT, "the connection with " + remote() + " is not used");
            timer = context.scheduler().schedule(time, () -> Handoff.to(context.executor(), () -> fail(idle)));
        }
    }

    private void stopTimer() {
        if (timer != null) {
            timer.cancel();
            timer = null;
        }
    }

    private static Duration shorter(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private void becomeUnusable() {
        if (usable) {
            usable = false;
            after.add(() -> owner.unusable(this));
        }
    }

    /** Whether it has ended. */
    boolean isEnded() {
        synchronized (lock) {
            return failure != null;
        }
    }

    /** Ends the connection and all of its channels at once. */
    void fail(SyncException why) {
        List<NamedChannel> open = new ArrayList<>();
        List<ChannelDial> waiting = new ArrayList<>();
        CompletableFuture<Channel> pending;
        act(() -> {
            failure = why;
            usable = false;
            open.addAll(channels.values());
            waiting.addAll(dials.values());
            channels.clear();
            dials.clear();
            stopTimer();
        });
        synchronized (lock) {
            pending = dialling;
        }
        CloseReason reason = why.kind() == ErrorKind.CLOSED ? CloseReason.aborted(why) : CloseReason.failed(why);
        open.forEach(channel -> channel.end(reason));
        owner.unusable(this);
        waiting.forEach(dial -> dial.fail(why));
        Channel channel = beneath;
        if (channel != null) {
            channel.abort(why);
        } else {
            gone.complete(null);
            if (pending != null) {
                pending.cancel(false);
            }
        }
    }

    /**
     * Ends the connection: in order if there is no channel any more.
     *
     * @param why what its channels end with
     * @return completes when the channel beneath has ended
     */
    CompletableFuture<Void> leave(SyncException why) {
        boolean[] orderly = {false};
        act(() -> {
            orderly[0] = greeted && channels.isEmpty() && dials.isEmpty();
            leaving = orderly[0];
            becomeUnusable();
            settle();
        });
        if (!orderly[0]) {
            fail(why);
        }
        return gone;
    }
}
