package dev.livesync.car;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The header of a CAR: canonical dag-cbor <code>{roots:[CID…],version:1}</code>. */
final class CarHeader {
    private static final byte[] ROOTS = CborWriter.constant(2, "roots");
    private static final byte[] VERSION = CborWriter.constant("version");
    /** How a CAR of version 2 starts. */
    private static final byte[] ONLY_VERSION = CborWriter.constant(1, "version");

    private CarHeader() {}

    static List<Cid> decode(byte[] header, Limits limits) {
        CborReader in = new CborReader(header, 0, header.length, limits, null);
        if (in.accept(ONLY_VERSION)) {
            requireVersion(in);
            throw in.malformed("the header has no \"roots\"", 0);
        }
        if (!in.accept(ROOTS)) {
            throw in.malformed("the header is not a map of \"roots\" and \"version\"", 0);
        }
        int start = in.offset();
        int count = in.array("\"roots\"");
        if (count > limits.roots()) {
            throw in.limit(count + " roots are over the limit of " + limits.roots(), start);
        }
        List<Cid> roots = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            roots.add(in.link("a root"));
        }
        if (!in.accept(VERSION)) {
            throw in.malformed("the header lacks \"version\" after \"roots\"", in.offset());
        }
        requireVersion(in);
        in.requireEnd();
        return Collections.unmodifiableList(roots);
    }

    private static void requireVersion(CborReader in) {
        long version = in.integer("the version");
        if (version != 1) {
            throw new SyncException(ErrorKind.UNSUPPORTED, "version " + version + " (only 1 is known)");
        }
    }

    /** The header with the length before it. */
    static byte[] encode(List<Cid> roots) {
        CborWriter out =
                new CborWriter(Limits.DEFAULT, (int) Math.min(size(roots.size()), Limits.DEFAULT.blockBytes()));
        out.raw(ROOTS);
        out.array(roots.size());
        for (Cid root : roots) {
            out.link(root);
        }
        out.raw(VERSION);
        out.integer(1);
        byte[] header = new byte[UnsignedVarint.size(out.size()) + out.size()];
        int at = UnsignedVarint.write(out.size(), header, 0);
        System.arraycopy(out.array(), 0, header, at, out.size());
        return header;
    }

    /** The length of what {@link #encode} makes. */
    static long size(int roots) {
        long header = ROOTS.length
                + CborWriter.headSize(roots)
                + (long) roots * CborWriter.LINK_SIZE
                + VERSION.length
                + CborWriter.headSize(1);
        return UnsignedVarint.size(header) + header;
    }
}
