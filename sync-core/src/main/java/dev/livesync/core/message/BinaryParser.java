package dev.livesync.core.message;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.transport.Message;
import dev.livesync.grant.Rights;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/** Reads what {@link BinaryEncoding} writes, but for packs and pieces. */
public final class BinaryParser {
    private static final int MAX_KIND = 64;
    /** How many blocks a message names. */
    private static final int MAX_NAMES = 64;

    private static final int MAX_DIGITS = 9;

    private final byte[] bytes;
    private int at = 1;

    private BinaryParser(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * Reads a message.
     *
     * @param bytes the whole message, at least its type
     * @return what it says; {@link WireMessage.Unknown} for a type that nobody uses yet
     * @throws SyncException {@link ErrorKind#MALFORMED}
     */
    public static WireMessage parse(byte[] bytes) {
        return new BinaryParser(bytes).message(bytes[0] & 0xff);
    }

    private WireMessage message(int type) {
        WireMessage message = switch (type) {
            case BinaryType.CREDIT -> new WireMessage.Credit(number("credit"));
            case BinaryType.ACK -> ack();
            case BinaryType.PING -> new WireMessage.Ping(number("ping"));
            case BinaryType.PONG -> new WireMessage.Pong(number("pong"));
            case BinaryType.BYE -> new WireMessage.Bye();
            case BinaryType.ERROR -> error();
            case BinaryType.RIGHTS -> rights();
            case BinaryType.AGAIN -> new WireMessage.Again();
            case BinaryType.WANT_ACK -> new WireMessage.WantAck();
            case BinaryType.REFUSED -> refused();
            case BinaryType.BEGIN -> new WireMessage.Begin(Message.Kind.BINARY, number("begin"));
            case BinaryType.RECONCILE -> new WireMessage.Reconcile(number("reconciliation"), take(bytes.length - at));
            case BinaryType.OK -> new WireMessage.Ok();
            case BinaryType.PRESENCE -> new WireMessage.Shown(take(bytes.length - at));
            case BinaryType.GO_AWAY -> new WireMessage.GoAway(number("time"));
            case BinaryType.WANT_BLOCKS -> new WireMessage.WantBlocks(names());
            case BinaryType.ABSENT_BLOCKS -> new WireMessage.AbsentBlocks(names());
            case BinaryType.HAVE_BLOCKS -> new WireMessage.HaveBlocks(names());
            case BinaryType.BLOCK -> block();
            default -> unknown(type);
        };
        if (at != bytes.length) {
            throw malformed("has " + (bytes.length - at) + " bytes behind its end");
        }
        return message;
    }

    private WireMessage unknown(int type) {
        if (type < BinaryType.FREE || type >= BinaryType.END) {
            throw malformed("is of no known type");
        }
        at = bytes.length;
        return new WireMessage.Unknown();
    }

    private WireMessage ack() {
        long cars = number("ack");
        long form = number("form of a clock");
        if (form == BinaryEncoding.LISTED) {
            int rest = bytes.length - at;
            if (rest % BinaryEncoding.DIGEST_BYTES != 0) {
                throw malformed("lists heads and ends inside one");
            }
            List<Cid> heads = new ArrayList<>(rest / BinaryEncoding.DIGEST_BYTES);
            while (at < bytes.length) {
                heads.add(cid());
            }
            return new WireMessage.Ack(cars, heads, null);
        }
        if (form == BinaryEncoding.DIGESTED) {
            long heads = number("number of heads");
            String hash = Base64.getUrlEncoder().withoutPadding().encodeToString(take(BinaryEncoding.DIGEST_BYTES));
            return new WireMessage.Ack(cars, null, new ClockDigest(heads, hash));
        }
        if (form != BinaryEncoding.NO_CLOCK) {
            throw malformed("has a clock in an unknown form, " + form);
        }
        return new WireMessage.Ack(cars, null, null);
    }

    private WireMessage error() {
        long length = number("length of a kind");
        if (length > MAX_KIND) {
            throw malformed("has a kind of " + length + " bytes");
        }
        String kind = new String(take((int) length), StandardCharsets.US_ASCII);
        return new WireMessage.Failure(kind, text());
    }

    private WireMessage rights() {
        long bits = number("set of rights");
        if (bits < 1 || bits > 3) {
            throw malformed("grants unknown rights, " + bits);
        }
        return new WireMessage.Access(bits == 3 ? Rights.READ_WRITE : bits == 1 ? Rights.READ : Rights.WRITE);
    }

    private WireMessage refused() {
        long car = number("refusal");
        long cars = number("refusal");
        long named = number("refusal");
        if (named > 1) {
            throw malformed("refuses in an unknown form, " + named);
        }
        return new WireMessage.Refused(car, cars, named == 1 ? cid() : null, text());
    }

    private List<Cid> names() {
        int rest = bytes.length - at;
        int each = 1 + BinaryEncoding.DIGEST_BYTES;
        if (rest == 0 || rest % each != 0 || rest > MAX_NAMES * each) {
            throw malformed("names blocks in " + rest + " bytes, where each takes " + each + " and there are 1 to "
                    + MAX_NAMES);
        }
        List<Cid> names = new ArrayList<>(rest / each);
        while (at < bytes.length) {
            int codec = codec();
            names.add(Cid.ofDigest(codec, take(BinaryEncoding.DIGEST_BYTES), 0));
        }
        return names;
    }

    private int codec() {
        int codec = take(1)[0] & 0xff;
        if (codec != Cid.RAW && codec != Cid.DAG_CBOR) {
            throw malformed("names a block of codec " + codec);
        }
        return codec;
    }

    private WireMessage block() {
        int codec = codec();
        int length = bytes.length - at;
        if (length > BlockExchange.MOST_BYTES) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a block of " + length + " bytes came, over the limit of " + BlockExchange.MOST_BYTES);
        }
        return new WireMessage.OneBlock(Block.of(codec, take(length)));
    }

    private String text() {
        return new String(take(bytes.length - at), StandardCharsets.UTF_8);
    }

    private Cid cid() {
        return Cid.ofDigest(Cid.DAG_CBOR, take(BinaryEncoding.DIGEST_BYTES), 0);
    }

    private byte[] take(int length) {
        if (length > bytes.length - at) {
            throw malformed("ends in the middle");
        }
        at += length;
        return Arrays.copyOfRange(bytes, at - length, at);
    }

    private long number(String what) {
        long value = 0;
        for (int i = 0; i < MAX_DIGITS; i++) {
            if (at == bytes.length) {
                throw malformed("ends in the middle");
            }
            byte digit = bytes[at++];
            value |= (long) (digit & 0x7f) << 7 * i;
            if (digit >= 0) {
                if (digit == 0 && i > 0) {
                    throw malformed("has a " + what + " with zeros in front");
                }
                return value;
            }
        }
        throw malformed("has a " + what + " that is too large");
    }

    private SyncException malformed(String what) {
        return new SyncException(ErrorKind.MALFORMED, "a message of type " + (bytes[0] & 0xff) + " " + what);
    }
}
