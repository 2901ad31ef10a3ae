package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Holds a specification and its kit against each other, both ways. */
final class Coverage {
    private Coverage() {}

    /** Each rule has a test or says why not, each test a rule. */
    static void verify(Spec spec, Class<? extends Tck> kit) {
        assertThat(spec.unreadable())
                .as("paragraphs of %s that are no rules", spec.file())
                .isEmpty();
        assertThat(spec.entries()).as("rules of %s", spec.file()).isNotEmpty();
        Set<String> tested = Run.rulesOf(kit).keySet();
        for (Spec.Entry entry : spec.entries()) {
            assertThat(tested.contains(entry.id()) != (entry.notTested() != null))
                    .as("%s has a test, or says why it has none", entry.id())
                    .isTrue();
        }
        for (String rule : tested) {
            assertThat(spec.find(rule))
                    .as("rule %s of %s in %s", rule, kit, spec.file())
                    .isNotNull();
        }
        Run.rulesOf(kit)
                .values()
                .forEach(tests -> tests.forEach(test -> assertThat(tested)
                        .as("prerequisites of %s", test)
                        .contains(test.getAnnotation(Rule.class).needs())));
    }

    /** Each MUST that has a test has a mutant, each mutant a rule. */
    static void verifyMutants(Spec spec, Collection<? extends Mutant<?>> mutants) {
        Set<String> caught = mutants.stream().map(Mutant::rule).collect(Collectors.toSet());
        Set<String> without = new TreeSet<>();
        for (Spec.Entry entry : spec.entries()) {
            if (entry.isMust() && entry.notTested() == null && !caught.contains(entry.id())) {
                without.add(entry.id());
            }
        }
        assertThat(without).as("MUSTs of %s without a mutant", spec.file()).isEmpty();
        caught.forEach(rule -> assertThat(spec.find(rule)).as(rule).isNotNull());
    }
}
