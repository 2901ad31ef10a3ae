package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.Aead;
import dev.livesync.api.internal.noise.CipherState;
import dev.livesync.transport.support.libp2p.MessageDecoder;
import dev.livesync.transport.support.libp2p.Multiaddr;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;

/**
 * All that reads a stranger's bytes. Nothing but a {@link SyncException} comes out, every call returns, and nothing is held or
 * allocated beyond the limits.
 */
enum FuzzTarget {
    MULTISTREAM,
    FRAMES,
    YAMUX,
    MESSAGES,
    TEXTS;

    private static final int MAX_MESSAGE = 4_096;
    /** An input is some hundred bytes; the largest thing that it may ask for is a frame of 64 KiB. */
    private static final long MAX_ALLOCATED = 512 * 1024;

    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private static final byte[] KEY = new byte[32];
    private static final byte[] PLAIN = new byte[FrameReader.MAX_FRAME];

    private void run(FuzzInput choice) {
        switch (this) {
            case MULTISTREAM -> multistream(choice);
            case FRAMES -> frames(choice);
            case YAMUX -> yamux(choice);
            case MESSAGES -> messages(choice);
            case TEXTS -> texts(choice);
        }
    }

    /** Whether the input, anew each time, is refused; an error if it does anything else that it mustn't. */
    boolean isRefused(Supplier<? extends FuzzInput> input) {
        return isRefused(() -> run(input.get()));
    }

    /** What loads a class the first time may allocate a lot, the second time nothing may. */
    static boolean isRefused(Runnable run) {
        long taken = 0;
        for (int i = 0; i < 2; i++) {
            long before = THREADS.getCurrentThreadAllocatedBytes();
            boolean refused = isRefusedOnce(run);
            taken = THREADS.getCurrentThreadAllocatedBytes() - before;
            if (taken <= MAX_ALLOCATED) {
                return refused;
            }
        }
        throw new AssertionError("the input made us allocate " + taken + " bytes");
    }

    private static boolean isRefusedOnce(Runnable run) {
        try {
            run.run();
            return false;
        } catch (SyncException e) {
            if (e.getMessage().isBlank()) {
                throw new AssertionError("refused without a word", e);
            }
            return true;
        }
    }

    private static void multistream(FuzzInput choice) {
        long[] said = {0};
        Multistream side = choice.flag()
                ? Multistream.answer(List.of("/noise"), out -> said[0] += out.length)
                : Multistream.propose("/noise", out -> said[0] += out.length);
        byte[] input = choice.bytes();
        side.receive(input, 0, input.length);
        assertThat(said[0]).isLessThanOrEqualTo(64 + 32L * input.length);
    }

    /** Real frames, some of them damaged, cut, or in the wrong order: what comes out is what went in, or nothing. */
    private static void frames(FuzzInput choice) {
        CipherState sending = new CipherState(Aead.CHACHA20_POLY1305, KEY);
        ByteBuf in = Unpooled.buffer();
        List<byte[]> sent = new ArrayList<>();
        int frames = choice.below(4);
        for (int i = 0; i < frames; i++) {
            byte[] plain = choice.bytes();
            byte[] frame = sending.encrypt(new byte[0], plain);
            sent.add(plain);
            in.writeShort(choice.below(20) == 0 ? choice.below(1 << 16) : frame.length)
                    .writeBytes(frame, 0, choice.below(20) == 0 ? choice.below(frame.length) : frame.length);
        }
        in.writeBytes(choice.below(4) == 0 ? choice.bytes() : new byte[0]);
        if (in.isReadable() && choice.below(4) == 0) {
            int at = choice.below(in.readableBytes());
            in.setByte(at, in.getByte(at) ^ 1 << choice.below(8));
        }
        FrameReader reader = new FrameReader(choice.flag() ? 64 : FrameReader.MAX_FRAME);
        CipherState receiving = new CipherState(Aead.CHACHA20_POLY1305, KEY);
        int received = 0;
        while (in.isReadable()) {
            ByteBuf piece = in.readSlice(1 + choice.below(in.readableBytes()));
            while (reader.read(piece)) {
                int length = receiving.decrypt(reader.frame(), reader.take(), PLAIN);
                assertThat(Arrays.copyOf(PLAIN, length)).isEqualTo(sent.get(received++));
            }
        }
    }

    private static void yamux(FuzzInput choice) {
        long[] held = {0};
        YamuxStream[] last = {null};
        Yamux[] made = {null};
        made[0] = new Yamux(choice.flag(), 4, new Yamux.Owner() {
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
            public void forgotten(YamuxStream stream) {
                // counted below
            }
        });
        byte[] out = new byte[256];
        for (int i = 0; i < 12; i++) {
            byte[] frame = choice.bytes(Yamux.HEADER + choice.below(16));
            long length = choice.below(3) == 0 ? choice.number() : frame.length - Yamux.HEADER;
            Yamux.header(frame, 0, choice.below(5), 1 << choice.below(5) >> 1, choice.below(9), length);
            if (choice.below(20) == 0) {
                frame[choice.below(frame.length)] ^= (byte) (1 << choice.below(8));
            }
            made[0].receive(frame, 0, frame.length);
            if (last[0] != null && choice.flag()) {
                last[0].write(ByteBuffer.wrap(new byte[100]));
            }
            while (choice.flag() && made[0].hasOutput() && made[0].fill(out, 0, out.length) > 0) {
                // the rest waits
            }
            assertThat(made[0].openStreams()).isLessThanOrEqualTo(4);
        }
        assertThat(held[0]).isLessThanOrEqualTo(4L * Yamux.INITIAL_WINDOW);
    }

    private static void messages(FuzzInput choice) {
        MessageDecoder decoder = new MessageDecoder(MAX_MESSAGE);
        byte[] input = choice.bytes();
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

    private static void texts(FuzzInput choice) {
        byte[] input = choice.bytes();
        try {
            StaticKey.verify(input, new byte[32]);
        } catch (SyncException e) {
            // and on to the next
        }
        String tail = new String(input, StandardCharsets.ISO_8859_1);
        Multiaddr.parse((choice.flag() ? "/ip4/127.0.0.1/tcp/1/p2p/1" : "/ip6/") + tail, PeerId::parse);
    }
}
