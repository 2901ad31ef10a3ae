package dev.livesync.core.message;

import dev.livesync.api.transport.Message;

/** Messages as JSON texts; {@code docs/protocol.md}, section 4. */
public final class TextEncoding implements WireEncoding {
    /** The only one. */
    public static final TextEncoding INSTANCE = new TextEncoding();

    private TextEncoding() {}

    @Override
    public Message control(WireMessage message) {
        if (message instanceof WireMessage.Credit credit) {
            return ControlText.credit(credit.bytes());
        } else if (message instanceof WireMessage.Ack ack) {
            return ControlText.ack(ack);
        } else if (message instanceof WireMessage.Access access) {
            return ControlText.rights(access.rights());
        } else if (message instanceof WireMessage.Refused refused) {
            return ControlText.refused(refused);
        } else if (message instanceof WireMessage.Ping ping) {
            return ControlText.ping(ping.number());
        } else if (message instanceof WireMessage.Pong pong) {
            return ControlText.pong(pong.number());
        } else if (message instanceof WireMessage.Failure failure) {
            return ControlText.error(failure.kind(), failure.message());
        } else if (message instanceof WireMessage.Shown shown) {
            return ControlText.presence(shown.bytes());
        } else if (message instanceof WireMessage.Bye) {
            return ControlText.bye();
        }
        throw new IllegalArgumentException("no control message of this encoding: " + message);
    }

    @Override
    public Message begin(Message.Kind kind, long bytes) {
        return ControlText.begin(kind, bytes);
    }

    @Override
    public byte[] pieceMark() {
        return new byte[0];
    }

    @Override
    public boolean mergesAcks() {
        return false;
    }

    @Override
    public boolean knowsGoAway() {
        return false;
    }

    @Override
    public OutgoingMessage ok() {
        return new WholeMessage(Message.Kind.TEXT, new byte[0], ControlText.ok());
    }

    @Override
    public boolean namesHeads(int heads, int maxBytes) {
        return ControlText.namesHeads(heads, maxBytes);
    }
}
