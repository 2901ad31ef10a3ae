package dev.livesync.database.pieces;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Quiet;
import dev.livesync.database.disk.Disk;
import dev.livesync.database.disk.SimulatedDisk;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(Quiet.class)
class PieceStoreTest {
    private static final int FILE_BYTES = 4_000;

    private final SimulatedDisk disk = new SimulatedDisk(new Random(1));

    private static PieceStore open(Disk disk) {
        return open(disk, Long.MAX_VALUE);
    }

    private static PieceStore open(Disk disk, long quota) {
        return PieceStore.open(disk, new SplittableRandom(1), FILE_BYTES, quota, false);
    }

    private static Block block(int n) {
        byte[] bytes = new byte[n * 37 % 900];
        new Random(n).nextBytes(bytes);
        return Block.of(Cid.RAW, bytes);
    }

    private static Set<Cid> add(PieceStore store, int from, int to) {
        Set<Cid> added = new HashSet<>();
        for (int i = from; i < to; i++) {
            store.add(block(i));
            added.add(block(i).cid());
        }
        store.force();
        return added;
    }

    private static Set<Cid> readable(PieceStore store) {
        List<Cid> all = new ArrayList<>();
        store.forEach(all::add);
        Set<Cid> found = new HashSet<>();
        for (Cid cid : all) {
            if (store.find(cid) != null) {
                found.add(cid);
            }
        }
        return found;
    }

    @Test
    void keepsEachBlockOnceAndAfterARestart() {
        Set<Cid> added;
        try (PieceStore store = open(disk)) {
            added = add(store, 1, 300);
            long bytes = store.fileBytes();
            assertThat(store.add(block(5))).isFalse();
            assertThat(store.fileBytes()).isEqualTo(bytes);
            assertThat(readable(store)).isEqualTo(added);
            assertThat(store.count()).isEqualTo(added.size());
        }
        assertThat(disk.openFiles()).isZero();
        try (PieceStore again = open(disk)) {
            assertThat(readable(again)).isEqualTo(added);
            assertThat(again.add(block(299))).isFalse();
            assertThat(again.find(block(300).cid())).isNull();
        }
    }

    @Test
    void sweepingKeepsWhatIsAliveAndGivesBackTheRest() {
        Set<Cid> alive;
        try (PieceStore store = open(disk)) {
            alive = add(store, 1, 50);
            add(store, 50, 300);
            long before = store.fileBytes();
            assertThat(store.sweep(alive::contains, cid -> false)).isGreaterThan(before / 2);
            assertThat(readable(store)).isEqualTo(alive);
            assertThat(store.bytes()).isEqualTo(sizes(alive, store));
            assertThat(store.sweep(alive::contains, cid -> false)).isZero();
            add(store, 60, 70);
        }
        try (PieceStore again = open(disk)) {
            assertThat(readable(again)).containsAll(alive).hasSize(alive.size() + 10);
            again.sweep(cid -> false, cid -> false);
            assertThat(again.count()).isZero();
        }
        assertThat(disk.files()).isLessThanOrEqualTo(1);
    }

    private static long sizes(Set<Cid> cids, PieceStore store) {
        return cids.stream().mapToLong(store::size).sum();
    }

    @Test
    void whoHoldsKeepsWhatHeAddsAndWhatHeFinds() {
        try (PieceStore store = open(disk)) {
            add(store, 1, 20);
            try (PieceStore.Hold held = store.hold()) {
                store.add(block(5));
                store.add(block(30));
                store.sweep(cid -> false, cid -> false);
                assertThat(readable(store))
                        .containsExactlyInAnyOrder(block(5).cid(), block(30).cid());
            }
            store.sweep(cid -> false, cid -> false);
            assertThat(store.count()).isZero();
        }
    }

    /** Who names what he has added lets go of it then, and whoever sweeps may have asked a moment before what is named. */
    @Test
    void whoLetsGoWhileASweepIsPreparedKeepsWhatHeAdded() {
        try (PieceStore store = open(disk)) {
            PieceStore.Hold adding = store.hold();
            store.add(block(5));
            try (PieceStore.Hold sweeping = store.holdToSweep()) {
                store.add(block(30));
                adding.close();
                store.sweep(cid -> false, cid -> false);
                assertThat(readable(store))
                        .containsExactlyInAnyOrder(block(5).cid(), block(30).cid());
            }
            try (PieceStore.Hold sweeping = store.holdToSweep()) {
                store.sweep(cid -> false, cid -> false);
                assertThat(store.count()).isZero();
            }
        }
    }

