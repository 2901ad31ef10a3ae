package dev.livesync.car.pack;

import dev.livesync.api.Cid;
import java.nio.charset.StandardCharsets;

/** The bytes that both ends have to agree on. */
final class PackFormat {
    /** The first byte of a pack. */
    static final int FORM = 0;

    /** The bytes of SHA-256 that end a pack. */
    static final int CHECK = 4;

    // The head of an event: two bits of what it is, one for its root, two for its parents, three for its key.
    static final int KIND = 0x03;
    static final int PUT = 0;
    static final int DELETE = 1;
    static final int LITERAL = 2;
    static final int ROOT = 0x04;
    static final int PARENTS = 0x18;
    static final int NO_PARENT = 0x00;
    static final int EVENT_BEFORE = 0x08;
    static final int ONE_PARENT = 0x10;
    static final int SEVERAL_PARENTS = 0x18;
    static final int KEY_SHIFT = 5;
    static final int MOST_CHANGED = 7;

    // First bytes in values that dag-cbor has no use for.
    static final int SHAPE = 0xc0;
    static final int DECIMAL = 0xe0;
    static final int LINK = 0xf7;
    static final int WORD = 0xf8;

    // First bytes that mean what they mean in dag-cbor.
    static final int FALSE = 0xf4;
    static final int TRUE = 0xf5;
    static final int NULL = 0xf6;
    static final int DOUBLE = 0xfb;

    /** How much of a key the next one can refer to. */
    static final int KEY_BYTES = 255;

    static final int DIGEST = 32;

    /** A link in a block: its tag, the head of its bytes, 0x00, and the CID. */
    static final int LINK_BYTES = 41;

    /** What every block has around its fields. */
    static final byte[] BEFORE_KEY = bytes("\u00a2ddata\u00a4ckey");

    static final byte[] BEFORE_ROOT = bytes("droot");
    static final byte[] PUT_BEFORE_VALUE = bytes("dtypecputevalue");
    static final byte[] DELETE_WITH_VALUE = bytes("dtypecdelevalue\u00f6");
    static final byte[] BEFORE_PARENTS = bytes("gparents");

    /** A link up to its digest; the codec at index 6 is dag-cbor's. */
    static final byte[] LINK_START = {(byte) 0xd8, 42, 0x58, 37, 0, 1, Cid.DAG_CBOR, 0x12, 0x20};

    static final int LINK_CODEC = 6;

    private PackFormat() {}

    private static byte[] bytes(String latin1) {
        return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** How many bytes of argument follow a first byte whose low five bits are these; -1 if dag-cbor has no such head. */
    static int argumentBytes(int info) {
        return info < 24 ? 0 : info > 27 ? -1 : 1 << (info - 24);
    }
}
