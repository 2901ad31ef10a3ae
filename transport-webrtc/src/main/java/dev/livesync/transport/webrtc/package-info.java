/**
 * The WebRTC transport: one ordered, reliable data channel per exchange, a text message as a string, a binary message as
 * binary, compatible with simple-peer in both roles. Give a {@link dev.livesync.transport.webrtc.WebRtcTransportProvider}
 * with a {@link dev.livesync.transport.webrtc.WebRtcConfiguration} to the core, or let it be found.
 *
 * <p>The network stack is libwebrtc, through webrtc-java, several of whose calls abort the process when misused. What keeps
 * them apart: {@link dev.livesync.transport.webrtc.NativeRuntime} owns the one factory and the one thread on which
 * connections are made and unmade; {@link dev.livesync.transport.webrtc.NativeConnection} owns one connection and lets calls in while
 * it is there; {@link dev.livesync.transport.webrtc.WebRtcChannel}, which users hold, touches nothing native. {@code
 * docs/transports/webrtc.md} has the limits.
 */
@NullMarked
package dev.livesync.transport.webrtc;

import org.jspecify.annotations.NullMarked;
