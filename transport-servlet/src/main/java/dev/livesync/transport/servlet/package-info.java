/**
 * A hub on the port of a servlet container, by Jakarta Servlet and Jakarta WebSocket alone. Register {@link
 * dev.livesync.transport.servlet.ServletTransportProvider#servlet} in the container, give the {@link
 * dev.livesync.transport.servlet.ServletTransportProvider} to the core, and listen at its {@code localAddress()}.
 *
 * <p>{@link dev.livesync.transport.servlet.HubServlet} checks a request and has the container make a WebSocket of it; {@link
 * dev.livesync.transport.servlet.HubConnection} is that WebSocket, beneath the {@link
 * dev.livesync.transport.support.BufferedChannel} that users hold. {@code docs/transports/servlet.md} says what differs between containers.
 */
@NullMarked
package dev.livesync.transport.servlet;

import org.jspecify.annotations.NullMarked;
