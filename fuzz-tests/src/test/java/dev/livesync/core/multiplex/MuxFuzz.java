package dev.livesync.core.multiplex;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.Message;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Frames of shared connections, one by one and as a conversation, and greetings. */
public final class MuxFuzz {
    private static final Set<ErrorKind> REFUSALS = Set.of(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED);
    private static final byte[] TOKEN = new byte[NameToken.BYTES];

    private MuxFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small("shared-frame", REFUSALS, MuxFuzz::frame, MuxFuzz::frames),
                FuzzedReader.small("shared-connection", REFUSALS, MuxFuzz::conversation, MuxFuzz::conversations),
                FuzzedReader.small(
                        "shared-greeting",
                        Set.of(ErrorKind.MALFORMED, ErrorKind.UNSUPPORTED),
                        MuxFuzz::greeting,
                        () -> List.of(Greeting.dialler(new byte[Greeting.SALT_BYTES]))));
    }

    private static void greeting(byte[] input) {
        byte[] salt = Greeting.readDialler(Message.binary(input));
        assertThat(Greeting.dialler(salt)).isEqualTo(input);
    }

    private static void frame(byte[] input) {
        assertThat(MuxFrame.read(input).toBytes()).isEqualTo(input);
    }

    private static List<byte[]> frames() {
        return List.of(
                new MuxFrame.Open(1, TOKEN, MuxLimits.FIRST_WINDOW).toBytes(),
                new MuxFrame.Opened(1, MuxLimits.FIRST_WINDOW).toBytes(),
                MuxFrame.piece(MuxType.PART, 1, new byte[] {1, 2}, 0, 2),
                MuxFrame.piece(MuxType.TEXT, 1, new byte[] {'{', '}'}, 0, 2),
                MuxFrame.piece(MuxType.BINARY, 300, new byte[0], 0, 0),
                new MuxFrame.Credit(1, 131_072).toBytes(),
                new MuxFrame.End(1).toBytes(),
                new MuxFrame.Reset(2, Multiplexer.NOBODY).toBytes());
    }

    /** Frames behind their lengths, to a listener that opens what is wanted, reads what comes, answers and sends what it has to say. */
    private static void conversation(byte[] input) {
        Choices choices = new Choices(input);
        Listener listener = new Listener();
        while (!choices.isEmpty()) {
            int action = choices.below(8);
            if (action < 5) {
                listener.mux.received(choices.take(choices.octet()));
            } else {
                listener.act(action, choices.below(8));
            }
            listener.check();
        }
    }

    /** Whoever is talked to. */
    private static final class Listener implements Multiplexer.Host {
        final Multiplexer mux = new Multiplexer(false, this);
        final List<Long> wanted = new ArrayList<>();
        final Set<Long> open = new HashSet<>();
        final Set<Long> over = new HashSet<>();
        final Map<Long, Integer> unread = new HashMap<>();
        final Set<Long> sending = new HashSet<>();

        void act(int action, long channel) {
            if (action == 5) {
                if (!wanted.isEmpty()) {
                    long next = wanted.remove(0);
                    if (mux.accept(next, 1_024)) {
                        open.add(next);
                    }
                }
            } else if (action == 6) {
                Integer cost = unread.remove(channel);
                if (cost != null) {
                    mux.read(channel, cost);
                }
            } else if (open.contains(channel) && !over.contains(channel) && sending.add(channel)) {
                mux.send(channel, Message.binary(new byte[100]));
            } else {
                poll();
            }
        }

        private void poll() {
            Multiplexer.OutgoingFrame output = mux.poll();
            if (output != null) {
                assertThat(output.bytes().length).isLessThanOrEqualTo(MuxLimits.FRAME_BYTES);
                assertThat(MuxFrame.read(output.bytes()).channel()).isEqualTo(output.channel());
                if (output.sent()) {
                    sending.remove(output.channel());
                }
            }
        }

        void check() {
            assertThat(mux.size()).isLessThanOrEqualTo(MuxLimits.CHANNELS);
            unread.values().forEach(bytes -> assertThat(bytes).isLessThanOrEqualTo(MuxLimits.WINDOW));
        }

        @Override
        public void wanted(long channel, byte[] token) {
            wanted.add(channel);
        }

        @Override
        public void opened(long channel) {
            throw new AssertionError("a listener opens nothing");
        }

        @Override
        public void message(long channel, Message message, int cost) {
            assertThat(open).contains(channel);
            assertThat(over).doesNotContain(channel);
            assertThat(message.size()).isLessThanOrEqualTo(1_024);
            unread.merge(channel, cost, Integer::sum);
        }

        @Override
        public void ended(long channel) {
            assertThat(over.add(channel)).isTrue();
        }

        @Override
        public void reset(long channel, int reason) {
            assertThat(over.add(channel)).isTrue();
        }

        @Override
        public void tooLong(long channel) {
            assertThat(over.add(channel)).isTrue();
        }
    }

    private static List<byte[]> conversations() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        say(all, new MuxFrame.Open(1, TOKEN, MuxLimits.FIRST_WINDOW).toBytes());
        all.writeBytes(Seeds.of(5, 0));
        say(all, MuxFrame.piece(MuxType.PART, 1, new byte[100], 0, 100));
        say(all, MuxFrame.piece(MuxType.TEXT, 1, new byte[20], 0, 20));
        all.writeBytes(Seeds.of(6, 1, 7, 1, 7, 1, 7, 1));
        say(all, new MuxFrame.Credit(1, 5_000).toBytes());
        say(all, new MuxFrame.Open(2, TOKEN, MuxLimits.FIRST_WINDOW).toBytes());
        say(all, new MuxFrame.End(1).toBytes());
        say(all, new MuxFrame.Reset(2, 0).toBytes());
        all.writeBytes(Seeds.of(7, 0, 7, 0, 7, 0));
        return List.of(all.toByteArray());
    }

    private static void say(ByteArrayOutputStream all, byte[] frame) {
        all.write(0);
        all.write(frame.length);
        all.writeBytes(frame);
    }
}
