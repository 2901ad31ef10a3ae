package dev.livesync.api.internal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.internal.Admission.Verdict;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who gets a place without a proof, and who makes room. */
class AdmissionTest {
    private static final long PATIENCE = 100;

    private long now;
    private final Admission<String> admission = new Admission<>(4, 2, PATIENCE, () -> now);

    @Test
    void theOldestSilentOneMakesRoom() {
        admitted("a1", "a");
        admitted("b1", "b");
        admitted("c1", "c");
        admitted("d1", "d");
        admission.spoke("a1");
        evicts("b1", "e1", "e");
        admission.leave("c1");
        admitted("f1", "f");
        evicts("d1", "g1", "g");
    }

    @Test
    void anAddressPutsOutItsOwnFirst() {
        admitted("b1", "b");
        admitted("a1", "a");
        admitted("a2", "a");
        evicts("a1", "a3", "a");
        admission.spoke("a2");
        admission.spoke("a3");
        assertThat(admission.admit("a4", "a")).isEqualTo(new Verdict<>(false, null));
        admitted("c1", "c");
    }

    /** However many come from elsewhere. */
    @Test
    void whoComesOnceIsNotPutOutByAnAddressThatComesWithoutEnd() {
        admitted("honest", "h");
        admitted("other", "o");
        admitted("a1", "a");
        admitted("a2", "a");
        evicts("a1", "b1", "b");
        admission.leave("other");
        admitted("b2", "b");
        for (int i = 0; i < 100; i++) {
            String address = i % 2 == 0 ? "a" : "b";
            assertThat(admission.admit(address + "x" + i, address).evicted()).isNotEqualTo("honest");
        }
    }

    @Test
    void whoHasSpokenHasItsTimeAndNoMore() {
        for (String caller : List.of("a", "b", "c", "d")) {
            admitted(caller, caller);
            admission.spoke(caller);
            now++;
        }
        now = PATIENCE - 1;
        assertThat(admission.admit("e", "e")).isEqualTo(new Verdict<>(false, null));
        now = PATIENCE;
        evicts("a", "e", "e");
        assertThat(admission.clear()).containsExactly("b", "c", "d", "e");
        assertThat(admission.clear()).isEmpty();
    }

    /** Whoever is gone takes no place, whoever has one is among so many of so many, and silence never wins over a word. */
    @Test
    void whateverComesTheLimitsHold() {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        Set<String> inside = new HashSet<>();
        Set<String> spoken = new HashSet<>();
        for (int i = 0; i < 10_000; i++) {
            now += random.nextInt(20);
            String caller = i + "@" + random.nextInt(4);
            List<String> some = new ArrayList<>(inside);
            if (!some.isEmpty() && random.nextInt(3) == 0) {
                String one = some.get(random.nextInt(some.size()));
                if (random.nextBoolean()) {
                    admission.spoke(one);
                    spoken.add(one);
                } else {
                    admission.leave(one);
                    inside.remove(one);
                }
            }
            String address = caller.substring(caller.indexOf('@'));
            Verdict<String> verdict = admission.admit(caller, address);
            if (verdict.evicted() != null) {
                assertThat(inside.remove(verdict.evicted())).as("seed %d", seed).isTrue();
                if (spoken.contains(verdict.evicted())) {
                    boolean addressFull =
                            inside.stream().filter(c -> c.endsWith(address)).count() == 1
                                    && verdict.evicted().endsWith(address);
                    assertThat(inside.stream().filter(c -> !addressFull || c.endsWith(address)))
                            .as("seed %d: others that could have gone", seed)
                            .allMatch(spoken::contains);
                }
            }
            if (verdict.admitted()) {
                inside.add(caller);
            }
            assertThat(inside).as("seed %d", seed).hasSizeLessThanOrEqualTo(4);
            assertThat(inside.stream().filter(c -> c.endsWith(address)))
                    .as("seed %d", seed)
                    .hasSizeLessThanOrEqualTo(2);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "192.0.2.7:4711, 192.0.2.7",
        "/ip4/192.0.2.7/tcp/4711, 192.0.2.7",
        "/ip4/192.0.2.7/tcp/4711/p2p/12D3KooWxyz, 192.0.2.7",
        "libp2p:/ip4/192.0.2.7/tcp/4711/p2p/12D3KooWxyz, 192.0.2.7",
        "[2001:db8:1:2:3:4:5:6]:4711, 2001:db8:1:2::/64",
        "[2001:DB8:1:2::9]:4712, 2001:db8:1:2::/64",
        "[2001:0db8:0001:0002:a:b:c:d]:1, 2001:db8:1:2::/64",
        "[fe80::1%eth0]:80, fe80:0:0:0::/64",
        "[::1]:80, 0:0:0:0::/64",
        "[::ffff:192.0.2.7]:80, ::ffff:192.0.2.7",
        "/ip6/2001:db8:1:2::9/tcp/1, 2001:db8:1:2::/64",
        "memory:door#12, memory:door",
        "hub.example:443/, hub.example",
        "'a name, and no address', 'a name, and no address'"
    })
    void anAddressIsWhatStaysWhenItsCallerComesBack(String remote, String address) {
        assertThat(CallerAddress.of(remote)).isEqualTo(address);
    }

    private void admitted(String caller, String address) {
        assertThat(admission.admit(caller, address)).isEqualTo(new Verdict<>(true, null));
    }

    private void evicts(String evicted, String caller, String address) {
        assertThat(admission.admit(caller, address)).isEqualTo(new Verdict<>(true, evicted));
    }
}
