package dev.livesync.core.message;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.transport.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;

/** Messages as bytes: a type, then its fields; {@code docs/protocol.md}, section 5. */
public final class BinaryEncoding implements WireEncoding {
    /** The only one. */
    public static final BinaryEncoding INSTANCE = new BinaryEncoding();

    /** The bytes of a CID of which only the digest is written: heads and events are all dag-cbor. */
    static final int DIGEST_BYTES = 32;

    /** How an ack tells the clock. */
    static final int NO_CLOCK = 0;

    static final int LISTED = 1;
    static final int DIGESTED = 2;

    /** An ack names heads as long as it stays smaller than this; with more it has their digest. */
    private static final int ACK_BYTES = 16 << 10;

    private static final int ERROR_CHARS = 500;

    private BinaryEncoding() {}

    /**
     * A message of a reconciliation.
     *
     * @param number of the reconciliation in its session
     * @param message what it says; the result's from now on
     * @return data
     */
    public static OutgoingMessage reconciliation(long number, byte[] message) {
        byte[] head = new Bytes().type(BinaryType.RECONCILE).number(number).toByteArray();
        return new WholeMessage(Message.Kind.BINARY, head, message);
    }

    /**
     * A pack as a message.
     *
     * @param pack its bytes; the result's from now on
     * @return data
     */
    public static OutgoingMessage pack(byte[] pack) {
        return new WholeMessage(Message.Kind.BINARY, new byte[] {BinaryType.PACK}, pack);
    }

    /**
     * A block that was asked for as a message.
     *
     * @param block which
     * @return data
     */
    public static OutgoingMessage block(Block block) {
        byte[] head = {BinaryType.BLOCK, (byte) block.cid().codec()};
        return new WholeMessage(Message.Kind.BINARY, head, block.toByteArray());
    }

    @Override
    public Message control(WireMessage message) {
        Bytes out = new Bytes();
        if (message instanceof WireMessage.Credit credit) {
            out.type(BinaryType.CREDIT).number(credit.bytes());
        } else if (message instanceof WireMessage.Ack ack) {
            ack(out, ack);
        } else if (message instanceof WireMessage.Access access) {
            out.type(BinaryType.RIGHTS)
                    .number((access.rights().canRead() ? 1 : 0)
                            + (access.rights().canWrite() ? 2 : 0));
        } else if (message instanceof WireMessage.Refused refused) {
            refused(out, refused);
        } else if (message instanceof WireMessage.Ping ping) {
            out.type(BinaryType.PING).number(ping.number());
        } else if (message instanceof WireMessage.Pong pong) {
            out.type(BinaryType.PONG).number(pong.number());
        } else if (message instanceof WireMessage.Failure failure) {
            byte[] kind = failure.kind().getBytes(StandardCharsets.US_ASCII);
            out.type(BinaryType.ERROR).number(kind.length).bytes(kind).text(failure.message());
        } else if (message instanceof WireMessage.Again) {
            out.type(BinaryType.AGAIN);
        } else if (message instanceof WireMessage.WantAck) {
            out.type(BinaryType.WANT_ACK);
        } else if (message instanceof WireMessage.Shown shown) {
            out.type(BinaryType.PRESENCE).bytes(shown.bytes());
        } else if (message instanceof WireMessage.GoAway away) {
            out.type(BinaryType.GO_AWAY).number(away.millis());
        } else if (message instanceof WireMessage.Bye) {
            out.type(BinaryType.BYE);
        } else if (message instanceof WireMessage.WantBlocks want) {
            out.type(BinaryType.WANT_BLOCKS).names(want.cids());
        } else if (message instanceof WireMessage.AbsentBlocks absent) {
            out.type(BinaryType.ABSENT_BLOCKS).names(absent.cids());
        } else if (message instanceof WireMessage.HaveBlocks have) {
            out.type(BinaryType.HAVE_BLOCKS).names(have.cids());
        } else {
            throw new IllegalArgumentException("no control message: " + message);
        }
        return Message.binary(out.toByteArray());
    }

    private static void ack(Bytes out, WireMessage.Ack ack) {
        out.type(BinaryType.ACK).number(ack.cars());
        List<Cid> heads = ack.heads();
        ClockDigest whole = ack.whole();
        if (heads != null) {
            out.number(LISTED);
            heads.forEach(out::digest);
        } else if (whole != null) {
            out.number(DIGESTED)
                    .number(whole.heads())
                    .bytes(Base64.getUrlDecoder().decode(whole.hash()));
        } else {
            out.number(NO_CLOCK);
        }
    }

    private static void refused(Bytes out, WireMessage.Refused refused) {
        out.type(BinaryType.REFUSED).number(refused.car()).number(refused.cars());
        Cid event = refused.event();
        if (event == null) {
            out.number(0);
        } else {
            out.number(1).digest(event);
        }
        out.text(refused.message());
    }

    @Override
    public Message begin(Message.Kind kind, long bytes) {
        return Message.binary(new Bytes().type(BinaryType.BEGIN).number(bytes).toByteArray());
    }

    @Override
    public byte[] pieceMark() {
        return new byte[] {BinaryType.PIECE};
    }

    @Override
    public boolean mergesAcks() {
        return true;
    }

    @Override
    public boolean knowsGoAway() {
        return true;
    }

    @Override
    public OutgoingMessage ok() {
        return new WholeMessage(Message.Kind.BINARY, new byte[] {BinaryType.OK}, new byte[0]);
    }

    @Override
    public boolean namesHeads(int heads, int maxBytes) {
        return 16 + (long) DIGEST_BYTES * heads <= Math.min(ACK_BYTES, maxBytes);
    }

    /** A message that grows. */
    private static final class Bytes extends ByteArrayOutputStream {
        Bytes type(int type) {
            write(type);
            return this;
        }

        Bytes number(long value) {
            long rest = value;
            while (rest > 0x7f) {
                write((int) (rest & 0x7f | 0x80));
                rest >>>= 7;
            }
            write((int) rest);
            return this;
        }

        Bytes bytes(byte[] bytes) {
            write(bytes, 0, bytes.length);
            return this;
        }

        /** Blocks of any codec. */
        void names(List<Cid> cids) {
            for (Cid cid : cids) {
                write(cid.codec());
                digest(cid);
            }
        }

        void digest(Cid cid) {
            byte[] whole = cid.toByteArray();
            write(whole, whole.length - DIGEST_BYTES, DIGEST_BYTES);
        }

        void text(String message) {
            bytes(ControlText.printable(message, ERROR_CHARS).getBytes(StandardCharsets.UTF_8));
        }
    }
}
