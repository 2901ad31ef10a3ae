package dev.livesync.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Method;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A kit is a list of groups of rules, each of which stands alone. */
class KitShapeTest {
    @ParameterizedTest
    @ValueSource(classes = {TransportTck.class, ReplicaTck.class})
    void aKitListsItsGroups(Class<? extends Tck> kit) {
        assertThat(kit.getSuperclass()).isEqualTo(Tck.class);
        Set<Class<?>> groups = new LinkedHashSet<>();
        for (List<Method> tests : Run.rulesOf(kit).values()) {
            tests.forEach(test -> groups.add(test.getDeclaringClass()));
        }
        assertThat(groups).containsExactlyInAnyOrder(kit.getInterfaces());
    }

    @ParameterizedTest
    @ValueSource(classes = {TransportTck.class, ReplicaTck.class})
    void aGroupKnowsNoOther(Class<? extends Tck> kit) {
        assertThat(kit.getInterfaces())
                .isNotEmpty()
                .allSatisfy(group -> assertThat(group.getInterfaces()).isEmpty());
        // Whatever is public in a group is a rule: nothing else may get in the way of those who extend the kit.
        assertThat(Stream.of(kit.getInterfaces()).flatMap(group -> Stream.of(group.getMethods())))
                .allSatisfy(method -> assertThat(method.isAnnotationPresent(Rule.class))
                        .as("%s", method)
                        .isTrue());
        assertThat(kit.getInterfaces())
                .allSatisfy(group -> assertThat(group.getFields()).isEmpty());
    }

    /** Not named like a test, so that only this runs it. */
    static class Overriding extends ReplicaTck {
        @Override
        protected ReplicaStore newStore() {
            return DatabaseStore.inMemory();
        }

        @Override
        public void aDatabaseHasOneReplica() {
            // so that it can't fail
        }
    }

    @Test
    void whoOverridesARuleIsTold() throws Exception {
        MutantRun run = MutantRun.of(Overriding.class, Mutant.of("R1.6", "overrides its rule", () -> ""), 1);
        assertThat(run.brokenRules()).containsExactly("");
        assertThat(run.messages()).contains("aDatabaseHasOneReplica").contains("waivers()");
    }
}
