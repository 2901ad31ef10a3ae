package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.BlockExchange;
import dev.livesync.api.replica.BlockRequests;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.database.disk.MemoryDisk;
import dev.livesync.database.replica.ReplicaParts;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Three replicas that put, erase, sync, fetch, compact and restart at random, against sets of what each has been told and was given. */
@ExtendWith(Quiet.class)
class ErasureModelTest {
    private static final int REPLICAS = 3;
    private static final int CONTENTS = 8;
    private static final int IDS = 5;

    @Test
    void erasedIsGoneAndAllElseStays() {
        run(1, 5, 40);
    }

    @Test
    @Tag("soak")
    void erasedIsGoneAndAllElseStaysInManyHistories() {
        run(1_000, 500, 150);
    }

    private static void run(int seed, int seeds, int steps) {
        for (int i = seed; i < seed + seeds; i++) {
            World world = new World(i);
            try {
                for (int step = 0; step < steps; step++) {
                    world.step();
                }
                world.finish();
            } catch (AssertionError | RuntimeException e) {
                throw new AssertionError("seed " + i + ": " + world.steps, e);
            } finally {
                world.close();
            }
        }
    }

    /** A version of a document, or a record. */
    private record Version(String id, int content) {}

    /** What one replica should know and have. */
    private static final class Model {
        final Set<Version> versions = new HashSet<>();
        final Set<Integer> erased = new TreeSet<>();
        final Set<Integer> has = new TreeSet<>();
        /** Since it was opened. */
        final Set<Integer> put = new TreeSet<>();
    }

    private static final class World {
        final List<String> steps = new ArrayList<>();
        private final Random random;
        private final byte[][] contents = new byte[CONTENTS][];
        private final Attachment[] attachments = new Attachment[CONTENTS];
        private final List<Set<Cid>> blocks = new ArrayList<>();
        private final MemoryDisk[] disks = new MemoryDisk[REPLICAS];
        private final Database[] databases = new Database[REPLICAS];
        private final Model[] models = new Model[REPLICAS];
        private final boolean[] byHand = new boolean[REPLICAS];

        World(int seed) {
            random = new Random(seed);
            byte[][] parts = new byte[4][];
            for (int i = 0; i < parts.length; i++) {
                parts[i] = new byte[20_000 + random.nextInt(60_000)];
                random.nextBytes(parts[i]);
            }
            for (int i = 0; i < CONTENTS; i++) {
                contents[i] =
                        i < 2 ? Arrays.copyOf(parts[i], 10_000) : joined(parts[i % 3], parts[random.nextInt(4)], i);
                try (Database alone = Database.inMemory()) {
                    attachments[i] = put(alone, contents[i]);
                    Set<Cid> all = new HashSet<>();
                    alone.embedded().attachments().store().forEach(all::add);
                    blocks.add(all);
                }
            }
            for (int i = 0; i < REPLICAS; i++) {
                disks[i] = new MemoryDisk();
                models[i] = new Model();
                byHand[i] = random.nextBoolean();
                open(i);
            }
        }

        private static byte[] joined(byte[] a, byte[] b, int last) {
            byte[] both = Arrays.copyOf(a, a.length + b.length + 1);
            System.arraycopy(b, 0, both, a.length, b.length);
            both[a.length + b.length] = (byte) last;
            return both;
        }

        private void open(int i) {
            DatabaseOptions options = DatabaseOptions.builder()
                    .segmentBytes(50_000)
                    .random(new SplittableRandom(random.nextLong()))
                    .maintenance(byHand[i] ? task -> {} : Runnable::run)
                    .build();
            databases[i] = Database.on(disks[i], null, options, true, ReplicaParts.REAL);
        }

