/**
 * The WebSocket transport (RFC 6455): addresses {@code ws://HOST:PORT/PATH} and {@code wss://HOST:PORT/PATH}, a text message
 * as a text frame, a binary message as a binary frame. Give a {@link
 * dev.livesync.transport.websocket.WebSocketTransportProvider} with a {@link
 * dev.livesync.transport.websocket.WebSocketConfiguration} to the core, or let it be found.
 *
 * <p>Handshake and frames are Java-WebSocket's; sockets, TLS and flow control are this package's, on one thread per open
 * transport. {@code docs/transports/websocket.md} says why, and what the limits are.
 *
 * <p>From the socket upwards: {@link dev.livesync.transport.websocket.Loop} waits for sockets, {@link
 * dev.livesync.transport.websocket.Wire} is plain or TLS, {@link dev.livesync.transport.websocket.Connection} buffers, a
 * {@link dev.livesync.transport.websocket.Connection.Reader} makes sense of the bytes: first a handshake, then {@link
 * dev.livesync.transport.websocket.FrameSession}, which feeds the {@link
 * dev.livesync.transport.support.BufferedChannel} that users hold.
 */
@NullMarked
package dev.livesync.transport.websocket;

import org.jspecify.annotations.NullMarked;
