package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.SyncException;
import io.netty.buffer.Unpooled;
import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random and nearly right bytes for all that reads a stranger's. Nothing but a {@link SyncException} comes out, and nothing is
 * held beyond the limits.
 */
class FuzzTest {
    private static final byte[][] WORDS = {
        "\u0013/multistream/1.0.0\n".getBytes(java.nio.charset.StandardCharsets.UTF_8),
        "\u0007/noise\n".getBytes(java.nio.charset.StandardCharsets.UTF_8),
        "\u0003ls\n".getBytes(java.nio.charset.StandardCharsets.UTF_8),
        "\u0003na\n".getBytes(java.nio.charset.StandardCharsets.UTF_8),
        {(byte) 0x80, 1},
        {(byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f},
        {0, 0},
        {1, 0},
        {2, 1, 7},
    };

    private static final int MAX_MESSAGE = 4_096;

    @Test
    void aLittleOfIt() {
        fuzz(new SecureRandom().nextLong(), 200_000);
    }

    @Test
    @Tag("soak")
    void tenMillion() {
        fuzz(new SecureRandom().nextLong(), 10_000_000);
    }

    private static void fuzz(long seed, int inputs) {
        for (int i = 0; i < inputs; i++) {
            SplittableRandom random = new SplittableRandom(seed + i);
            try {
                one(i % 5, random);
            } catch (SyncException e) {
                assertThat(e.getMessage()).as("seed %d", seed + i).isNotBlank();
            } catch (Throwable e) {
                throw new AssertionError("target " + i % 5 + ", seed " + (seed + i), e);
            }
        }
    }

    private static void one(int target, SplittableRandom random) {
        switch (target) {
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

    private static void frames(SplittableRandom random) {
        FrameReader reader = new FrameReader(random.nextBoolean() ? 64 : FrameReader.MAX_FRAME);
        NoiseCipher cipher = new NoiseCipher(new byte[32]);
        byte[] out = new byte[FrameReader.MAX_FRAME];
        var in = Unpooled.wrappedBuffer(bytes(random));
        while (reader.read(in)) {
            int length = reader.take();
            cipher.decrypt(reader.frame(), length, out);
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
        String tail = new String(input, java.nio.charset.StandardCharsets.ISO_8859_1);
        Multiaddr.parse((random.nextBoolean() ? "/ip4/127.0.0.1/tcp/1/p2p/1" : "/ip6/") + tail);
    }
}
