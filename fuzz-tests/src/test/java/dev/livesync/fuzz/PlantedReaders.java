package dev.livesync.fuzz;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;

/** Readers that are wrong, each in another way. */
final class PlantedReaders {
    static final String PREFIX = "planted-";

    /** Believes a length, behind a word that a fuzzer has to find out. */
    static final FuzzedReader LENGTH = reader("length", input -> {
        ByteBuffer in = ByteBuffer.wrap(input);
        if (in.remaining() >= 8 && in.getInt() == 0x6c697665 && new byte[in.getInt() & 0xff_ffff].length == 1) {
            throw new SyncException(ErrorKind.MALFORMED, "short");
        }
    });

    static final FuzzedReader KIND = reader("kind", input -> {
        throw new SyncException(ErrorKind.INTERNAL, "somebody else's fault");
    });

    static final FuzzedReader WORDS = reader("words", input -> {
        throw new SyncException(ErrorKind.MALFORMED, "two\nlines");
    });

    static final FuzzedReader INDEX = reader("index", input -> {
        if (input[input.length] == 1) {
            throw new SyncException(ErrorKind.MALFORMED, "one");
        }
    });

    private PlantedReaders() {}

    private static FuzzedReader reader(String name, FuzzedReader.Body body) {
        return FuzzedReader.small(PREFIX + name, Set.of(ErrorKind.MALFORMED), body, List::of);
    }
}
