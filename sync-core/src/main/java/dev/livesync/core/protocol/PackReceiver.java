package dev.livesync.core.protocol;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.car.pack.PackReader;
import dev.livesync.core.message.BinaryParser;
import dev.livesync.core.message.BinaryType;
import dev.livesync.core.message.TextParser;
import dev.livesync.core.message.WireMessage;
import java.io.ByteArrayOutputStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads binary messages and packs; {@code docs/protocol.md}, section 5. */
final class PackReceiver implements Receiver {
    private final ProtocolLimits limits;
    private final PackReader packs;
    private final @Nullable Window window;
    private final Handler handler;

    /** The message that is arriving in pieces, as far as it has come; it grows with what arrives, not with what was announced. */
    private @Nullable ByteArrayOutputStream pieces;

    private long stated;

    PackReceiver(ProtocolConfig config, PackReader packs, @Nullable Window window, Handler handler) {
        limits = config.limits();
        this.packs = packs;
        this.window = window;
        this.handler = handler;
    }

    @Override
    public boolean inPieces() {
        return pieces != null;
    }

    @Override
    public boolean inTextPieces() {
        return false;
    }

    @Override
    public long stated() {
        return stated;
    }

    @Override
    public long unfinished() {
        return pieces == null ? 0 : pieces.size();
    }

    @Override
    public long missing() {
        return pieces == null ? 0 : stated - pieces.size();
    }

    @Override
    public void drop() {
        pieces = null;
    }

    @Override
    public void received(Message message) {
        byte[] payload = message.payload();
        if (message.kind() == Message.Kind.TEXT) {
            handler.message(dismissal(payload), payload.length);
            return;
        }
        if (payload.length == 0) {
            throw malformed("a message of 0 bytes");
        }
        if (payload.length > limits.messageBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a message of " + payload.length + " bytes is over the limit of " + limits.messageBytes());
        }
        int type = payload[0] & 0xff;
        boolean data = type >= BinaryType.PIECE && type < BinaryType.FREE;
        if (data && window != null) {
            window.received(type == BinaryType.PIECE ? payload.length - 1 : payload.length);
        }
        if (type == BinaryType.PIECE) {
            piece(payload);
        } else if (data && inPieces()) {
            throw malformed("a data message came between the pieces of another");
        } else {
            whole(type, payload, data);
        }
    }

    /** Who is refused in the place of a session is told so in a text, since it was not settled yet how the two would speak. */
    private WireMessage dismissal(byte[] text) {
        if (text.length <= limits.controlBytes()) {
            TextParser parser = new TextParser(0, 0, 0);
            parser.feed(text, 0, text.length);
            if (parser.end() instanceof WireMessage.Failure failure) {
                return failure;
            }
        }
        throw malformed("a text, where all messages are binary");
    }

    private void whole(int type, byte[] payload, boolean data) {
        if (type == BinaryType.PACK) {
            List<Event> events = packs.read(payload, 1, payload.length - 1);
            handler.car(new ReceivedCar(List.of(), List.of(), events, payload.length));
            return;
        }
        if (!data && payload.length > limits.controlBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a control message of " + payload.length + " bytes is over the limit of " + limits.controlBytes());
        }
        WireMessage message = BinaryParser.parse(payload);
        if (message instanceof WireMessage.Begin begin) {
            begin(begin.bytes());
        } else {
            handler.message(message, payload.length);
        }
    }

    private void begin(long bytes) {
        if (inPieces()) {
            throw malformed("a message in pieces began inside another");
        }
        if (bytes > limits.messageBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a message of " + bytes + " bytes is announced, over the limit of " + limits.messageBytes());
        }
        if (bytes == 0) {
            throw malformed("a message of 0 bytes is announced in pieces");
        }
        stated = bytes;
        pieces = new ByteArrayOutputStream();
    }

    private void piece(byte[] payload) {
        ByteArrayOutputStream before = pieces;
        if (before == null) {
            throw malformed("a piece of no message");
        }
        if (payload.length == 1) {
            throw malformed("a piece of 0 bytes");
        }
        if (payload.length - 1 > stated - before.size()) {
            throw malformed("pieces add up to more than the " + stated + " bytes that were announced");
        }
        before.write(payload, 1, payload.length - 1);
        if (before.size() == stated) {
            drop();
            byte[] message = before.toByteArray();
            int type = message[0] & 0xff;
            if (type <= BinaryType.PIECE || type >= BinaryType.FREE) {
                throw malformed("a message in pieces is no data");
            }
            whole(type, message, true);
        }
    }

    private static SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, what);
    }
}
