package dev.livesync.core.multiplex;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;

/** Where a named channel meets its connection. But for {@link #flush}, everything is called under the connection's lock. */
interface ChannelPort {
    /** The connection's lock, which guards its channels, too. */
    Object lock();

    /** Sends a message, when the one before is in frames; {@link NamedChannel#taken} follows when this one is. */
    void send(Message message);

    /** Ends the channel behind what was sent; {@link NamedChannel#endSent} follows. */
    void end();

    /** Ends the channel at once. */
    void reset(SyncException reason);

    /** A message was read. */
    void read(int cost);

    /** Lets out what there is. Without the lock. */
    void flush();
}
