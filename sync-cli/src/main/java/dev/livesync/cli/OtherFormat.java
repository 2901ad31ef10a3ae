package dev.livesync.cli;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/** Formats that people try to import and that are refused, recognised by their first bytes. */
enum OtherFormat {
    ZIP("a zip archive: unpack it first", 0, "504b0304"),
    XZ("xz: unpack it first (xz -dc)", 0, "fd377a585a00"),
    ZSTD("zstd: unpack it first (zstd -dc)", 0, "28b52ffd"),
    BZIP2("bzip2: unpack it first (bzip2 -dc)", 0, "425a68"),
    SEVEN_ZIP("a 7z archive: unpack it first", 0, "377abcaf271c"),
    LZ4("lz4: unpack it first (lz4 -dc)", 0, "04224d18"),
    PDF("PDF", 0, "255044462d"),
    SQLITE("a SQLite database: export its records as JSON first", 0, "53514c69746520666f726d6174203300"),
    BSON("BSON, as mongodump writes it: mongoexport writes JSON", 4, "075f696400"),
    MARKUP("XML or HTML", 0, "3c");

    /** How many bytes {@link #of} looks at. */
    static final int BYTES = 16;

    private final String what;
    private final int offset;
    private final String magic;

    OtherFormat(String what, int offset, String magic) {
        this.what = what;
        this.offset = offset;
        this.magic = magic;
    }

    /** The format's name in messages. */
    String what() {
        return what;
    }

    /** The format of a file with these first bytes; null if it is none of these. */
    static @Nullable OtherFormat of(byte[] start) {
        String hex = HexFormat.of().formatHex(start);
        for (OtherFormat format : values()) {
            if (hex.startsWith(format.magic, 2 * format.offset)) {
                return format;
            }
        }
        return null;
    }
}
