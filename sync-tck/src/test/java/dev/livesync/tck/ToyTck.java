package dev.livesync.tck;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assertions;

/** A kit of two rules, to test what all kits share. Not named like a test, so that only our tests run it. */
class ToyTck extends Tck {
    /** What it is told to do wrong. */
    @SuppressWarnings("ArrayRecordComponent") // nobody compares them
    record Toy(boolean firstBreaks, boolean secondBreaks, boolean teardownBreaks, Waiver... waivers) {}

    private final Toy toy = MutantRun.subject();

    @Override
    protected List<Waiver> waivers() {
        return List.of(toy.waivers());
    }

    @Override
    String subject() {
        return "toy";
    }

    @Override
    Map<String, String> facts() {
        return Map.of("kind", "toy");
    }

    @Override
    String whyNot(java.lang.reflect.Method test) {
        return test.getName().equals("third") ? "toys have none" : null;
    }

    @Override
    List<RuleViolation> finish() {
        return toy.teardownBreaks() ? List.of(RuleViolation.of("T1.4", "left over", "the toy box", null)) : List.of();
    }

    @Rule(value = "T1.1", check = "the first thing")
    void first() {
        if (toy.firstBreaks()) {
            Assertions.assertEquals("whole", "broken", "the toy");
        }
    }

    @Rule(value = "T1.2", check = "the second thing", needs = "T1.1")
    void second() {
        if (toy.secondBreaks()) {
            throw new IllegalStateException("fell apart");
        }
    }

    @Rule(value = "T1.3", check = "nothing")
    void third() {
        Assertions.fail("must not run");
    }
}
