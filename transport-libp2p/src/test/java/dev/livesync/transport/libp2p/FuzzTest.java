package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.livesync.api.SyncException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Random and nearly right bytes for all that reads a stranger's. Nothing but a {@link SyncException} comes out, every call
 * returns, and nothing is held or allocated beyond the limits. {@code -Dfuzz.inputs} says how many, {@code -Dfuzz.seed} where
 * to begin: input {@code n} depends on {@code seed + n} alone.
 */
class FuzzTest {
    private static final byte[][] WORDS = {
        "\u0013/multistream/1.0.0\n".getBytes(StandardCharsets.UTF_8),
        "\u0007/noise\n".getBytes(StandardCharsets.UTF_8),
        "\u0003ls\n".getBytes(StandardCharsets.UTF_8),
        "\u0003na\n".getBytes(StandardCharsets.UTF_8),
        {(byte) 0x80, 1},
        {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f},
        {0, 0},
        {1, 0},
        {2, 1, 7},
    };

    private static final int MAX_MESSAGE = 4_096;
    private static final int TARGETS = 5;
    /** An input is some hundred bytes; the largest thing that it may ask for is a frame of 64 KiB. */
    private static final long MAX_ALLOCATED = 512 * 1024;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final byte[] KEY = new byte[32];
    private static final byte[] PLAIN = new byte[FrameReader.MAX_FRAME];

    @Test
    @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aLittleOfIt() {
        fuzz(200_000);
    }

    @Test
    @Tag("soak")
    void tenMillion() {
        fuzz(10_000_000);
    }

    private static void fuzz(int usually) {
        int inputs = Integer.getInteger("fuzz.inputs", usually);
        long first = Long.getLong("fuzz.seed", new SecureRandom().nextLong());
        long refused = 0;
        for (long seed = first - 20 * TARGETS; seed < first; seed++) {
            isRefused(seed); // loads what there is to load, which isn't an input's doing
        }
        for (long seed = first; seed < first + inputs; seed++) {
            long before = allocated();
            refused += isRefused(seed) ? 1 : 0;
            long taken = allocated() - before;
            if (taken > MAX_ALLOCATED) {
                throw new AssertionError("seed " + seed + " made us allocate " + taken + " bytes");
            }
        }
        System.out.printf("%,d inputs from seed %d on, %,d of them refused%n", inputs, first, refused);
        assertThat(refused)
                .as("refused of %d inputs from seed %d on", inputs, first)
                .isBetween(inputs / 10L, inputs * 9L / 10);
    }

