package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.onvoid.webrtc.RTCAnswerOptions;
import dev.onvoid.webrtc.RTCConfiguration;
import dev.onvoid.webrtc.RTCDataChannel;
import dev.onvoid.webrtc.RTCDataChannelBuffer;
import dev.onvoid.webrtc.RTCDataChannelInit;
import dev.onvoid.webrtc.RTCDataChannelState;
import dev.onvoid.webrtc.RTCIceServer;
import dev.onvoid.webrtc.RTCIceTransportPolicy;
import dev.onvoid.webrtc.RTCOfferOptions;
import dev.onvoid.webrtc.RTCPeerConnection;
import dev.onvoid.webrtc.RTCPeerConnectionState;
import dev.onvoid.webrtc.RTCSdpType;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.RTCSignalingState;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One native connection and its data channel: the only class that calls into them.
 *
 * <p>What webrtc-java does to the process if it is called at the wrong time, this class has to make impossible:
 *
 * <ul>
 *   <li>A call after, or during, the end is a crash. So every call on the data channel holds the gate for reading and looks
 *       whether it is there; {@link #destroy} holds it for writing. Nobody waits for the gate but {@code destroy}: whoever
 *       finds it closed has nothing to call any more.
 *   <li>An exception that leaves a callback aborts the process: each catches all of them.
 *   <li>All callbacks of all connections run on one native thread, and the bytes they bring are gone afterwards: they copy, hand
 *       over, and return.
 *   <li>Some of what it is given to call back is never let go. So it is given {@link Observers}, which reach this through a
 *       {@link Relay}, and {@link #destroy} empties that: nothing else of ours may be handed over.
 * </ul>
 */
final class NativeConnection {
    private static final System.Logger LOG = System.getLogger(NativeConnection.class.getName());
    private static final int MAX_STRANGERS = 16;

    private final NativeRuntime runtime;
    private final WebRtcConfiguration configuration;
    private final TransportContext.Scheduler scheduler;
    private final WebRtcChannel owner;
    private final Relay<NativeConnection> relay = new Relay<>(this);
    private final List<Relay<?>> applying = new ArrayList<>(); // control thread only
    private final ReentrantReadWriteLock gate = new ReentrantReadWriteLock();

    /** Written under the gate. */
    private volatile boolean gone;

    private volatile @Nullable RTCDataChannel channel;
    private final List<RTCDataChannel> strangers = new ArrayList<>(); // signalling thread, then destroy
    private volatile long buffered;

    // Of the control thread.
    private @Nullable RTCPeerConnection connection;
    private volatile boolean offers;
    private boolean wasDescribed;
    private boolean pathFound;
    private TransportContext.@Nullable Cancellable gathering;
    private TransportContext.@Nullable Cancellable silence;

    NativeConnection(
            NativeRuntime runtime,
            WebRtcConfiguration configuration,
            TransportContext.Scheduler scheduler,
            WebRtcChannel owner) {
        this.runtime = runtime;
        this.configuration = configuration;
        this.scheduler = scheduler;
        this.owner = owner;
    }

    /** Starts to create a description: as the proposer, or as the acceptor of an offer. */
    void begin(@Nullable SessionDescription offer) {
        step(true, () -> {
            if (!runtime.add(this)) {
                owner.lost(WebRtcFailures.closed());
                return;
            }
            RTCPeerConnection made =
                    runtime.factory().createPeerConnection(nativeConfiguration(), new Observers.OfConnection(relay));
            connection = made;
            offers = offer == null;
            if (offer == null) {
                RTCDataChannelInit init = new RTCDataChannelInit();
                init.ordered = true;
                adopt(made.createDataChannel("livesync", init));
                made.createOffer(new RTCOfferOptions(), new Observers.OfCreating(relay));
            } else {
                apply(
                        RTCSdpType.OFFER,
                        offer,
                        () -> live().createAnswer(new RTCAnswerOptions(), new Observers.OfCreating(relay)),
                        owner::lost);
            }
        });
    }

    /** Passes the other side's description to libwebrtc. Throws if it can't be read; a callback reports if it doesn't fit. */
    private void apply(RTCSdpType type, SessionDescription theirs, Runnable then, Consumer<SyncException> refused) {
        String whose = type == RTCSdpType.OFFER ? "the offer's" : "the answer's";
        Consumer<String> otherwise = message -> refused.accept(
                new SyncException(ErrorKind.MALFORMED, whose + " session description is unusable: " + message));
        try {
            live().setRemoteDescription(new RTCSessionDescription(type, theirs.sdp()), applied(then, otherwise));
        } catch (Exception | Error e) { // a plain Error for what libwebrtc cannot parse
            otherwise.accept(WebRtcFailures.text(e));
        }
    }

    private RTCConfiguration nativeConfiguration() {
        RTCConfiguration wanted = new RTCConfiguration();
        for (WebRtcConfiguration.IceServer server : configuration.iceServers()) {
            RTCIceServer ice = new RTCIceServer();
            ice.urls = new ArrayList<>(server.urls());
            ice.username = server.username();
            ice.password = server.password();
            wanted.iceServers.add(ice);
        }
        wanted.iceTransportPolicy = configuration.relayOnly() ? RTCIceTransportPolicy.RELAY : RTCIceTransportPolicy.ALL;
        if (configuration.maxPort() != 0) {
            wanted.portAllocatorConfig.minPort = configuration.minPort();
            wanted.portAllocatorConfig.maxPort = configuration.maxPort();
        }
        return wanted;
    }

    /** Completes an offer; {@code refused} is called if the answer does not fit and another can follow. */
    void connect(SessionDescription answer, Consumer<SyncException> refused) {
        step(
                true,
                () -> apply(RTCSdpType.ANSWER, answer, () -> {}, failure -> {
                    if (live().getSignalingState() == RTCSignalingState.HAVE_LOCAL_OFFER) {
                        refused.accept(failure);
                    } else {
                        owner.lost(failure);
                    }
                }));
    }

    /** Sends a message. False if the channel does not take it; the owner is notified of the reason. Not for two threads at once. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // one send at a time; others only read
    boolean send(Message message) {
        if (!gate.readLock().tryLock()) {
            return false;
        }
        try {
            RTCDataChannel open = channel;
            if (gone || open == null) {
                return false;
            }
            // An array exactly as long as the message: position and limit of a buffer are ignored.
            open.send(new RTCDataChannelBuffer(
                    ByteBuffer.wrap(message.payload()), message.kind() == Message.Kind.BINARY));
            buffered += message.size();
            // A channel that has begun to close swallows what it is given, without a word.
            return open.getState() == RTCDataChannelState.OPEN;
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.DEBUG, "a send failed", e);
            step(false, this::lookAfterFailure);
            return false;
        } finally {
            gate.readLock().unlock();
        }
    }

    private void lookAfterFailure() {
        RTCDataChannelState state = state();
        if (state == RTCDataChannelState.OPEN || state == RTCDataChannelState.CONNECTING) {
            owner.lost(new SyncException(ErrorKind.DISCONNECTED, "WebRTC no longer sends"));
        }
    }

    /** An upper bound of the bytes that wait to be sent; makes no native call. */
    long bufferedAtMost() {
        return buffered;
    }

    /** The bytes that wait to be sent. */
    long measureBuffered() {
        if (!gate.readLock().tryLock()) {
            return 0;
        }
        try {
            RTCDataChannel open = channel;
            buffered = gone || open == null ? 0 : open.getBufferedAmount();
            return buffered;
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.DEBUG, "no measure", e);
            return 0;
        } finally {
            gate.readLock().unlock();
        }
    }

    /** Closes the data channel behind everything that was sent. The owner is notified. */
    void closeInOrder() {
        step(false, () -> {
            RTCDataChannel open = channel;
            if (open != null) {
                open.close();
            }
        });
    }

    /** Schedules {@link #destroy}. Idempotent. */
    void abandon() {
        runtime.execute(this::destroy);
    }

    /** Destroys the native objects, in the one order that is known not to crash. On the control thread. */
    void destroy() {
        gate.writeLock().lock();
        try {
            if (gone) {
                return;
            }
            gone = true;
            RTCDataChannel open = channel;
            RTCPeerConnection made = connection;
            if (open != null) {
                quietly(open::unregisterObserver);
                quietly(open::close);
            }
            if (made != null) {
                quietly(made::close);
            }
            if (open != null) {
                quietly(open::dispose);
            }
            strangers.forEach(stranger -> quietly(stranger::dispose));
            strangers.clear();
        } finally {
            gate.writeLock().unlock();
        }
        relay.empty();
        applying.forEach(Relay::empty);
        applying.clear();
        cancel(gathering);
        cancel(silence);
        runtime.remove(this);
        owner.lost(WebRtcFailures.closed()); // where nobody said so before
    }

    private static void cancel(TransportContext.@Nullable Cancellable timer) {
        if (timer != null) {
            timer.cancel();
        }
    }

    private static void quietly(Runnable call) {
        try {
            call.run();
        } catch (Throwable e) {
            LOG.log(System.Logger.Level.DEBUG, "while closing", e);
        }
    }

    /** Runs a task on the control thread, unless the connection is destroyed by then. A failure ends the connection. */
    private void step(boolean first, Runnable task) {
        runtime.execute(() -> {
            if (gone || (!first && connection == null)) {
                return;
            }
            try {
                task.run();
            } catch (Throwable e) {
                owner.lost(WebRtcFailures.internal("WebRTC", e));
            }
        });
    }

    private RTCPeerConnection live() {
        RTCPeerConnection made = connection;
        if (made == null) {
            throw new SyncException(ErrorKind.CLOSED, "there is no connection");
        }
        return made;
    }

    private @Nullable RTCDataChannelState state() {
        if (!gate.readLock().tryLock()) {
            return null;
        }
        try {
            RTCDataChannel open = channel;
            return gone || open == null ? null : open.getState();
        } finally {
            gate.readLock().unlock();
        }
    }

    /** Takes a channel over, on the control thread or in a callback. */
    private void adopt(RTCDataChannel made) {
        channel = made;
        made.registerObserver(new Observers.OfChannel(relay));
        stateChanged(made.getState());
    }

    private void stateChanged(@Nullable RTCDataChannelState state) {
        if (state == RTCDataChannelState.OPEN) {
            owner.opened();
        } else if (state == RTCDataChannelState.CLOSED) {
            owner.channelClosed();
        }
    }

    private void describe() {
        if (wasDescribed) {
            return;
        }
        wasDescribed = true;
        cancel(gathering);
        owner.described(live().getLocalDescription().sdp);
    }

    private void connectionChanged(RTCPeerConnectionState state) {
        switch (state) {
            case CONNECTED -> {
                cancel(silence);
                silence = null;
            }
            case DISCONNECTED -> {
                if (silence == null && owner.isOpen()) {
                    silence = scheduler.schedule(
                            configuration.peerTimeout(),
                            () -> step(false, () -> {
                                if (silence != null) {
                                    owner.lost(silent());
                                }
                            }));
                }
            }
            case FAILED -> {
                if (owner.isOpen()) {
                    owner.lost(silent());
                } else if (pathFound) {
                    owner.lost(new SyncException(
                            ErrorKind.UNREACHABLE,
                            owner.remote() + " answers, but there is no agreement on encryption: it may not be whom the"
                                    + " signal describes"));
                } else if (offers) {
                    owner.lost(new SyncException(
                            ErrorKind.UNREACHABLE,
                            "no network path to " + owner.remote()
                                    + " was found: it has gone, or both sides need a TURN server"));
                }
                // An acceptor's answer may still be on its way: what comes in from the proposer revives the connection.
            }
            default -> {}
        }
    }

    private SyncException silent() {
        return new SyncException(
                ErrorKind.DISCONNECTED,
                owner.remote() + " has not been heard of for a while; its process or network is gone");
    }

    // Called by the observers, on the native signalling thread

    void onGathered() {
        step(false, this::describe);
    }

    void onPath() {
        step(false, () -> pathFound = true);
    }

    void onConnection(RTCPeerConnectionState state) {
        step(false, () -> connectionChanged(state));
    }

    void onChannel(RTCDataChannel incoming) {
        if (!gate.readLock().tryLock()) {
            return;
        }
        try {
            if (gone) {
                return;
            }
            if (channel != null || offers) {
                stranger(incoming);
            } else if (!incoming.isOrdered() || !incoming.isReliable()) {
                stranger(incoming);
                owner.lost(new SyncException(
                        ErrorKind.UNSUPPORTED,
                        owner.remote() + " opened a channel that may lose messages or their order"));
            } else {
                adopt(incoming);
            }
        } catch (Throwable e) {
            owner.lost(WebRtcFailures.internal("taking over a channel", e));
        } finally {
            gate.readLock().unlock();
        }
    }

    private void stranger(RTCDataChannel incoming) {
        strangers.add(incoming);
        incoming.close();
        if (strangers.size() > MAX_STRANGERS) {
            owner.lost(
                    new SyncException(ErrorKind.LIMIT_EXCEEDED, owner.remote() + " opens one channel after the other"));
        }
    }

    void onChannelState() {
        try {
            stateChanged(state());
        } catch (Throwable e) {
            owner.lost(WebRtcFailures.internal("a change of the channel", e));
        }
    }

    void onMessage(RTCDataChannelBuffer buffer) {
        try {
            owner.arrived(buffer.binary ? Message.Kind.BINARY : Message.Kind.TEXT, buffer.data);
        } catch (Throwable e) {
            owner.lost(WebRtcFailures.internal("taking a message", e));
        }
    }

    void onCreated(RTCSessionDescription description) {
        step(
                false,
                () -> live().setLocalDescription(
                                description,
                                applied(
                                        () -> {
                                            if (!wasDescribed) {
                                                gathering = scheduler.schedule(
                                                        configuration.gatherTimeout(),
                                                        () -> step(false, this::describe));
                                            }
                                        },
                                        message -> owner.lost(new SyncException(
                                                ErrorKind.INTERNAL, "WebRTC cannot be set up: " + message)))));
    }

    void onNotCreated(String message) {
        step(
                false,
                () -> owner.lost(new SyncException(ErrorKind.INTERNAL, "WebRTC cannot describe itself: " + message)));
    }

    /** Creates the observer for applying a description. The observer is created and called on the control thread. */
    private Observers.OfApplying applied(Runnable then, Consumer<String> otherwise) {
        Relay<Observers.Applying> outcome = new Relay<>(new Observers.Applying() {
            @Override
            public void done() {
                step(false, then);
            }

            @Override
            public void refused(String message) {
                step(false, () -> otherwise.accept(message));
            }
        });
        applying.add(outcome);
        return new Observers.OfApplying(outcome);
    }
}
