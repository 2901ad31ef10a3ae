package dev.livesync.core.multiplex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.transport.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Two ends with pipes between them, against a model that keeps a list of messages for each direction of each channel: what arrives is a beginning of
 * what was sent, all of it where nobody gave up, whatever is done in whatever order, and whichever channels nobody reads.
 */
class MultiplexerModelTest {
    private static final int RUNS = 300;
    private static final int STEPS = 600;
    private static final byte[] TOKEN = new byte[NameToken.BYTES];

    /** One direction of one channel, as a naive observer writes it down. */
    private static final class Way {
        final List<Message> sent = new ArrayList<>();
        final Deque<Integer> unread = new ArrayDeque<>();
        int arrived;
        int unreadBytes;
        boolean busy;
        boolean senderEnded;
        boolean senderReset;
        boolean toldEnd;
        boolean toldReset;
    }

    private static final class End implements Multiplexer.Host {
        final Multiplexer mux;
        final Map<Long, Way> out = new TreeMap<>();
        final Deque<Multiplexer.OutgoingFrame> pipe = new ArrayDeque<>();
        final List<Long> wanted = new ArrayList<>();
        Map<Long, Way> in = Map.of();

        End(boolean dialler, int frameBytes) {
            mux = new Multiplexer(dialler, this);
            mux.limitFrames(frameBytes);
        }

        @Override
        public void wanted(long channel, byte[] token) {
            wanted.add(channel);
        }

        @Override
        public void opened(long channel) {
            out.put(channel, new Way());
        }

        @Override
        public void message(long channel, Message message, int cost) {
            Way way = in.get(channel);
            assertThat(way.toldEnd || way.toldReset).isFalse();
            Message expected = way.sent.get(way.arrived++);
            assertThat(message.kind()).isEqualTo(expected.kind());
            assertThat(message.payload()).isEqualTo(expected.payload());
            way.unread.add(cost);
            way.unreadBytes += cost;
            assertThat(way.unreadBytes).isLessThanOrEqualTo(MuxLimits.WINDOW);
        }

        @Override
        public void ended(long channel) {
            Way way = in.get(channel);
            assertThat(way.senderEnded).isTrue();
            assertThat(way.arrived).isEqualTo(way.sent.size());
            way.toldEnd = true;
        }

        @Override
        public void reset(long channel, int reason) {
            Way way = in.get(channel);
            if (way != null) {
                assertThat(way.senderReset).isTrue();
                way.toldReset = true;
            }
            gone(channel);
        }

        @Override
        public void tooLong(long channel) {
            throw new AssertionError("no message was too long");
        }

        void gone(long channel) {
            Way way = out.get(channel);
            if (way != null) {
                way.busy = false;
            }
        }

        boolean poll() {
            Multiplexer.OutgoingFrame output = mux.poll();
            if (output == null) {
                return false;
            }
            Way way = out.get(output.channel());
            if (output.sent()) {
                assertThat(way.busy).isTrue();
                way.busy = false;
            }
            pipe.add(output);
            return true;
        }
    }

    private final SplittableRandom seeds = new SplittableRandom();

