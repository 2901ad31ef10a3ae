package dev.livesync.core.protocol;

import dev.livesync.api.transport.Message;
import dev.livesync.core.message.WireEncoding;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.presence.PresenceLink;
import dev.livesync.core.protocol.Deadlines.What;
import org.jspecify.annotations.Nullable;

/**
 * What a session says and hears of what peers show for the moment. It never has data wait: while there is some to be sent, presence gets a sixteenth of
 * that.
 */
final class PresenceExchange {
    private static final int SHARE = 16;
    private static final int MOST_SAVED = 16 << 10;

    private final ProtocolState session;
    private final WireEncoding encoding;

    /** Null where one end doesn't speak of presence. */
    private final @Nullable PresenceLink link;

    /** What presence may have of data that was sent, in bytes. */
    private long saved;

    private boolean farewellSaid;

    PresenceExchange(ProtocolState session, @Nullable PresenceLink link) {
        this.session = session;
        this.link = link;
        encoding = session.dialect.encoding();
    }

    /** The message that nothing is shown from here any more: the last before the goodbye. */
    @Nullable
    Message farewell() {
        if (!session.parting || farewellSaid || link == null || !isWanted()) {
            return null;
        }
        byte[] message = link.farewell(session.now);
        farewellSaid = message != null;
        return message == null ? null : encoding.control(new WireMessage.Shown(message));
    }

    /** A message for which data need not wait, by what was sent of that. */
    @Nullable
    Message ahead() {
        return saved == 0 ? null : next(saved);
    }

    /** A message where no data can be sent. */
    @Nullable
    Message idle() {
        return next(Long.MAX_VALUE);
    }

    private @Nullable Message next(long most) {
        if (link == null || session.parting || !isWanted()) {
            return null;
        }
        byte[] message = link.next(most, session.now);
        if (link.due() == PresenceLink.NEVER) {
            session.deadlines.clear(What.PRESENCE);
        } else {
            session.deadlines.set(What.PRESENCE, link.due());
        }
        if (message == null) {
            return null;
        }
        saved = Math.max(0, saved - message.length);
        return encoding.control(new WireMessage.Shown(message));
    }

    /** Nothing goes to who may not read, or takes nothing from us. */
    private boolean isWanted() {
        return session.permissions.peerReads() && session.permissions.writes();
    }

    /** Counts data that was sent. */
    void dataSent(Message message) {
        if (link != null) {
            saved = Math.min(MOST_SAVED, saved + message.size() / SHARE);
        }
    }

    /** Takes what the peer shows. */
    void received(WireMessage.Shown shown) {
        if (link == null) {
            return;
        }
        if (session.permissions.peerWrites()) {
            link.received(shown.bytes(), session.now);
        } else {
            link.refused();
        }
    }
}
