package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.SplittableRandom;
import org.java_websocket.enums.Role;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.framing.Framedata;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OutgoingTest {
    private static final int LIMIT = 1 << 20;

    private static Outgoing frame(Role role, byte[] payload) {
        BinaryFrame frame = new BinaryFrame();
        frame.setPayload(ByteBuffer.wrap(payload));
        return new FrameCodec(role, LIMIT).encode(frame);
    }

    /** A socket takes what it likes of a buffer, and the rest is copied again, masked as it would have been. */
    @ParameterizedTest
    @EnumSource(Role.class)
    void whateverTheSocketTakesTheFrameIsTheSame(Role role) throws Exception {
        long seed = System.nanoTime();
        SplittableRandom random = new SplittableRandom(seed);
        for (int size : new int[] {0, 1, 7, 125, 126, 1_000, 65_535, 65_536, 100_000}) {
            byte[] payload = new byte[size];
            random.nextBytes(payload);
            byte[] untouched = payload.clone();
            Outgoing frame = frame(role, payload);
            ByteBuffer taken = ByteBuffer.allocate(frame.remaining());
            while (frame.remaining() > 0) {
                ByteBuffer buffer = random.nextBoolean()
                        ? ByteBuffer.allocateDirect(random.nextInt(1, 10_000))
                        : ByteBuffer.allocate(random.nextInt(1, 100));
                buffer.position(random.nextInt(buffer.capacity()));
                int from = buffer.position();
                int offered = Math.min(frame.remaining(), buffer.remaining());
                frame.copyTo(buffer);
                assertThat(buffer.position()).as("seed %d", seed).isEqualTo(from + offered);
                int takes = random.nextInt(offered + 1);
                taken.put(buffer.slice(from, takes));
                frame.skip(takes);
            }
            Role reader = role == Role.CLIENT ? Role.SERVER : Role.CLIENT;
            List<Framedata> read = new FrameCodec(reader, LIMIT).translateFrame(taken.flip());
            assertThat(read).as("seed %d, %d bytes", seed, size).hasSize(1);
            assertThat(read.get(0).getPayloadData().array())
                    .as("seed %d, %d bytes", seed, size)
                    .isEqualTo(payload);
            assertThat(payload).as("the sender's").isEqualTo(untouched);
        }
    }

    @ParameterizedTest
    @EnumSource(Role.class)
    void aFrameTakesNoMemoryForItsPayload(Role role) {
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] payload = new byte[LIMIT];
        assertThat(frame(role, payload).remaining()).isGreaterThan(LIMIT); // and classes are loaded
        long before = threads.getCurrentThreadAllocatedBytes();
        Outgoing frame = frame(role, payload);
        long allocated = threads.getCurrentThreadAllocatedBytes() - before;
        assertThat(frame.remaining()).isGreaterThan(LIMIT);
        assertThat(allocated).isLessThan(LIMIT / 10);
    }
}
