package dev.livesync.transport.webrtc;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Writes the smallest shared objects that Linux's loader takes: without code and without symbols, with a name
 * ({@link #named}) or with the wish for another library ({@link #needing}).
 */
final class ElfStub {
    static final int X86_64 = 62;
    static final int AARCH64 = 183;

    private static final int EHDR = 64;
    private static final int PHDR = 56;
    private static final int HEADERS = 3;
    private static final int DYN = 16;
    private static final int DT_NEEDED = 1;
    private static final int DT_SONAME = 14;

    private ElfStub() {}

    /** Writes a library with a name. */
    static byte[] named(int machine, String soname) {
        return write(machine, DT_SONAME, soname);
    }

    /** Writes a library that can be loaded only if another one is found. */
    static byte[] needing(int machine, String library) {
        return write(machine, DT_NEEDED, library);
    }

    private static byte[] write(int machine, int tag, String name) {
        byte[] text = name.getBytes(StandardCharsets.US_ASCII);
        int hash = EHDR + HEADERS * PHDR;
        int symbols = hash + 16;
        int strings = symbols + 24;
        int stringBytes = text.length + 2;
        int dynamic = (strings + stringBytes + 15) / 16 * 16;
        int dynamicBytes = 7 * DYN;
        int size = dynamic + dynamicBytes;
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);

        out.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0); // 64 bits, little-endian
        out.putShort((short) 3).putShort((short) machine).putInt(1); // ET_DYN
        out.putLong(0).putLong(EHDR).putLong(0).putInt(0); // no entry, no sections
        out.putShort((short) EHDR).putShort((short) PHDR).putShort((short) HEADERS);
        out.putShort((short) 64).putShort((short) 0).putShort((short) 0);

        program(out, 1, 6, 0, size, 0x10000); // PT_LOAD, writable: the loader relocates the dynamic section
        program(out, 2, 6, dynamic, dynamicBytes, 8); // PT_DYNAMIC
        program(out, 0x6474e551, 6, 0, 0, 16); // PT_GNU_STACK, not executable

        out.putInt(1).putInt(1).putInt(0).putInt(0); // hash table: one bucket, one symbol
        out.position(strings);
        out.put((byte) 0).put(text).put((byte) 0);

        out.position(dynamic);
        out.putLong(tag).putLong(1);
        out.putLong(4).putLong(hash); // DT_HASH
        out.putLong(5).putLong(strings); // DT_STRTAB
        out.putLong(6).putLong(symbols); // DT_SYMTAB
        out.putLong(10).putLong(stringBytes); // DT_STRSZ
        out.putLong(11).putLong(24); // DT_SYMENT
        return out.array(); // and DT_NULL
    }

    private static void program(ByteBuffer out, int type, int flags, long offset, long size, long align) {
        out.putInt(type).putInt(flags).putLong(offset).putLong(offset).putLong(offset);
        out.putLong(size).putLong(size).putLong(align);
    }
}
