package dev.livesync.core.reconcile;

/** Symbols as messages carry them: the sum, its check, and the count as what it is off the average. */
final class SymbolBytes {
    /** The fewest bytes of one. */
    static final int LEAST = 13;
    /** The most bytes of one of ours. */
    static final int MOST = 17;
    /** What one has on average, about. */
    static final int USUAL = 14;

    private SymbolBytes() {}

    static void write(MessageOutput out, Sketch sketch, long ids, int symbol) {
        out.fixed(sketch.sum(symbol), 8);
        out.fixed(sketch.check(symbol), 4);
        out.signed(sketch.count(symbol) - Sketch.expected(ids, symbol));
    }

    static void read(MessageInput in, SketchDecoder decoder, long ids) {
        long sum = in.fixed(8);
        int check = (int) in.fixed(4);
        decoder.add(sum, check, in.signed() + Sketch.expected(ids, decoder.size()));
    }
}
