package dev.livesync.core.protocol;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.car.pack.PackReader;
import dev.livesync.core.message.BinaryParser;
import dev.livesync.core.message.BinaryType;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.TextParser;
import dev.livesync.core.message.WireMessage;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads binary messages and packs; {@code docs/protocol.md}, section 5. */
final class PackReceiver implements Receiver {
    private final ProtocolLimits limits;
    private final PackReader packs;
    private final @Nullable Window window;
    private final Handler handler;
    private final boolean blocks;

    /** The pieces that have come of the message that is arriving, each behind its type: memory grows with what arrives, not with what was announced. */
    private final List<byte[]> pieces = new ArrayList<>();

    /** The size of that message; 0 if there is none. */
    private long stated;

    private long arrived;

    PackReceiver(ProtocolConfig config, PackReader packs, @Nullable Window window, Handler handler) {
        limits = config.limits();
        blocks = config.features().contains(Feature.BLOCKS);
        this.packs = packs;
        this.window = window;
        this.handler = handler;
    }

    @Override
    public boolean inPieces() {
        return stated > 0;
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
        return arrived;
    }

    @Override
    public long missing() {
        return stated - arrived;
    }

    @Override
    public void drop() {
        pieces.clear();
        stated = 0;
        arrived = 0;
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
        boolean data = isData(type);
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

    private boolean isData(int type) {
        return type >= BinaryType.PIECE && type < BinaryType.FREE || blocks && type == BinaryType.BLOCK;
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
        if (!blocks && type >= BinaryType.WANT_BLOCKS && type <= BinaryType.BLOCK) {
            handler.message(new WireMessage.Unknown(), payload.length);
            return;
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
    }

    private void piece(byte[] payload) {
        if (!inPieces()) {
            throw malformed("a piece of no message");
        }
        if (payload.length == 1) {
            throw malformed("a piece of 0 bytes");
        }
        if (payload.length - 1 > missing()) {
            throw malformed("pieces add up to more than the " + stated + " bytes that were announced");
        }
        pieces.add(payload);
        arrived += payload.length - 1;
        if (arrived == stated) {
            byte[] message = joined();
            drop();
            int type = message[0] & 0xff;
            if (type == BinaryType.PIECE || !isData(type)) {
                throw malformed("a message in pieces is no data");
            }
            whole(type, message, true);
        }
    }

    private byte[] joined() {
        byte[] message = new byte[(int) arrived];
        int at = 0;
        for (byte[] piece : pieces) {
            System.arraycopy(piece, 1, message, at, piece.length - 1);
            at += piece.length - 1;
        }
        return message;
    }

    private static SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, what);
    }
}