    private static boolean isRefused(long seed) {
        try {
            one(seed);
            return false;
        } catch (SyncException e) {
            if (e.getMessage().isBlank()) {
                throw new AssertionError("seed " + seed + " is refused without a word", e);
            }
            return true;
        } catch (Throwable e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    private static long allocated() {
        return THREADS.getCurrentThreadAllocatedBytes();
    }

    private static void one(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        switch ((int) Math.floorMod(seed, (long) TARGETS)) {
            case 0 -> multistream(random);
            case 1 -> frames(random);
            case 2 -> yamux(random);
            case 3 -> messages(random);
            default -> texts(random);
        }
    }

    private static byte[] bytes(SplittableRandom random) {
        byte[] all = new byte[0];
        int parts = random.nextInt(6);
        for (int i = 0; i < parts; i++) {
            byte[] part;
            if (random.nextBoolean()) {
                part = WORDS[random.nextInt(WORDS.length)];
            } else {
                part = new byte[random.nextInt(40)];
                random.nextBytes(part);
            }
            all = Keys.concat(all, part);
        }
        if (all.length > 0 && random.nextInt(3) == 0) {
            all[random.nextInt(all.length)] ^= (byte) (1 << random.nextInt(8));
        }
        return all;
    }

    private static void multistream(SplittableRandom random) {
        long[] said = {0};
        Multistream side = random.nextBoolean()
                ? Multistream.answer(List.of("/noise"), out -> said[0] += out.length)
                : Multistream.propose("/noise", out -> said[0] += out.length);
        byte[] input = bytes(random);
        side.receive(input, 0, input.length);
        assertThat(said[0]).isLessThanOrEqualTo(64 + 32L * input.length);
    }

    /** Real frames, some of them damaged, cut, or in the wrong order: what comes out is what went in, or nothing. */
    private static void frames(SplittableRandom random) {
        NoiseCipher sending = new NoiseCipher(KEY);
        ByteBuf in = Unpooled.buffer();
        List<byte[]> sent = new ArrayList<>();
        int frames = random.nextInt(4);
        for (int i = 0; i < frames; i++) {
            byte[] plain = bytes(random);
            byte[] frame = sending.encrypt(new byte[0], plain);
            sent.add(plain);
            in.writeShort(random.nextInt(20) == 0 ? random.nextInt(1 << 16) : frame.length)
                    .writeBytes(frame, 0, random.nextInt(20) == 0 ? random.nextInt(frame.length) : frame.length);
        }
        in.writeBytes(random.nextInt(4) == 0 ? bytes(random) : new byte[0]);
        if (in.isReadable() && random.nextInt(4) == 0) {
            int at = random.nextInt(in.readableBytes());
            in.setByte(at, in.getByte(at) ^ 1 << random.nextInt(8));
        }
        FrameReader reader = new FrameReader(random.nextBoolean() ? 64 : FrameReader.MAX_FRAME);
        NoiseCipher receiving = new NoiseCipher(KEY);
        int received = 0;
        while (in.isReadable()) {
            ByteBuf piece = in.readSlice(1 + random.nextInt(in.readableBytes()));
            while (reader.read(piece)) {
                int length = receiving.decrypt(reader.frame(), reader.take(), PLAIN);
                assertThat(Arrays.copyOf(PLAIN, length)).isEqualTo(sent.get(received++));
            }
        }
    }

    private static void yamux(SplittableRandom random) {
        long[] held = {0};
        YamuxStream[] last = {null};
        Yamux[] made = {null};
        made[0] = new Yamux(random.nextBoolean(), 4, new Yamux.Owner() {
            @Override
            public YamuxStream.Reader opened(YamuxStream stream) {
                last[0] = stream;
                return new YamuxStream.Reader() {
                    @Override
                    public void onBytes(byte[] bytes, int offset, int count) {
                        held[0] += count; // never consumed: the window is all there is
                    }

                    @Override
                    public void onFinished() {
                        stream.finishNow();
                    }

                    @Override
                    public void onBroken(SyncException reason) {
                        // over
                    }
                };
            }

            @Override
            public void goneAway(long code) {
                // no more streams
            }

            @Override
            public void forgotten() {
                // counted below
            }
        });
        byte[] out = new byte[256];
        for (int i = 0; i < 12; i++) {
            byte[] frame = new byte[Yamux.HEADER + random.nextInt(16)];
            random.nextBytes(frame);
            long length = random.nextInt(3) == 0 ? random.nextLong() : frame.length - Yamux.HEADER;
            Yamux.header(frame, 0, random.nextInt(5), 1 << random.nextInt(5) >> 1, random.nextInt(9), length);
            if (random.nextInt(20) == 0) {
                frame[random.nextInt(frame.length)] ^= (byte) (1 << random.nextInt(8));
            }
            made[0].receive(frame, 0, frame.length);
            if (last[0] != null && random.nextBoolean()) {
                last[0].write(ByteBuffer.wrap(new byte[100]));
            }
            while (random.nextBoolean() && made[0].hasOutput() && made[0].fill(out, 0, out.length) > 0) {
                // the rest waits
            }
            assertThat(made[0].openStreams()).isLessThanOrEqualTo(4);
        }
        assertThat(held[0]).isLessThanOrEqualTo(4L * Yamux.INITIAL_WINDOW);
    }

    private static void messages(SplittableRandom random) {
        MessageDecoder decoder = new MessageDecoder(MAX_MESSAGE);
        byte[] input = bytes(random);
        int at = 0;
        while (at < input.length) {
            int taken = decoder.receive(input, at, input.length - at);
            var message = decoder.take();
            if (message != null) {
                assertThat(message.size()).isLessThanOrEqualTo(MAX_MESSAGE);
            }
            assertThat(taken).isPositive();
            at += taken;
        }
    }

    private static void texts(SplittableRandom random) {
        byte[] input = bytes(random);
        try {
            StaticKey.verify(input, new byte[32]);
        } catch (SyncException e) {
            // and on to the next
        }
        String tail = new String(input, StandardCharsets.ISO_8859_1);
        Multiaddr.parse((random.nextBoolean() ? "/ip4/127.0.0.1/tcp/1/p2p/1" : "/ip6/") + tail);
    }
}
