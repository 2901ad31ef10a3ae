package dev.livesync.core.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Who waits for an offer's answer, and who makes room. */
class OfferCallersTest {
    private final OfferCallers<String> callers = new OfferCallers<>(4);

    @Test
    void anAddressThatComesWithoutEndPutsOutItsOwn() {
        stays("a1", "honest");
        for (int i = 2; i < 5; i++) {
            stays("a" + i, "a");
        }
        for (int i = 5; i < 50; i++) {
            assertThat(add("a" + i, "a")).isEqualTo("a" + (i - 1));
        }
        assertThat(callers.all()).containsExactly("a1", "a2", "a3", "a49");
    }

    @Test
    void whoComesLateFromElsewhereGetsAPlaceAndKeepsIt() {
        for (int i = 0; i < 4; i++) {
            stays("a" + i, "a");
        }
        assertThat(add("honest", "b")).isEqualTo("a3");
        for (int i = 4; i < 50; i++) {
            add("a" + i, "a");
        }
        assertThat(callers.all()).contains("honest").hasSize(4);
    }

    @Test
    void ofAddressesWithAsManyPlacesTheNewcomersOwnMakesRoom() {
        for (String address : List.of("a", "b", "c", "d")) {
            stays(address + 1, address);
        }
        assertThat(add("b2", "b")).isEqualTo("b1");
        assertThat(add("e1", "e")).isEqualTo("b2");
    }

    @Test
    void whoFitsAnAnswerStaysAndComesIn() {
        for (String caller : List.of("a1", "a2", "a3")) {
            stays(caller, "a");
        }
        stays("b1", "b");
        assertThat(callers.add("b2", "b", Set.of("a1", "a2", "a3")::contains)).isEqualTo("b1");
        assertThat(callers.add("c1", "c", Set.of("a1", "a2", "a3")::contains)).isEqualTo("b2");
        assertThat(callers.add("c2", "c", caller -> true)).as("it fits, too").isNull();
        assertThat(callers.add("c3", "c", Set.of("a1", "a2", "a3", "c1", "c2")::contains))
                .isEqualTo("c3");
        assertThat(callers.all()).containsExactly("a1", "a2", "a3", "c1", "c2");
        assertThat(callers.remove("c1")).isTrue();
        assertThat(callers.remove("c1")).isFalse();
        assertThat(callers.clear()).containsExactly("a1", "a2", "a3", "c2");
        assertThat(callers.all()).isEmpty();
    }

    /** Against a list of who is here, oldest first. */
    @Test
    void whoeverComesNobodyOfASmallerAddressGoes() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        List<String> inside = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            if (!inside.isEmpty() && random.nextInt(4) == 0) {
                String gone = inside.remove(random.nextInt(inside.size()));
                assertThat(callers.remove(gone)).as("seed %d", seed).isTrue();
            }
            String address = "@" + random.nextInt(3);
            String leaving = add(i + address, address);
            if (leaving != null) {
                assertThat(inside).as("seed %d", seed).hasSize(4).contains(leaving);
                String its = leaving.substring(leaving.indexOf('@'));
                long places = count(inside, its);
                assertThat(List.of("@0", "@1", "@2"))
                        .as("seed %d: places", seed)
                        .allMatch(other -> count(inside, other) <= places);
                assertThat(inside.stream().filter(c -> c.endsWith(its)).reduce((older, newer) -> newer))
                        .as("seed %d: the newest", seed)
                        .contains(leaving);
                inside.remove(leaving);
            }
            inside.add(i + address);
            assertThat(callers.all()).as("seed %d", seed).isEqualTo(inside);
        }
    }

    private static long count(List<String> inside, String address) {
        return inside.stream().filter(caller -> caller.endsWith(address)).count();
    }

    private String add(String caller, String address) {
        return callers.add(caller, address, any -> false);
    }

    private void stays(String caller, String address) {
        assertThat(add(caller, address)).isNull();
    }
}
