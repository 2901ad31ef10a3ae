package dev.livesync.bench.webrtc;

import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.bench.channel.Threads;
import dev.livesync.bench.process.Line;
import dev.livesync.transport.webrtc.WebRtcTransportProvider;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.media.audio.HeadlessAudioDeviceModule;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** What one side does for {@code livesync bench webrtc}: one connection at a time, of one kind or the other. */
public final class Carriers implements AutoCloseable {
    static final long PATIENCE_SECONDS = 120;

    private final SignallingTransport transport;
    private final HeadlessAudioDeviceModule sound;
    private final PeerConnectionFactory factory;
    private @Nullable Carrier carrier;
    private @Nullable CountDownLatch arriving;

    /**
     * Both kinds, from here on.
     *
     * @param threads lent to ours
     */
    public Carriers(Threads threads) {
        // First ours, which sees to what the native library needs.
        transport = (SignallingTransport) new WebRtcTransportProvider().open(threads);
        sound = new HeadlessAudioDeviceModule();
        factory = new PeerConnectionFactory(sound);
    }

    /**
     * Does what a line asks for.
     *
     * @param request the line
     * @param ok gets the answer's fields
     * @throws Exception if it does not work
     */
    public void answer(Line request, Line ok) throws Exception {
        switch (request.word()) {
            case "rtc-offer" -> ok.with("signal", open(request).offer());
            case "rtc-accept" -> ok.with("signal", open(request).accept(request.text("signal")));
            case "rtc-connect" -> current().connect(request.text("signal"));
            case "rtc-expect" -> arriving = current().expect(request.count("messages"));
            case "rtc-send" -> current().send(request.count("messages"), request.count("bytes"));
            case "rtc-arrived" -> awaitArrival();
            case "rtc-close" -> closeCurrent();
            default -> throw new IllegalArgumentException("unknown: " + request.word());
        }
    }

    private Carrier open(Line request) {
        Carrier made = request.text("kind").equals("bare") ? new BareCarrier(factory) : new OwnCarrier(transport);
        carrier = made;
        return made;
    }

    private Carrier current() {
        return Objects.requireNonNull(carrier, "no connection");
    }

    private void awaitArrival() throws InterruptedException {
        CountDownLatch left = Objects.requireNonNull(arriving, "nothing is expected");
        if (!left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException(left.getCount() + " messages have not arrived");
        }
    }

    private void closeCurrent() {
        if (carrier != null) {
            carrier.close();
            carrier = null;
        }
    }

    @Override
    public void close() {
        closeCurrent();
        factory.dispose();
        sound.dispose();
        transport.close();
    }
}
