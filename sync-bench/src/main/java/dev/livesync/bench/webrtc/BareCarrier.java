package dev.livesync.bench.webrtc;

import dev.onvoid.webrtc.CreateSessionDescriptionObserver;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.PeerConnectionObserver;
import dev.onvoid.webrtc.RTCAnswerOptions;
import dev.onvoid.webrtc.RTCConfiguration;
import dev.onvoid.webrtc.RTCDataChannel;
import dev.onvoid.webrtc.RTCDataChannelBuffer;
import dev.onvoid.webrtc.RTCDataChannelInit;
import dev.onvoid.webrtc.RTCDataChannelObserver;
import dev.onvoid.webrtc.RTCDataChannelState;
import dev.onvoid.webrtc.RTCIceCandidate;
import dev.onvoid.webrtc.RTCIceGatheringState;
import dev.onvoid.webrtc.RTCOfferOptions;
import dev.onvoid.webrtc.RTCPeerConnection;
import dev.onvoid.webrtc.RTCSdpType;
import dev.onvoid.webrtc.RTCSessionDescription;
import dev.onvoid.webrtc.SetSessionDescriptionObserver;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * What webrtc-java does with nothing on top: no copies, no hand-over to other threads, no look at the channel's state. It only
 * keeps what is buffered below the size at which libwebrtc closes a channel.
 */
final class BareCarrier implements Carrier {
    /** What may wait to leave; more makes it no faster. */
    private static final long BUFFERED = 4 << 20;

    private static final long PAUSE_NANOS = 500_000;

    private final RTCPeerConnection connection;
    private final CompletableFuture<@Nullable Void> gathered = new CompletableFuture<>();
    private final CompletableFuture<RTCDataChannel> open = new CompletableFuture<>();
    private volatile CountDownLatch arriving = new CountDownLatch(0);

    BareCarrier(PeerConnectionFactory factory) {
        connection = factory.createPeerConnection(new RTCConfiguration(), new PeerConnectionObserver() {
            @Override
            public void onIceCandidate(RTCIceCandidate candidate) {
                // All of them are in the description.
            }

            @Override
            public void onIceGatheringChange(RTCIceGatheringState state) {
                if (state == RTCIceGatheringState.COMPLETE) {
                    gathered.complete(null);
                }
            }

            @Override
            public void onDataChannel(RTCDataChannel channel) {
                watch(channel);
            }
        });
    }

    @Override
    public String offer() throws Exception {
        watch(connection.createDataChannel("bare", new RTCDataChannelInit()));
        Description made = new Description();
        connection.createOffer(new RTCOfferOptions(), made);
        return describe(made);
    }

    @Override
    public String accept(String offer) throws Exception {
        take(new RTCSessionDescription(RTCSdpType.OFFER, offer));
        Description made = new Description();
        connection.createAnswer(new RTCAnswerOptions(), made);
        return describe(made);
    }

    @Override
    public void connect(String answer) throws Exception {
        take(new RTCSessionDescription(RTCSdpType.ANSWER, answer));
        await(open);
    }

    private String describe(Description made) throws Exception {
        Applied applied = new Applied();
        connection.setLocalDescription(await(made.description), applied);
        await(applied.done);
        await(gathered);
        return connection.getLocalDescription().sdp;
    }

    private void take(RTCSessionDescription theirs) throws Exception {
        Applied applied = new Applied();
        connection.setRemoteDescription(theirs, applied);
        await(applied.done);
    }

    private void watch(RTCDataChannel channel) {
        channel.registerObserver(new RTCDataChannelObserver() {
            @Override
            public void onBufferedAmountChange(long previousAmount) {
                // Never called by webrtc-java 0.14.0.
            }

            @Override
            public void onStateChange() {
                if (channel.getState() == RTCDataChannelState.OPEN) {
                    open.complete(channel);
                }
            }

            @Override
            public void onMessage(RTCDataChannelBuffer buffer) {
                arriving.countDown();
            }
        });
        if (channel.getState() == RTCDataChannelState.OPEN) {
            open.complete(channel);
        }
    }

    @Override
    public CountDownLatch expect(int messages) throws Exception {
        await(open);
        CountDownLatch left = new CountDownLatch(messages);
        arriving = left;
        return left;
    }

    @Override
    public void send(int messages, int bytes) throws Exception {
        RTCDataChannel channel = await(open);
        ByteBuffer payload = ByteBuffer.wrap(new byte[bytes]);
        long buffered = 0;
        for (int i = 0; i < messages; i++) {
            while (buffered > BUFFERED) {
                buffered = channel.getBufferedAmount();
                if (buffered > BUFFERED) {
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            }
            channel.send(new RTCDataChannelBuffer(payload, true));
            buffered += bytes;
        }
    }

    private static <T extends @Nullable Object> T await(CompletableFuture<T> future) throws Exception {
        return future.get(Carriers.PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        RTCDataChannel channel = open.getNow(null);
        if (channel != null) {
            channel.unregisterObserver();
            channel.close();
        }
        connection.close();
        if (channel != null) {
            channel.dispose();
        }
    }

    /** Of creating a description. */
    private static final class Description implements CreateSessionDescriptionObserver {
        final CompletableFuture<RTCSessionDescription> description = new CompletableFuture<>();

        @Override
        public void onSuccess(RTCSessionDescription made) {
            description.complete(made);
        }

        @Override
        public void onFailure(String message) {
            description.completeExceptionally(new IllegalStateException(message));
        }
    }

    /** Of applying one. */
    private static final class Applied implements SetSessionDescriptionObserver {
        final CompletableFuture<@Nullable Void> done = new CompletableFuture<>();

        @Override
        public void onSuccess() {
            done.complete(null);
        }

        @Override
        public void onFailure(String message) {
            done.completeExceptionally(new IllegalStateException(message));
        }
    }
}
