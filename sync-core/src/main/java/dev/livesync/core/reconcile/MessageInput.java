package dev.livesync.core.reconcile;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Arrays;
import java.util.BitSet;

/** A message that is being read. Nothing that it states makes anybody allocate more than it has bytes. */
final class MessageInput {
    private final byte[] message;
    private int at;

    MessageInput(byte[] message) {
        this.message = message;
    }

    int octet() {
        require(1);
        return message[at++] & 0xff;
    }

    int number() {
        long value = longNumber();
        if (value < 0 || value > Integer.MAX_VALUE) {
            throw malformed("has a number over 2^31 - 1");
        }
        return (int) value;
    }

    /** A number that counts things of which each takes some bytes of what follows. */
    int count(int most, int bytesEach) {
        int count = number();
        if (count > most) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED,
                    "a reconciliation message lists " + count + ", at most " + most + " may be");
        }
        require((long) count * bytesEach);
        return count;
    }

    long signed() {
        long value = longNumber();
        return value >>> 1 ^ -(value & 1);
    }

    private long longNumber() {
        long value = 0;
        for (int shift = 0; ; shift += 7) {
            int next = octet();
            if (shift == 63 && next > 1 || next == 0 && shift > 0) {
                throw malformed("has a number that is not written as it should be");
            }
            value |= (long) (next & 0x7f) << shift;
            if (next < 0x80) {
                return value;
            }
        }
    }

    long fixed(int bytes) {
        require(bytes);
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (message[at++] & 0xffL) << 8 * i;
        }
        return value;
    }

    byte[] bytes(int count) {
        require(count);
        at += count;
        return Arrays.copyOfRange(message, at - count, at);
    }

    Cid cid() {
        require(32);
        at += 32;
        return Cid.ofDigest(Cid.DAG_CBOR, message, at - 32);
    }

    BitSet bits(int count) {
        BitSet bits = BitSet.valueOf(bytes((count + 7) / 8));
        if (bits.length() > count) {
            throw malformed("has bits for more than there is");
        }
        return bits;
    }

    void end() {
        if (at != message.length) {
            throw malformed("goes on where it should end");
        }
    }

    SyncException malformed(String what) {
        return new SyncException(
                ErrorKind.MALFORMED,
                "a reconciliation message " + what + " (byte " + at + " of " + message.length + ")");
    }

    private void require(long bytes) {
        if (bytes > message.length - at) {
            throw malformed("ends where " + bytes + " more bytes should come");
        }
    }
}
