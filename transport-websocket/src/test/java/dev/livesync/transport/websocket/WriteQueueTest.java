package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.java_websocket.enums.Opcode;
import org.java_websocket.enums.Role;
import org.java_websocket.framing.BinaryFrame;
import org.java_websocket.framing.Framedata;
import org.java_websocket.framing.PongFrame;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WriteQueueTest {
    /** Takes all that it is given, or a random part of it, and notices two writers at once. */
    private static final class Sink implements Wire {
        private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
        private final AtomicBoolean busy = new AtomicBoolean();
        private final AtomicInteger overlaps = new AtomicInteger();
        private @Nullable SplittableRandom random;
        private boolean forAnyThread = true;
        private boolean broken;

        @Override
        public int write(ByteBuffer bytes) throws IOException {
            if (!busy.compareAndSet(false, true)) {
                overlaps.incrementAndGet();
            }
            try {
                if (broken) {
                    throw new IOException("on purpose");
                }
                int count = random == null || random.nextInt(4) > 0
                        ? bytes.remaining()
                        : random.nextInt(bytes.remaining() + 1);
                byte[] part = new byte[count];
                bytes.get(part);
                taken.writeBytes(part);
                return count;
            } finally {
                busy.set(false);
            }
        }

        @Override
        public ByteBuffer output() {
            return ByteBuffer.allocate(1_000);
        }

        @Override
        public boolean isForAnyThread() {
            return forAnyThread;
        }

        @Override
        public boolean advance() {
            return true;
        }

        @Override
        public int read(ByteBuffer into) {
            return 0;
        }

        @Override
        public boolean canRead() {
            return true;
        }

        @Override
        public boolean hasInput() {
            return false;
        }

        @Override
        public boolean isDrained() {
            return true;
        }

        @Override
        public boolean hasOutput() {
            return false;
        }

        @Override
        public void flush() {}

        @Override
        public void shutdownOutput() {}

        @Override
        public Optional<byte[]> binding() {
            return Optional.empty();
        }
    }

    private static final int LIMIT = 1 << 20;

    private final FrameCodec codec = new FrameCodec(Role.CLIENT, LIMIT);

    private Outgoing message(int number, int size) {
        byte[] payload = new byte[4 + size];
        ByteBuffer.wrap(payload).putInt(number);
        BinaryFrame frame = new BinaryFrame();
        frame.setPayload(ByteBuffer.wrap(payload));
        return codec.encode(frame);
    }

    private WriteQueue queue(Sink sink) {
        WriteQueue queue = new WriteQueue(sink);
        queue.permit();
        return queue;
    }

    @Test
    void aSenderWritesOneMessageForEachTimeThatSomethingWasRead() {
        Sink sink = new Sink();
        WriteQueue queue = queue(sink);
        queue.permit();
        assertThat(queue.addOrWrite(message(0, 10))).as("left of the first").isFalse();
        assertThat(queue.buffered()).isZero();
        assertThat(queue.addOrWrite(message(1, 10))).as("left of the second").isTrue();
        assertThat(queue.buffered()).isPositive();
        queue.permit();
        assertThat(queue.addOrWrite(message(2, 10))).as("left behind another").isTrue();
    }

    @Test
    void theLoopWritesWhatNoSenderMay() {
        Outgoing large = message(0, 100_000);
        assertThat(queue(new Sink()).addOrWrite(large)).as("a large one").isTrue();
        assertThat(new WriteQueue(new Sink()).addOrWrite(message(0, 1)))
                .as("nothing was read")
                .isTrue();
        Sink encrypting = new Sink();
        encrypting.forAnyThread = false;
        assertThat(queue(encrypting).addOrWrite(message(0, 1)))
                .as("a wire of the loop's only")
                .isTrue();
        Thread.currentThread().interrupt();
        try {
            assertThat(queue(new Sink()).addOrWrite(message(0, 1)))
                    .as("interrupted: writing might close the socket")
                    .isTrue();
        } finally {
            assertThat(Thread.interrupted()).as("keeps its flag").isTrue();
        }
    }

    @Test
    void aFailureIsLeftToTheLoop() {
        Sink sink = new Sink();
        sink.broken = true;
        WriteQueue queue = queue(sink);
        assertThat(queue.addOrWrite(message(0, 10))).isTrue();
        assertThatExceptionOfType(IOException.class).isThrownBy(queue::write);
        queue.drop();
        assertThat(queue.buffered()).isZero();
    }

    /** One sends, the loop answers pings and writes, and the wire takes what it likes. */
    @Test
    void frameAfterFrameWhoeverWrites() throws Exception {
        long seed = System.nanoTime();
        Sink sink = new Sink();
        sink.random = new SplittableRandom(seed);
        WriteQueue queue = new WriteQueue(sink);
        int count = 20_000;
        Thread sender = new Thread(() -> {
            SplittableRandom random = new SplittableRandom(seed + 1);
            for (int i = 0; i < count; i++) {
                queue.permit();
                queue.addOrWrite(message(i, random.nextInt(random.nextInt(20) == 0 ? 10_000 : 200)));
            }
        });
        sender.start();
        FrameCodec pongs = new FrameCodec(Role.CLIENT, LIMIT);
        int answered = 0;
        while (sender.isAlive() || queue.buffered() > 0) {
            if (answered < 1_000) {
                queue.add(pongs.encode(new PongFrame()));
                answered++;
            }
            queue.write();
        }
        sender.join();
        assertThat(queue.buffered()).as("seed %d", seed).isZero();
        assertThat(sink.overlaps).as("seed %d", seed).hasValue(0);
        List<Framedata> frames =
                new FrameCodec(Role.SERVER, LIMIT).translateFrame(ByteBuffer.wrap(sink.taken.toByteArray()));
        List<Integer> numbers = frames.stream()
                .filter(frame -> frame.getOpcode() == Opcode.BINARY)
                .map(frame -> frame.getPayloadData().getInt())
                .toList();
        assertThat(numbers)
                .as("seed %d", seed)
                .isEqualTo(IntStream.range(0, count).boxed().toList());
        assertThat(frames).as("seed %d", seed).hasSize(count + answered);
    }
}
