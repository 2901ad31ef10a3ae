/**
 * The PartyKit transport: peers that meet in a room, at addresses such as {@code partykit://host/parties/livesync/ROOM/SEAT}. Who listens
 * dials the room as well, and takes a seat in it; who dials finds that seat. Give a {@link
 * dev.livesync.transport.partykit.PartyKitTransportProvider} with a {@link dev.livesync.transport.partykit.PartyKitConfiguration} to the
 * core, or let it be found.
 *
 * <p>The bytes are those of {@code docs/room-protocol.md}; what rooms are good for, and their limits, says {@code
 * docs/transports/partykit.md}.
 *
 * <p>From the socket upwards: {@link dev.livesync.transport.partykit.RoomSocket} is a WebSocket with a thread for either direction, {@link
 * dev.livesync.transport.partykit.Room} what all channels to one room share, {@link dev.livesync.transport.partykit.RoomChannel} makes
 * messages of a channel's frames for the {@link dev.livesync.transport.support.BufferedChannel} that users hold. Rooms and channels run on
 * the transport's {@link dev.livesync.transport.partykit.RoomLoop} alone.
 */
@NullMarked
package dev.livesync.transport.partykit;

import org.jspecify.annotations.NullMarked;
