package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Cid;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Drawings of small histories, and of random ones what every drawing has to keep. */
class LanesTest {
    private static Cid cid(int event) {
        return Cid.hash(Cid.DAG_CBOR, new byte[] {(byte) event, (byte) (event >> 8)});
    }

    /** Draws events, the newest first, each followed by its parents. */
    private static List<String> drawn(int[]... events) {
        Lanes lanes = new Lanes();
        List<String> lines = new ArrayList<>();
        for (int[] event : events) {
            lines.addAll(LaneText.lines(lanes.next(cid(event[0]), parents(event)), "" + event[0]));
        }
        return lines;
    }

    private static List<Cid> parents(int... event) {
        List<Cid> parents = new ArrayList<>();
        for (int i = 1; i < event.length; i++) {
            parents.add(cid(event[i]));
        }
        return parents;
    }

    @Test
    void aChain() {
        assertThat(drawn(new int[] {3, 2}, new int[] {2, 1}, new int[] {1})).containsExactly("● 3", "● 2", "● 1");
    }

    @Test
    void twoThatMeet() {
        assertThat(drawn(new int[] {4, 2, 3}, new int[] {3, 1}, new int[] {2, 1}, new int[] {1}))
                .containsExactly("● 4", "├─╮", "│ ● 3", "● │ 2", "├─╯", "● 1");
    }

    @Test
    void threeHeadsOfOneBeginning() {
        assertThat(drawn(new int[] {4, 1}, new int[] {3, 1}, new int[] {2, 1}, new int[] {1}))
                .containsExactly("● 4", "│ ● 3", "│ │ ● 2", "├─┴─╯", "● 1");
    }

    @Test
    void threeParents() {
        assertThat(drawn(new int[] {5, 2, 3, 4}, new int[] {4, 1}, new int[] {3, 1}, new int[] {2, 1}, new int[] {1}))
                .containsExactly("● 5", "├─┬─╮", "│ │ ● 4", "│ ● │ 3", "● │ │ 2", "├─┴─╯", "● 1");
    }

    @Test
    void aBeginningOfItsOwnLeavesItsLane() {
        assertThat(drawn(new int[] {5, 3, 4}, new int[] {4}, new int[] {3, 2}, new int[] {2}))
                .containsExactly("● 5", "├─╮", "│ ● 4", "● 3", "● 2");
    }

    /** Every event stands where its children's lines lead, and a lane is taken from the first child to the event. */
    @Test
    void everyLineLeadsToItsEvent() {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            int size = 1 + random.nextInt(40);
            List<List<Integer>> parents = new ArrayList<>();
            for (int event = 0; event < size; event++) {
                Set<Integer> of = new HashSet<>();
                for (int i = random.nextInt(4); i > 0 && event > 0; i--) {
                    of.add(Math.max(0, event - 1 - random.nextInt(6)));
                }
                parents.add(List.copyOf(of));
            }
            Lanes lanes = new Lanes();
            Map<Integer, Set<Integer>> led = new HashMap<>();
            BitSet before = new BitSet();
            for (int event = size - 1; event >= 0; event--) {
                Lanes.Row row = lanes.next(
                        cid(event),
                        parents.get(event).stream().map(LanesTest::cid).toList());
                Set<Integer> here = new HashSet<>(row.joined().stream().boxed().toList());
                here.add(row.lane());
                Set<Integer> leading = led.getOrDefault(event, Set.of());
                assertThat(here).as("seed %s, event %s", seed, event).containsAll(leading);
                assertThat(leading.isEmpty() || here.equals(leading))
                        .as("seed %s, event %s", seed, event)
                        .isTrue();
                assertThat(row.above()).as("seed %s, event %s", seed, event).isEqualTo(before);
                BitSet expected = (BitSet) row.above().clone();
                here.forEach(expected::clear);
                for (int i = 0; i < row.parents().size(); i++) {
                    expected.set(row.parents().get(i));
                    led.computeIfAbsent(parents.get(event).get(i), none -> new HashSet<>())
                            .add(row.parents().get(i));
                }
                assertThat(row.below()).as("seed %s, event %s", seed, event).isEqualTo(expected);
                before = row.below();
                // One line of text for the event, and none that is wider than its lanes.
                List<String> lines = LaneText.lines(row, "");
                int widest = Math.max(row.above().length(), Math.max(row.below().length(), row.lane() + 1));
                assertThat(lines).allMatch(line -> line.stripTrailing().length() < 2 * widest);
                assertThat(lines.stream().filter(line -> line.contains("●"))).hasSize(1);
            }
            assertThat(before.isEmpty()).as("seed %s", seed).isTrue();
        }
    }
}
