package dev.livesync.fuzz;

import dev.livesync.api.ErrorKind;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.function.Supplier;

/**
 * One reader of strangers' bytes, and what it must keep to whatever they are.
 *
 * @param name as scripts and folders have it
 * @param refusals the kinds with which it may refuse; anything else that is thrown is a finding
 * @param mostBytes how much it may allocate for an input
 * @param mostFactor and for each byte of it
 * @param body reads one input, and checks what comes out
 * @param seeds inputs from real encodings, to begin with
 */
public record FuzzedReader(
        String name,
        Set<ErrorKind> refusals,
        long mostBytes,
        long mostFactor,
        Body body,
        Supplier<List<byte[]>> seeds) {
    /** What a peer's bytes may be refused with. */
    public static final Set<ErrorKind> PEERS_FAULT = Set.copyOf(
            EnumSet.of(ErrorKind.MALFORMED, ErrorKind.HASH_MISMATCH, ErrorKind.LIMIT_EXCEEDED, ErrorKind.UNSUPPORTED));

    private static final long KIB = 1 << 10;

    /** Reads one input. */
    @FunctionalInterface
    public interface Body {
        /**
         * Reads.
         *
         * @param input may be changed
         * @throws IOException if something in memory fails, which is a finding
         */
        void read(byte[] input) throws IOException;
    }

    /**
     * A reader that allocates little.
     *
     * @param name as above
     * @param refusals as above
     * @param body as above
     * @param seeds as above
     * @return 256 KiB, and 200 bytes for each byte
     */
    public static FuzzedReader small(String name, Set<ErrorKind> refusals, Body body, Supplier<List<byte[]>> seeds) {
        return new FuzzedReader(name, refusals, 256 * KIB, 200, body, seeds);
    }

    /**
     * The same with another bound.
     *
     * @param kibibytes for an input of any length
     * @return a copy
     */
    public FuzzedReader allocating(long kibibytes) {
        return new FuzzedReader(name, refusals, kibibytes * KIB, mostFactor, body, seeds);
    }

    long mostFor(int length) {
        return mostBytes + mostFactor * length;
    }
}
