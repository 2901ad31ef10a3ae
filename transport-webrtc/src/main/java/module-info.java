/**
 * LiveSync over WebRTC data channels. Start at {@link dev.livesync.transport.webrtc.WebRtcTransportProvider}.
 *
 * <p>On the module path webrtc-java's native jar is a module of its own that nothing requires: name it with
 * {@code --add-modules webrtc.linux.x86_64} (or what the platform's is called).
 */
module dev.livesync.transport.webrtc {
    requires transitive dev.livesync.api;
    requires dev.livesync.transport.support;
    requires static com.google.auto.service;
    requires static transitive org.jspecify;
    requires webrtc.java;

    exports dev.livesync.transport.webrtc;

    provides dev.livesync.api.transport.TransportProvider with
            dev.livesync.transport.webrtc.WebRtcTransportProvider;
}