    @Test
    void whatArrivesIsWhatWasSentAndChannelsDontWaitForEachOther() {
        for (int run = 0; run < RUNS; run++) {
            long seed = seeds.nextLong();
            try {
                new World(seed).play();
            } catch (Throwable e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
    }

    private static final class World {
        final SplittableRandom random;
        final End near;
        final End far;
        /** Nobody reads this one, in either direction. */
        final long unread;

        World(long seed) {
            random = new SplittableRandom(seed);
            near = new End(true, 1_024 + random.nextInt(40_000));
            far = new End(false, 1_024 + random.nextInt(40_000));
            near.in = far.out;
            far.in = near.out;
            unread = random.nextInt(4);
        }

        void play() {
            for (int i = 0; i < STEPS; i++) {
                step(random.nextBoolean() ? near : far);
            }
            drain();
            check(near, far);
            check(far, near);
            near.out.keySet().forEach(near.mux::end);
            far.out.keySet().forEach(far.mux::end);
            near.out.values().forEach(way -> way.senderEnded = true);
            far.out.values().forEach(way -> way.senderEnded = true);
            near.mux.reset(unread, Multiplexer.ABORTED); // what it had to send waits for a reader otherwise
            far.mux.reset(unread, Multiplexer.ABORTED);
            List.of(near, far)
                    .forEach(end -> end.out.computeIfPresent(unread, (channel, way) -> {
                        way.senderReset = true;
                        return way;
                    }));
            drain();
            assertThat(near.mux.size()).isZero();
            assertThat(far.mux.size()).isZero();
        }

        private void step(End end) {
            End other = end == near ? far : near;
            switch (random.nextInt(12)) {
                case 0 -> open();
                case 1 -> accept();
                case 2, 3, 4 -> send(end);
                case 5, 6 -> read(end);
                case 7 -> finish(end);
                case 8, 9 -> end.poll();
                default -> deliver(end, other);
            }
        }

        private void open() {
            if (near.mux.hasPlace() && near.mux.size() < 6) {
                near.mux.open(TOKEN, MuxLimits.MESSAGE_BYTES);
            }
        }

        private void accept() {
            if (!far.wanted.isEmpty()) {
                long channel = far.wanted.remove(0);
                if (random.nextInt(8) == 0) {
                    far.mux.reset(channel, Multiplexer.NOBODY);
                } else if (far.mux.accept(channel, MuxLimits.MESSAGE_BYTES)) {
                    far.out.put(channel, new Way());
                }
            }
        }

        private void send(End end) {
            long channel = pick(end);
            Way way = end.out.get(channel);
            if (way == null || way.busy || way.senderEnded || way.senderReset) {
                return;
            }
            Way back = end.in.get(channel);
            if (back != null && (back.toldEnd || back.toldReset)) {
                return;
            }
            int size = random.nextInt(5) == 0 ? 0 : random.nextInt(1 << (1 + random.nextInt(18)));
            byte[] bytes = new byte[size];
            random.nextBytes(bytes);
            Message message = random.nextBoolean() ? Message.binary(bytes) : new Message(Message.Kind.TEXT, bytes);
            way.sent.add(message);
            way.busy = true;
            end.mux.send(channel, message);
        }

        private long pick(End end) {
            List<Long> channels = List.copyOf(end.out.keySet());
            return channels.isEmpty() ? 0 : channels.get(random.nextInt(channels.size()));
        }

        private boolean read(End end) {
            boolean any = false;
            for (Map.Entry<Long, Way> each : end.in.entrySet()) {
                Integer cost =
                        each.getKey() == unread ? null : each.getValue().unread.poll();
                if (cost != null) {
                    each.getValue().unreadBytes -= cost;
                    end.mux.read(each.getKey(), cost);
                    any = true;
                }
            }
            return any;
        }

        private void finish(End end) {
            if (random.nextInt(4) > 0) {
                return;
            }
            long channel = pick(end);
            Way way = end.out.get(channel);
            if (way == null || way.senderEnded || way.senderReset || channel == unread) {
                return;
            }
            if (random.nextBoolean()) {
                way.senderEnded = true;
                end.mux.end(channel);
            } else {
                way.senderReset = true;
                end.mux.reset(channel, Multiplexer.ABORTED);
            }
        }

        private void deliver(End from, End to) {
            Multiplexer.OutgoingFrame next = from.pipe.poll();
            if (next != null) {
                to.mux.received(next.bytes());
            }
        }

        /** Until nothing moves any more, but for what nobody reads. */
        private void drain() {
            boolean moved = true;
            while (moved) {
                boolean said = near.poll();
                moved = far.poll() || said;
                while (!near.pipe.isEmpty()) {
                    deliver(near, far);
                    moved = true;
                }
                while (!far.pipe.isEmpty()) {
                    deliver(far, near);
                    moved = true;
                }
                while (!far.wanted.isEmpty()) {
                    accept();
                    moved = true;
                }
                moved |= read(near);
                moved |= read(far);
            }
        }

        /** Where neither end has given up, all has arrived. */
        private void check(End from, End to) {
            from.out.forEach((channel, way) -> {
                Way back = to.out.get(channel);
                boolean whole =
                        back != null && !way.senderReset && !back.senderReset && !back.senderEnded && channel != unread;
                if (whole) {
                    assertThat(way.busy).as("channel %s", channel).isFalse();
                    assertThat(way.arrived).as("channel %s", channel).isEqualTo(way.sent.size());
                    assertThat(way.toldEnd).isEqualTo(way.senderEnded);
                }
            });
        }
    }
}
