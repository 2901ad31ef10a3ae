package dev.livesync.transport.libp2p;

import dev.livesync.transport.support.libp2p.Libp2pFailures;
import dev.livesync.transport.support.libp2p.Varint;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The part of protobuf that libp2p's keys and handshakes use: numbers and bytes in a flat message. If a field comes twice the last one
 * counts; unknown fields are skipped.
 */
final class Protobuf {
    private final Map<Long, byte[]> bytes = new HashMap<>();
    private final Map<Long, Long> numbers = new HashMap<>();

    private Protobuf() {}

    /** Reads a message; {@code what} names it in errors. */
    static Protobuf read(String what, byte[] message) {
        Protobuf read = new Protobuf();
        Reader in = new Reader(what, message);
        while (in.position < message.length) {
            long tag = in.varint();
            long field = tag >>> 3;
            switch ((int) (tag & 7)) {
                case 0 -> read.numbers.put(field, in.varint());
                case 1 -> in.take(8);
                case 2 -> read.bytes.put(field, in.take(in.varint()));
                case 5 -> in.take(4);
                default -> throw Libp2pFailures.malformed(what + " is no protobuf");
            }
        }
        return read;
    }

    byte @Nullable [] bytes(long field) {
        return bytes.get(field);
    }

    @Nullable
    Long number(long field) {
        return numbers.get(field);
    }

    static void write(ByteArrayOutputStream out, int field, byte[] value) {
        Varint.write(out, (long) field << 3 | 2);
        Varint.write(out, value.length);
        out.writeBytes(value);
    }

    static void write(ByteArrayOutputStream out, int field, long value) {
        Varint.write(out, (long) field << 3);
        Varint.write(out, value);
    }

    private static final class Reader {
        private final String what;
        private final byte[] message;
        private int position;

        Reader(String what, byte[] message) {
            this.what = what;
            this.message = message;
        }

        long varint() {
            Varint varint = new Varint();
            do {
                if (position == message.length) {
                    throw Libp2pFailures.malformed(what + " ends in the middle");
                }
            } while (!varint.add(message[position++]));
            return varint.take();
        }

        byte[] take(long length) {
            if (length < 0 || length > message.length - position) {
                throw Libp2pFailures.malformed(what + " ends in the middle");
            }
            position += (int) length;
            return Arrays.copyOfRange(message, position - (int) length, position);
        }
    }
}
