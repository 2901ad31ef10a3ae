package dev.livesync.transport.webrtc;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.Faults;
import dev.livesync.tck.TransportTck;
import java.time.Duration;

/** WebRTC against the kit. */
class WebRtcTransportTest extends TransportTck {
    /** ICE misses a peer after about seven seconds, which nothing can change; no need to wait much longer here. */
    private static final WebRtcConfiguration HASTY =
            WebRtcConfiguration.builder().peerTimeout(Duration.ofMillis(100)).build();

    @Override
    protected TransportProvider provider() {
        return new WebRtcTransportProvider(HASTY);
    }

    /** The factory stays for the process, since each one leaves threads behind: {@link NativeRuntime}. */
    @Override
    protected boolean isShared(Thread thread) {
        return NativeRuntime.owns(thread);
    }

    @Override
    protected Faults faults() {
        return new UdpRelay();
    }
}
