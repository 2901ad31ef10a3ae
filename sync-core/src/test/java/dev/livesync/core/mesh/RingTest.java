package dev.livesync.core.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class RingTest {
    private static Set<String> without(Set<String> names, String one) {
        Set<String> rest = new HashSet<>(names);
        rest.remove(one);
        return rest;
    }

    private static Set<String> reached(Set<String> names, int most) {
        Set<String> reached = new HashSet<>();
        ArrayDeque<String> next = new ArrayDeque<>(List.of(names.iterator().next()));
        while (!next.isEmpty()) {
            String name = next.remove();
            if (reached.add(name)) {
                next.addAll(Ring.neighbours(name, without(names, name), most));
            }
        }
        return reached;
    }

    @Test
    void whoeverSeesTheSameNamesIsANeighbourOfItsNeighboursAndReachesAll() {
        for (long seed = 0; seed < 300; seed++) {
            SplittableRandom random = new SplittableRandom(seed);
            Set<String> names = new TreeSet<>();
            int count = 1 + random.nextInt(60);
            while (names.size() < count) {
                names.add(Long.toString(random.nextLong(1_000_000), 36));
            }
            int most = 2 + random.nextInt(20);
            for (String name : names) {
                Set<String> near = Ring.neighbours(name, without(names, name), most);
                assertThat(near).as("seed %d", seed).doesNotContain(name).hasSizeLessThanOrEqualTo(most);
                assertThat(near.size()).as("seed %d", seed).isGreaterThanOrEqualTo(Math.min(count - 1, most / 2 * 2));
                for (String other : near) {
                    assertThat(Ring.neighbours(other, without(names, other), most))
                            .as("seed %d", seed)
                            .contains(name);
                }
            }
            assertThat(reached(names, most)).as("seed %d", seed).isEqualTo(names);
        }
    }

    @Test
    void fewAreAllNeighbours() {
        assertThat(Ring.neighbours("b", List.of("a", "c", "d"), 3)).containsExactlyInAnyOrder("a", "c", "d");
        assertThat(Ring.neighbours("b", List.of(), 2)).isEmpty();
    }

    @Test
    void ofMoreThoseNextToIt() {
        List<String> others = new ArrayList<>(List.of("a", "b", "c", "e", "f", "g"));
        assertThat(Ring.neighbours("d", others, 2)).containsExactlyInAnyOrder("c", "e");
        assertThat(Ring.neighbours("h", others, 4)).containsExactlyInAnyOrder("f", "g", "a", "b");
    }
}
