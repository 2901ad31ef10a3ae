package dev.livesync.core.protocol;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.ControlText;
import dev.livesync.core.message.DiffText;
import dev.livesync.core.message.Feature;
import dev.livesync.core.message.TextParser;
import dev.livesync.core.message.WireMessage;
import org.jspecify.annotations.Nullable;

/**
 * Reads texts and CARs: tells data from control, assembles pieces as they come, and enforces the rules of framing
 * and credit. Every failure is the peer's and is thrown as a {@link SyncException}.
 */
final class CarReceiver implements Receiver {
    private final Dialect dialect;
    private final boolean fragments;
    private final boolean presence;
    private final ProtocolLimits limits;
    private final long salt;
    private final @Nullable Window window;
    private final Handler handler;

    /** The message that is arriving in pieces: a CAR or a text, the other is null. */
    private @Nullable CarIntake car;

    private @Nullable TextParser text;
    private long stated;
    private long arrived;

    CarReceiver(ProtocolConfig config, Dialect dialect, @Nullable Window window, Handler handler) {
        this.dialect = dialect;
        fragments = config.features().contains(Feature.FRAGMENTS);
        presence = config.features().contains(Feature.PRESENCE);
        limits = config.limits();
        salt = config.salt();
        this.window = window;
        this.handler = handler;
    }

    @Override
    public boolean inPieces() {
        return car != null || text != null;
    }

    @Override
    public boolean inTextPieces() {
        return text != null;
    }

    @Override
    public long stated() {
        return stated;
    }

    @Override
    public long unfinished() {
        return inPieces() ? arrived : 0;
    }

    @Override
    public long missing() {
        return inPieces() ? stated - arrived : 0;
    }

    @Override
    public void received(Message message) {
        Message.Kind kind = dialect.kind(message);
        if (kind == Message.Kind.TEXT) {
            text(message.payload());
        } else {
            binary(message.payload());
        }
    }

    @Override
    public void drop() {
        car = null;
        text = null;
    }

    private void text(byte[] payload) {
        byte[] shown = presence ? ControlText.presenceIn(payload) : null;
        WireMessage message = shown == null ? parsed(payload) : new WireMessage.Shown(shown);
        if (message.isData()) {
            if (inPieces()) {
                throw malformed("a data message came between the pieces of another");
            }
            if (window != null) {
                window.received(payload.length);
            }
        } else if (payload.length > limits.controlBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a control message of " + payload.length + " bytes is over the limit of " + limits.controlBytes());
        }
        if (message instanceof WireMessage.Begin begin) {
            begin(begin);
        } else {
            handler.message(message, payload.length);
        }
    }

    private WireMessage parsed(byte[] payload) {
        TextParser parser = parser();
        parser.feed(payload, 0, payload.length);
        return parser.end();
    }

    private void begin(WireMessage.Begin begin) {
        if (!fragments) {
            return;
        }
        if (inPieces()) {
            throw malformed("a message in pieces began inside another");
        }
        long limit = begin.kind() == Message.Kind.TEXT ? DiffText.longest(limits.diffCids()) : limits.messageBytes();
        if (begin.bytes() > limit) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a message of " + begin.bytes() + " bytes is announced, over the limit of " + limit);
        }
        if (begin.bytes() == 0) {
            throw malformed("a message of 0 bytes is announced in pieces");
        }
        stated = begin.bytes();
        arrived = 0;
        if (begin.kind() == Message.Kind.TEXT) {
            text = parser();
        } else {
            car = new CarIntake(limits, salt);
        }
    }

    private void binary(byte[] payload) {
        if (window != null) {
            window.received(payload.length);
        }
        if (inPieces()) {
            piece(payload);
            return;
        }
        if (payload.length > limits.messageBytes()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a message of " + payload.length + " bytes is over the limit of " + limits.messageBytes());
        }
        CarIntake whole = new CarIntake(limits, salt);
        whole.feed(payload);
        handler.car(whole.finish());
    }

    private void piece(byte[] payload) {
        if (payload.length == 0) {
            throw malformed("a piece of 0 bytes");
        }
        if (payload.length > stated - arrived) {
            throw malformed("pieces add up to more than the " + stated + " bytes that were announced");
        }
        arrived += payload.length;
        if (car != null) {
            car.feed(payload);
        } else if (text != null) {
            text.feed(payload, 0, payload.length);
        }
        if (arrived == stated) {
            finish();
        }
    }

    private void finish() {
        CarIntake wholeCar = car;
        TextParser wholeText = text;
        drop();
        if (wholeCar != null) {
            handler.car(wholeCar.finish());
        } else if (wholeText != null) {
            WireMessage message = wholeText.end();
            if (!message.isData()) {
                throw malformed("a message in pieces is neither a diff nor a CAR");
            }
            handler.message(message, stated);
        }
    }

    private TextParser parser() {
        return new TextParser(limits.diffCids(), limits.blocks().roots(), salt);
    }

    private static SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, what);
    }
}
