/**
 * The transport SPI: what a module implements to carry LiveSync over its kind of socket. Start at {@link
 * dev.livesync.api.transport.TransportProvider}.
 *
 * <p>A provider opens a {@link dev.livesync.api.transport.Transport} of one of two shapes: {@link
 * dev.livesync.api.transport.DialingTransport} where one side listens at an address and the other dials it, {@link
 * dev.livesync.api.transport.SignallingTransport} where both sides must exchange an offer and an answer first. Either yields
 * {@link dev.livesync.api.transport.Channel}s, which carry messages and know nothing of blocks, events or databases.
 *
 * <p>The core does everything else once for all transports: it derives offer and answer for dialling transports, proves
 * secrets, fragments large messages, grants credit, sends heartbeats, reconnects nothing by itself.
 */
@NullMarked
package dev.livesync.api.transport;

import org.jspecify.annotations.NullMarked;
