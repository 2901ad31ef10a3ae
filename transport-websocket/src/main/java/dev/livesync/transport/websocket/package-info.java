/**
 * The WebSocket transport (RFC 6455): addresses {@code ws://HOST:PORT/PATH} and {@code wss://HOST:PORT/PATH}, a text message
 * as a text frame, a binary message as a binary frame. Give a {@link
 * dev.livesync.transport.websocket.WebSocketTransportProvider} with a {@link
 * dev.livesync.transport.websocket.WebSocketConfiguration} to the core, or let it be found.
 *
 * <p>Java-WebSocket does the opening handshake and gives the types of frames, with the rules of their content. How frames are read
 * and written is this package's ({@link dev.livesync.transport.websocket.FrameCodec} takes the place of the library's), and so are
 * messages of several frames, the closing handshake, TLS (with the JDK's engine), flow control, sockets and the one thread per open
 * transport that waits for them. {@code docs/transports/websocket.md} says why, and what the limits are; {@code
 * docs/adr/0032-sockets-of-websocket.md}, why Netty is not beneath it.
 *
 * <p>From the socket upwards: {@link dev.livesync.transport.websocket.Loop} waits for sockets, {@link
 * dev.livesync.transport.websocket.Wire} is plain or TLS, {@link dev.livesync.transport.websocket.Connection} queues what is {@link
 * dev.livesync.transport.websocket.Outgoing} and writes it, a
 * {@link dev.livesync.transport.websocket.Connection.Reader} makes sense of the bytes: first a handshake, then {@link
 * dev.livesync.transport.websocket.FrameSession}, which feeds the {@link
 * dev.livesync.transport.support.BufferedChannel} that users hold.
 */
@NullMarked
package dev.livesync.transport.websocket;

import org.jspecify.annotations.NullMarked;