        private static Attachment put(Database db, byte[] content) {
            try {
                return db.attachments().put(new ByteArrayInputStream(content), "a/b");
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        void step() {
            int i = random.nextInt(REPLICAS);
            int j = (i + 1 + random.nextInt(REPLICAS - 1)) % REPLICAS;
            int content = random.nextInt(CONTENTS);
            String id = "d" + random.nextInt(IDS);
            int what = random.nextInt(100);
            steps.add(i + " " + what + " " + j + " " + content + " " + id);
            if (what < 35) {
                put(i, id, content);
            } else if (what < 55) {
                sync(j, i);
            } else if (what < 70) {
                sync(j, i);
                fetch(j, i, content);
            } else if (what < 77) {
                erase(i, id);
            } else if (what < 80) {
                databases[i].erasures().erase(attachments[content]);
                erased(models[i], Set.of(content));
            } else if (what < 90) {
                databases[i].compact();
                compacted(i);
            } else {
                reopen(i);
            }
            check(i);
        }

        private void put(int i, String id, int content) {
            Model model = models[i];
            if (model.erased.contains(content)) {
                refused(ErrorKind.REFUSED, () -> put(databases[i], contents[content]));
                return;
            }
            assertThat(put(databases[i], contents[content])).isEqualTo(attachments[content]);
            databases[i].put(id, Map.of("f", attachments[content].stub()));
            model.versions.add(new Version(id, content));
            model.has.add(content);
            model.put.add(content);
        }

        private void sync(int from, int to) {
            Replicas.commit(databases[to], Replicas.events(databases[from]));
            models[to].versions.addAll(models[from].versions);
            erased(models[to], models[from].erased);
        }

        private static void erased(Model model, Set<Integer> contents) {
            model.erased.addAll(contents);
            model.has.removeAll(contents);
        }

        private void fetch(int from, int to, int content) {
            try (BlockRequests requests = exchange(to).requests(() -> {});
                    InputStream reading = databases[to].attachments().open(attachments[content])) {
                for (List<Cid> wanted = requests.next(4); !wanted.isEmpty(); wanted = requests.next(4)) {
                    for (Cid cid : wanted) {
                        Block block = exchange(from).block(cid);
                        if (block == null) {
                            requests.absent(cid);
                        } else {
                            requests.received(block);
                        }
                    }
                }
                if (models[from].has.contains(content)
                        && !models[to].erased.contains(content)
                        && gives(from, content)) {
                    assertThat(reading.readAllBytes()).isEqualTo(contents[content]);
                    // What no document names stays until it is collected.
                    models[to].has.add(content);
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }

        /** Whether no peer waits for a collection: until then nobody is given what an erased content may share. */
        private boolean gives(int i, int content) {
            return !byHand[i]
                    || models[i].erased.stream()
                            .allMatch(gone -> Collections.disjoint(blocks.get(gone), blocks.get(content)));
        }

        private void erase(int i, String id) {
            Model model = models[i];
            Set<Integer> roots = new TreeSet<>();
            model.versions.stream().filter(v -> v.id.equals(id)).forEach(v -> roots.add(v.content));
            boolean shared = model.versions.stream().anyMatch(v -> !v.id.equals(id) && roots.contains(v.content));
            try {
                Set<Cid> fresh = databases[i].erasures().erase(List.of(id)).roots();
                Set<Cid> expected = new HashSet<>();
                roots.stream()
                        .filter(root -> !model.erased.contains(root))
                        .forEach(root -> expected.add(attachments[root].root()));
                assertThat(fresh).isEqualTo(expected);
                assertThat(model.versions).anyMatch(v -> v.id.equals(id));
                erased(model, roots);
            } catch (SyncException e) {
                if (e.kind() == ErrorKind.CONFLICT) {
                    assertThat(shared).isTrue();
                } else {
                    assertThat(e.kind()).isEqualTo(ErrorKind.NOT_FOUND);
                    assertThat(model.versions).noneMatch(v -> v.id.equals(id));
                }
            }
        }

        private void reopen(int i) {
            databases[i].close();
            models[i].put.clear();
            open(i);
        }

        private Set<Integer> named(Model model) {
            Set<Integer> named = new TreeSet<>(model.put);
            model.versions.forEach(v -> named.add(v.content));
            named.removeAll(model.erased);
            return named;
        }

        /** What nobody names is gone, and of what is erased there is nothing in the files but what others share. */
        private void compacted(int i) {
            Model model = models[i];
            model.has.retainAll(named(model));
            assertThat(databases[i].erasures().remaining()).isZero();
            for (int content : model.has) {
                assertThat(blocks.get(content))
                        .as("given out again, of content " + content)
                        .allMatch(cid -> exchange(i).block(cid) != null);
            }
            byte[][] others = IntStream.range(0, CONTENTS)
                    .filter(c -> !model.erased.contains(c))
                    .mapToObj(c -> contents[c])
                    .toArray(byte[][]::new);
            for (int gone : model.erased) {
                assertThat(Remains.in(disks[i], contents[gone], others))
                        .as("of content " + gone)
                        .isZero();
            }
        }

        private void check(int i) {
            Model model = models[i];
            Database db = databases[i];
            Set<Cid> known = new HashSet<>();
            model.erased.forEach(c -> known.add(attachments[c].root()));
            assertThat(db.erasures().roots()).isEqualTo(known);
            for (int content : model.has) {
                try (InputStream in = db.attachments().open(attachments[content])) {
                    assertThat(in.readAllBytes()).as("content " + content).isEqualTo(contents[content]);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
            Set<Cid> shared = new HashSet<>();
            for (int c = 0; c < CONTENTS; c++) {
                if (!model.erased.contains(c)) {
                    shared.addAll(blocks.get(c));
                }
            }
            for (int gone : model.erased) {
                refused(ErrorKind.NOT_FOUND, () -> db.attachments().fetch(attachments[gone]));
                assertThat(db.attachments().missing(attachments[gone])).isEqualTo(contents[gone].length);
                for (Cid cid : blocks.get(gone)) {
                    assertThat(shared.contains(cid)
                                    || exchange(i).block(cid) == null
                                            && !exchange(i).has(cid))
                            .as("block " + cid + " of content " + gone + " is kept back")
                            .isTrue();
                }
            }
        }

        private BlockExchange exchange(int i) {
            return databases[i].replica().blocks().orElseThrow();
        }

        private static void refused(ErrorKind kind, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
            assertThatThrownBy(call)
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind));
        }

        /** All meet: all have been told the same, and what anybody had of the rest is still there. */
        void finish() {
            for (int round = 0; round < 2; round++) {
                for (int i = 0; i < REPLICAS; i++) {
                    sync((i + 1) % REPLICAS, i);
                }
            }
            for (int i = 0; i < REPLICAS; i++) {
                assertThat(databases[i].erasures().roots())
                        .isEqualTo(databases[0].erasures().roots());
                databases[i].compact();
                compacted(i);
                check(i);
                assertThat(databases[i].verify().problems()).isEmpty();
            }
        }

        void close() {
            for (Database database : databases) {
                database.close();
            }
        }
    }
}
