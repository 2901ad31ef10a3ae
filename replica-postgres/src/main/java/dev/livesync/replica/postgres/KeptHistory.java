package dev.livesync.replica.postgres;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import dev.livesync.database.replica.SharedHistory;
import dev.livesync.database.replica.SharedHistory.Step;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A history that somebody has worked out of the beginning of a feed, to begin with it instead of reading that. Nothing rests on it before it was {@linkplain #problem held against the feed}.
 *
 * @param history of the first events
 * @param place which feed it was, and up to where
 */
record KeptHistory(SharedHistory history, Place place) {
    /** How many events are read again, one by one, and how many of the last ones. */
    private static final int SAMPLES = 64;

    private static final int LAST = 256;

    private static final int PAGE_BYTES = 4 << 20;

    /**
     * The first events of a feed, as it was at one of its commits.
     *
     * @param identity of the database
     * @param incarnation of the feed
     * @param events how many
     * @param number of the commit
     * @param attempt that was that commit
     */
    record Place(String identity, String incarnation, int events, long number, long attempt) {
        private static final Pattern FORM =
                Pattern.compile("([0-9a-f]{32})\\.([0-9a-f]{32}):([0-9]{1,9}):([0-9]{1,18}):(-?[0-9]{1,19})");

        /** The first events of a feed as its row says it is. */
        static Place of(FeedRow row, int events) {
            return new Place(row.identity(), row.incarnation(), events, row.number(), row.attempt());
        }

        /** Reads what {@link #toString} wrote. */
        static Place parse(String text) {
            Matcher m = FORM.matcher(text);
            if (!m.matches()) {
                throw new SyncException(ErrorKind.CORRUPT, "a checkpoint that names no place in a feed");
            }
            return new Place(
                    m.group(1),
                    m.group(2),
                    Integer.parseInt(m.group(3)),
                    Long.parseLong(m.group(4)),
                    Long.parseLong(m.group(5)));
        }

        boolean isOf(String otherIdentity, String otherIncarnation) {
            return identity.equals(otherIdentity) && incarnation.equals(otherIncarnation);
        }

        @Override
        public String toString() {
            return identity + "." + incarnation + ":" + events + ":" + number + ":" + attempt;
        }
    }

    /**
     * What keeps it from being that of a feed. The names and flags of all its events are compared with the feed's, since by them is decided what is complete; contents are read of a few.
     *
     * @param now the feed's row
     * @return empty if nothing does
     * @throws SQLException nobody knows
     */
    Optional<String> problem(Connection connection, String database, FeedRow now, RandomGenerator random)
            throws SQLException {
        if (!place.isOf(now.identity(), now.incarnation())) {
            return Optional.of("it is of another incarnation");
        }
        if (place.events() != history.events()) {
            return Optional.of("it has " + history.events() + " events and says " + place.events());
        }
        if (place.events() > now.position() || place.number() > now.number()) {
            return Optional.of("the feed has " + now.position() + " events, and it has " + place.events());
        }
        if (place.number() > 0 && !Followed.isCommitted(connection, database, place.number(), place.attempt())) {
            return Optional.of("commit " + place.number() + " is another one now");
        }
        try {
            requireSameFeed(connection, database);
            requireContent(connection, database, random);
            return Optional.empty();
        } catch (RuntimeException e) {
            return Optional.of(Reason.of(e));
        }
    }

    private static void require(boolean right, String what, long event) {
        if (!right) {
            throw new SyncException(ErrorKind.CORRUPT, what + ": event " + event);
        }
    }

    private void requireSameFeed(Connection connection, String database) throws SQLException {
        int[] next = {0};
        int all = history.events();
        while (next[0] < all) {
            int before = next[0];
            StoreFeed.readNames(connection, database, before, all, (position, cid, flags) -> {
                Step there = new Step(cid, (flags & StoreFeed.INTERIOR) != 0, (flags & StoreFeed.STARTS) != 0);
                require(
                        position == next[0] && there.equals(history.step(next[0])),
                        "the feed has another one",
                        position);
                next[0]++;
            });
            require(next[0] > before, "the feed does not have it", before);
        }
    }

    private void requireContent(Connection connection, String database, RandomGenerator random) throws SQLException {
        int all = history.events();
        for (int i = 0; i < Math.min(all, SAMPLES); i++) {
            int event = random.nextInt(all);
            requireContent(connection, database, event, event + 1);
        }
        requireContent(connection, database, Math.max(0, all - LAST), all);
    }

    private void requireContent(Connection connection, String database, int from, int to) throws SQLException {
        StoreFeed.read(connection, database, from, to, PAGE_BYTES, entry -> {
            int event = Math.toIntExact(entry.position());
            require(event >= from && event < to && history.agrees(event, entry.block()), "it says otherwise", event);
        });
    }
}
