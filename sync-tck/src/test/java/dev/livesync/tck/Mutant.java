package dev.livesync.tck;

import java.util.Set;
import java.util.function.Supplier;

/**
 * A deliberately broken subject.
 *
 * @param name what it does wrong
 * @param rule the one rule that has to catch it
 * @param collateral rules that may fail besides, as may those that need {@code rule}: nothing else may
 * @param subject makes the broken thing, anew for every test
 */
record Mutant<S>(String name, String rule, Set<String> collateral, Supplier<S> subject) {
    static <S> Mutant<S> of(String rule, String name, Supplier<S> subject, String... collateral) {
        return new Mutant<>(name, rule, Set.of(collateral), subject);
    }

    @Override
    public String toString() {
        return rule + " " + name;
    }
}
