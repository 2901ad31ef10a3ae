package dev.livesync.bench.scale;

import dev.livesync.bench.report.Samples;
import dev.livesync.database.Database;
import java.util.SplittableRandom;
import java.util.function.IntConsumer;

/** Random gets and puts in a large database and in a small one, in turn. */
public final class Rates {
    private final Side large;
    private final Side small;
    private final SplittableRandom random;
    private int revision = 1;

    private static final class Side {
        final Store store;
        final int documents;
        final Delays gets = new Delays();
        final Delays puts = new Delays();

        Side(Database database, int documents, long seed) {
            this.store = new Store(database, seed);
            this.documents = documents;
        }
    }

    /**
     * Prepares to measure.
     *
     * @param large a filled database
     * @param inLarge how many documents it has
     * @param small another one
     * @param inSmall how many that has
     * @param seed chooses
     */
    public Rates(Database large, int inLarge, Database small, int inSmall, long seed) {
        this.large = new Side(large, inLarge, seed);
        this.small = new Side(small, inSmall, seed);
        this.random = new SplittableRandom(seed);
    }

    /**
     * What was measured: by what each takes longer in the large one, by the clock and by the processor's time.
     *
     * @param gets the ratio of the mean times of a get
     * @param getsProcessor the same
     * @param puts the ratio of the mean times of a put
     * @param putsProcessor the same
     */
    public record Figures(double gets, double getsProcessor, double puts, double putsProcessor) {}

    /**
     * Gets and puts, the first round not counted.
     *
     * @param rounds how many
     * @param gets how many in each round and database
     * @param puts how many in each round and database
     * @return the ratios
     */
    public Figures run(int rounds, int gets, int puts) {
        round(new Delays(), gets, large.documents, large.store::get);
        round(new Delays(), gets, small.documents, small.store::get);
        for (int i = 0; i < rounds; i++) {
            for (Side side : new Side[] {large, small}) {
                round(side.gets, gets, side.documents, side.store::get);
                round(side.puts, puts, side.documents, document -> side.store.put(document, revision));
            }
            revision++;
        }
        return new Figures(
                ratio(large.gets.clock(), small.gets.clock()),
                ratio(large.gets.processor(), small.gets.processor()),
                ratio(large.puts.clock(), small.puts.clock()),
                ratio(large.puts.processor(), small.puts.processor()));
    }

    private void round(Delays delays, int count, int documents, IntConsumer action) {
        for (int i = 0; i < count; i++) {
            int document = random.nextInt(documents);
            delays.time(() -> action.accept(document));
        }
    }

    private static double ratio(Samples a, Samples b) {
        return a.mean() / b.mean();
    }
}
