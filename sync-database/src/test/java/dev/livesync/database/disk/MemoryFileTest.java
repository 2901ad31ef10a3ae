package dev.livesync.database.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** A file of pieces and an array, under the same writes, cuts and reads. */
class MemoryFileTest {
    private static final int STEPS = 300;

    @Test
    void aFileOfPiecesIsAnArray() throws IOException {
        for (int seed = 0; seed < 300; seed++) {
            check(seed);
        }
    }

    private static void check(int seed) throws IOException {
        Random random = new Random(seed);
        DiskFile file = new MemoryDisk().create("file");
        byte[] model = new byte[0];
        for (int step = 0; step < STEPS; step++) {
            int at = random.nextInt(3) > 0 ? model.length : random.nextInt(model.length + 1);
            byte[] bytes = new byte[random.nextInt(10) == 0 ? random.nextInt(150_000) : random.nextInt(1_500)];
            random.nextBytes(bytes);
            ByteBuffer source = ByteBuffer.wrap(bytes);
            switch (random.nextInt(8)) {
                case 0 -> {
                    model = Arrays.copyOf(model, at);
                    file.truncate(at);
                    continue;
                }
                case 1, 2, 3 -> file.write(at, source);
                case 4, 5 -> file.writeKept(at, source.asReadOnlyBuffer());
                case 6 -> file.writeKept(at, source);
                default -> {
                    int from = random.nextInt(bytes.length + 1);
                    bytes = Arrays.copyOfRange(bytes, from, bytes.length);
                    ByteBuffer part = source.position(from).asReadOnlyBuffer();
                    file.writeKept(at, part);
                    assertThat(part.hasRemaining())
                            .as("seed %d: consumed", seed)
                            .isFalse();
                }
            }
            model = Arrays.copyOf(model, Math.max(model.length, at + bytes.length));
            System.arraycopy(bytes, 0, model, at, bytes.length);
            compare("seed " + seed + ", step " + step, file, model, random);
        }
        compare("seed " + seed, file, 0, model.length, model);
    }

    private static void compare(String what, DiskFile file, byte[] model, Random random) throws IOException {
        assertThat(file.size()).as(what).isEqualTo(model.length);
        int from = random.nextInt(model.length + 1);
        int length = random.nextInt(3_000);
        compare(what, file, from, length, model);
        ByteBuffer kept = file.kept(from, length);
        if (kept != null) {
            byte[] bytes = new byte[length];
            kept.get(bytes);
            assertThat(bytes).as(what).isEqualTo(Arrays.copyOfRange(model, from, from + length));
        }
    }

    private static void compare(String what, DiskFile file, int from, int length, byte[] model) throws IOException {
        ByteBuffer read = ByteBuffer.allocate(length);
        int expected = Math.min(length, model.length - from);
        assertThat(file.read(from, read)).as(what).isEqualTo(expected == 0 && length > 0 ? -1 : expected);
        assertThat(Arrays.copyOf(read.array(), expected))
                .as(what)
                .isEqualTo(Arrays.copyOfRange(model, from, from + expected));
    }

    @Test
    void aLargeBufferThatNeverChangesIsKeptAndNotChangedByAWriteOverIt() throws IOException {
        DiskFile file = new MemoryDisk().create("file");
        byte[] shared = new byte[2_000];
        Arrays.fill(shared, (byte) 7);
        file.write(0, ByteBuffer.wrap(new byte[10]));
        file.writeKept(10, ByteBuffer.wrap(shared).asReadOnlyBuffer());
        ByteBuffer kept = file.kept(10, 2_000);
        assertThat(kept).isNotNull();
        shared[5] = 8; // only to see that it is the same array
        assertThat(kept.get(5)).isEqualTo((byte) 8);
        assertThat(file.kept(9, 20)).as("of two pieces").isNull();
        assertThat(file.kept(1_990, 21)).as("over the end").isNull();

        file.write(20, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        assertThat(shared[10]).isEqualTo((byte) 7);
        ByteBuffer read = ByteBuffer.allocate(3);
        file.read(20, read);
        assertThat(read.array()).containsExactly(1, 2, 3);
        assertThat(file.kept(10, 2_000)).as("no longer as it was kept").isNull();
    }
}