    @Test
    void aQuotaIsKeptAndNothingIsAdded() {
        try (PieceStore store = open(disk, 2_000)) {
            int n = 1;
            while (store.bytes() + block(n).size() <= 2_000) {
                store.add(block(n++));
            }
            Block more = block(n);
            long before = store.bytes();
            assertThatThrownBy(() -> store.add(more))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED))
                    .hasMessageContaining("maxAttachmentBytes");
            assertThat(store.bytes()).isEqualTo(before);
            assertThatThrownBy(() -> store.add(Block.of(Cid.RAW, new byte[GearChunker.MOST + 1])))
                    .isInstanceOf(SyncException.class);
        }
    }

    @Test
    void aDamagedBlockIsAbsentAndCanBeAddedAgain() {
        Set<Cid> added;
        try (PieceStore store = open(disk)) {
            added = add(store, 1, 100);
        }
        for (int round = 0; round < 200; round++) {
            SimulatedDisk damaged = disk.restart(new Random(2));
            String where = damaged.flip(new Random(round));
            try (PieceStore store = open(damaged)) {
                if (round % 2 == 0) { // else nobody knows of the damage when it is put again
                    assertThat(added).as("flipped %s", where).containsAll(readable(store));
                }
                assertThat(add(store, 1, 100)).isEqualTo(added);
                assertThat(readable(store)).isEqualTo(added);
            }
            try (PieceStore again = open(damaged)) {
                assertThat(readable(again)).as("flipped %s", where).isEqualTo(added);
            }
        }
    }

    /** Adds, sweeps and adds again; tells what was acknowledged. */
    private static void life(Disk disk, List<Set<Cid>> acknowledged, Set<Cid> kept) {
        PieceStore store = open(disk);
        acknowledged.add(add(store, 1, 12));
        acknowledged.add(add(store, 12, 30));
        acknowledged.clear();
        acknowledged.add(kept);
        store.sweep(kept::contains, cid -> false);
        acknowledged.add(add(store, 40, 50));
        store.close();
        store = open(disk);
        acknowledged.add(add(store, 60, 64));
    }

    /** The machine stops at each operation in turn, and the disk is as unkind as it can be. */
    @Test
    void whatWasAcknowledgedSurvivesACrashAnywhere() {
        Set<Cid> kept = new HashSet<>();
        for (int i = 3; i < 30; i += 3) {
            kept.add(block(i).cid());
        }
        SimulatedDisk whole = new SimulatedDisk(new Random(0));
        life(whole, new ArrayList<>(), kept);
        for (int at = 0; at < whole.operations(); at++) {
            for (int seed = 0; seed < 4; seed++) {
                int crash = at;
                SimulatedDisk fragile = new SimulatedDisk(new Random(seed))
                        .with((operation, kind) ->
                                operation == crash ? SimulatedDisk.Fault.CRASH : SimulatedDisk.Fault.NONE);
                List<Set<Cid>> acknowledged = new ArrayList<>();
                try {
                    life(fragile, acknowledged, kept);
                } catch (SyncException e) {
                    assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE);
                }
                fragile.stop();
                SimulatedDisk found = fragile.restart(new Random(seed));
                try (PieceStore store = open(found)) {
                    Set<Cid> there = readable(store);
                    for (Set<Cid> promised : acknowledged) {
                        assertThat(there).as("crash at %d, seed %d", at, seed).containsAll(promised);
                    }
                    add(store, 1, 64);
                }
                try (PieceStore again = open(found)) {
                    assertThat(readable(again)).hasSizeGreaterThanOrEqualTo(63);
                }
            }
        }
    }

    /** A disk that refuses, but goes on: what was promised stays, and what was refused can be tried again. */
    @Test
    void errorsAnywhereLoseNothingThatWasPromised() {
        Set<Cid> kept = new HashSet<>();
        for (int i = 3; i < 30; i += 3) {
            kept.add(block(i).cid());
        }
        for (int at = 0; at < 160; at++) {
            AtomicInteger failing = new AtomicInteger(at);
            SimulatedDisk refusing = new SimulatedDisk(new Random(at))
                    .with((operation, kind) ->
                            operation == failing.get() ? SimulatedDisk.Fault.ERROR : SimulatedDisk.Fault.NONE);
            try (PieceStore store = open(refusing)) {
                Set<Cid> promised = new HashSet<>();
                for (int step = 0; step < 4; step++) {
                    try {
                        if (step == 2) {
                            promised.retainAll(kept);
                            store.sweep(kept::contains, cid -> false);
                        } else {
                            promised.addAll(add(store, step * 10 + 1, step * 10 + 15));
                        }
                    } catch (SyncException e) {
                        assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE);
                    }
                    assertThat(readable(store))
                            .as("error at %d, step %d", at, step)
                            .containsAll(promised);
                }
                failing.set(-1);
                promised.addAll(add(store, 1, 30));
                assertThat(readable(store)).containsAll(promised);
                SimulatedDisk found = refusing.restart(new Random(at));
                try (PieceStore again = open(found)) {
                    assertThat(readable(again)).as("error at %d", at).containsAll(promised);
                }
            }
            assertThat(refusing.openFiles()).as("open files, error at %d", at).isZero();
        }
    }

    /** A write that fails leaves a part of a block in its file. */
    @Test
    void errorsAnywhereLeaveNothingOfWhatIsSwept() {
        for (int at = 0; at < 60; at++) {
            AtomicInteger failing = new AtomicInteger(at);
            SimulatedDisk refusing = new SimulatedDisk(new Random(at))
                    .with((operation, kind) ->
                            operation == failing.get() ? SimulatedDisk.Fault.ERROR : SimulatedDisk.Fault.NONE);
            try (PieceStore store = open(refusing)) {
                for (int i = 1; i < 30; i++) {
                    try {
                        add(store, i, i + 1);
                    } catch (SyncException e) {
                        assertThat(e.kind()).isEqualTo(ErrorKind.STORAGE);
                        failing.set(-1);
                        store.sweep(cid -> false, cid -> false);
                        assertThat(remains(refusing, i + 1))
                                .as("error at %d, in block %d", at, i)
                                .isEmpty();
                    }
                }
            }
        }
    }

    /** Which blocks have their beginning in a file. */
    private static List<Integer> remains(SimulatedDisk disk, int to) {
        List<Integer> found = new ArrayList<>();
        for (int i = 1; i < to; i++) {
            byte[] block = block(i).toByteArray();
            if (block.length >= 32) {
                String beginning = new String(block, 0, 8, StandardCharsets.ISO_8859_1);
                if (disk.bytes().values().stream()
                        .anyMatch(file -> new String(file, StandardCharsets.ISO_8859_1).contains(beginning))) {
                    found.add(i);
                }
            }
        }
        return found;
    }
}
