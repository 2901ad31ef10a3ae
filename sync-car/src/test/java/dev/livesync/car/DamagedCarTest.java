package dev.livesync.car;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Recorded CARs cut short at every offset and changed in every byte: a clear error or an intact prefix, never a wrong block. */
class DamagedCarTest {
    /** Where things are in an intact CAR. */
    private static final class Layout {
        final byte[] car;
        final List<Block> blocks;
        /** Where the header ends, then where each block does. */
        final List<Integer> ends = new ArrayList<>();
        /** The offsets of the CIDs' codecs. */
        final Set<Integer> codecs = new HashSet<>();

        Layout(String name) {
            car = Fixtures.car(name);
            blocks = Fixtures.blocks(name);
            int at = car.length;
            for (int i = blocks.size() - 1; i >= 0; i--) {
                ends.add(0, at);
                int size = blocks.get(i).size();
                codecs.add(at - size - Cid.BYTES + 1);
                at -= (int) CarWriter.sectionSize(size);
            }
            ends.add(0, at);
            assertThat(at).isEqualTo(1 + car[0]);
        }
    }

    private record Outcome(List<Block> blocks, SyncException error) {}

    private static Outcome decode(byte[] car) {
        List<Block> blocks = new ArrayList<>();
        CarDecoder decoder = new CarDecoder(new CarDecoder.Handler() {
            @Override
            public void roots(List<Cid> roots) {}

            @Override
            public void block(Block block) {
                blocks.add(block);
            }
        });
        try {
            decoder.feed(car, 0, car.length);
            decoder.finish();
            return new Outcome(blocks, null);
        } catch (SyncException e) {
            return new Outcome(blocks, e);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a-empty-vs-3-03-A",
                "d-live-05-A",
                "e-delete-07-B",
                "f-named-live-A",
                "g-concurrent-03-A",
                "j-two-heads-to-fresh-A",
                "i-100-docs-03-A"
            })
    void truncatedAnywhereItIsAnIntactPrefixAndAnErrorUnlessAtABoundary(String name) {
        Layout layout = new Layout(name);
        for (int length = 0; length < layout.car.length; length++) {
            Outcome outcome = decode(Arrays.copyOf(layout.car, length));
            int whole = 0;
            while (whole < layout.blocks.size() && layout.ends.get(whole + 1) <= length) {
                whole++;
            }
            assertThat(outcome.blocks).isEqualTo(layout.blocks.subList(0, whole));
            if (layout.ends.contains(length)) {
                assertThat(outcome.error).isNull();
            } else {
                assertThat(outcome.error).isNotNull();
                assertThat(outcome.error.kind()).isEqualTo(ErrorKind.MALFORMED);
                assertThat(outcome.error.getMessage())
                        .isEqualTo(
                                length == 0
                                        ? "CAR is empty: not even a header"
                                        : "CAR ends at offset " + length + " inside "
                                                + (length < layout.ends.get(0)
                                                        ? "the header that starts at offset 0"
                                                        : "block " + whole + " that starts at offset "
                                                                + layout.ends.get(whole)));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"d-live-05-A", "e-delete-07-B"})
    void everyByteChangedToEveryOtherIsNeverAWrongBlock(String name) {
        Layout layout = new Layout(name);
        for (int at = 0; at < layout.car.length; at++) {
            for (int change = 1; change < 256; change++) {
                changed(layout, at, change);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a-empty-vs-3-03-A",
                "f-named-live-A",
                "g-concurrent-03-A",
                "j-two-heads-to-fresh-A",
                "i-100-docs-03-A"
            })
    void everyByteChangedInSomeWaysIsNeverAWrongBlock(String name) {
        Layout layout = new Layout(name);
        for (int at = 0; at < layout.car.length; at++) {
            for (int change : new int[] {0x01, 0x80, 0xff}) {
                changed(layout, at, change);
            }
        }
    }

    @Tag("soak")
    @Test
    void everyByteOfALargeCarChangedToEveryOtherIsNeverAWrongBlock() {
        Layout layout = new Layout("i-100-docs-03-A");
        for (int at = 0; at < layout.car.length; at++) {
            for (int change = 1; change < 256; change++) {
                changed(layout, at, change);
            }
        }
    }

    private static void changed(Layout layout, int at, int change) {
        byte[] car = layout.car.clone();
        car[at] ^= (byte) change;
        Outcome outcome = decode(car);
        int before = 0;
        while (before < layout.blocks.size() && layout.ends.get(before + 1) <= at) {
            before++;
        }
        boolean right;
        if (at < layout.ends.get(0)) {
            // Roots are a claim that nothing in the CAR proves; the blocks are not touched by it.
            right = outcome.blocks.equals(outcome.error == null ? layout.blocks : List.of());
        } else if (layout.codecs.contains(at) && outcome.error == null) {
            // The same bytes under the same hash, but called by another codec: true, whoever says it.
            right = outcome.blocks.equals(renamed(layout.blocks, before, change));
        } else {
            right = outcome.error != null
                    && outcome.error.getMessage().contains("offset " + layout.ends.get(before))
                    && outcome.blocks.equals(layout.blocks.subList(0, before));
        }
        if (!right) {
            throw new AssertionError(
                    "byte " + at + " ^ 0x" + Integer.toHexString(change) + ": " + outcome.blocks, outcome.error);
        }
    }

    private static List<Block> renamed(List<Block> blocks, int index, int change) {
        List<Block> renamed = new ArrayList<>(blocks);
        Block block = blocks.get(index);
        renamed.set(index, Block.of(block.cid().codec() ^ change, block.toByteArray()));
        return renamed;
    }
}
