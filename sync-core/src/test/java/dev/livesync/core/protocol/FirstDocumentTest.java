package dev.livesync.core.protocol;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** How many round trips it takes, in virtual time: what the first document waits for, and what all of them do. */
class FirstDocumentTest {
    private static final long DELAY = 50_000_000;
    private static final long NO_LIMIT = 1_000_000_000_000L;

    /** 10 Mbit/s. */
    private static final long SLOW = 1_250_000;

    private static final int MANY = 10_000;

    /** How long a first section may keep a slow line busy, in round trips: 10 ms, which are 12 KB. */
    private static final double FIRST_SECTION = 0.1;

    private static TestDb filled() {
        return Docs.fill(new EmbeddedDb(), MANY);
    }

    @Test
    void theFirstDocumentComesToTheInitiatorWithTheAnswerToItsFirstMessage() {
        DelayedLine line = new DelayedLine(new EmbeddedDb(), filled(), DELAY, NO_LIMIT);
        assertThat(line.untilEqual()).isLessThan(1.01);
        assertThat(line.firstAtInitiator()).isBetween(1.0, 1.01);
    }

    @Test
    void andToTheResponderHalfARoundTripLater() {
        DelayedLine line = new DelayedLine(filled(), new EmbeddedDb(), DELAY, NO_LIMIT);
        assertThat(line.untilEqual()).isLessThan(1.51);
        assertThat(line.firstAtResponder()).isBetween(1.5, 1.51);
    }

    @Test
    void onASlowLineTheFirstSectionIsSmall() {
        DelayedLine down = new DelayedLine(new EmbeddedDb(), filled(), DELAY, SLOW);
        double all = down.untilEqual();
        assertThat(down.firstAtInitiator()).isLessThan(1 + FIRST_SECTION);
        assertThat(all).as("the rest takes what it takes").isGreaterThan(3);
        DelayedLine up = new DelayedLine(filled(), new EmbeddedDb(), DELAY, SLOW);
        up.untilEqual();
        assertThat(up.firstAtResponder()).isLessThan(1.5 + FIRST_SECTION);
    }

    @Test
    void tenNewDocumentsAtEachEndTakeOneAndAHalfRoundTrips() {
        TestDb left = filled();
        TestDb right = new EmbeddedDb();
        new DelayedLine(left, right, DELAY, NO_LIMIT).untilEqual();
        for (int i = 0; i < 10; i++) {
            left.put("left" + i, Docs.number(i));
            right.put("right" + i, Docs.number(i));
        }
        DelayedLine line = new DelayedLine(left, right, DELAY, NO_LIMIT);
        assertThat(line.untilEqual()).isBetween(1.5, 1.51);
        assertThat(left.documents()).hasSize(MANY + 20).isEqualTo(right.documents());
    }

    @Test
    void soDoesWhatOnlyOneHas() {
        TestDb left = filled();
        TestDb right = new EmbeddedDb();
        new DelayedLine(left, right, DELAY, NO_LIMIT).untilEqual();
        right.put("right", Docs.number(1));
        assertThat(new DelayedLine(left, right, DELAY, NO_LIMIT).untilEqual()).isBetween(1.0, 1.01);
        left.put("left", Docs.number(1));
        assertThat(new DelayedLine(left, right, DELAY, NO_LIMIT).untilEqual()).isBetween(1.5, 1.51);
    }
}
