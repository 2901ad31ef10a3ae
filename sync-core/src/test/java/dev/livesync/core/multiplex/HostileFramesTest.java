package dev.livesync.core.multiplex;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a peer may not say ends the connection, as what it is; and what it may say without end is bounded. */
class HostileFramesTest {
    private static final byte[] TOKEN = new byte[NameToken.BYTES];
    private static final long FIRST = MuxLimits.FIRST_WINDOW;

    /** Writes down what it is told. */
    private static final class Notes implements Multiplexer.Host {
        final List<String> said = new ArrayList<>();
        long bytes;

        @Override
        public void wanted(long channel, byte[] token) {
            said.add("wanted " + channel);
        }

        @Override
        public void opened(long channel) {
            said.add("opened " + channel);
        }

        @Override
        public void message(long channel, Message message, int cost) {
            bytes += cost;
        }

        @Override
        public void ended(long channel) {
            said.add("ended " + channel);
        }

        @Override
        public void reset(long channel, int reason) {
            said.add("reset " + channel);
        }

        @Override
        public void tooLong(long channel) {
            said.add("too long " + channel);
        }
    }

    private final Notes notes = new Notes();
    private final Multiplexer listener = new Multiplexer(false, notes);
    private final Multiplexer dialler = new Multiplexer(true, notes);

    private static byte[] bytes(int... values) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) values[i];
        }
        return bytes;
    }

    private static void refuses(ErrorKind kind, Multiplexer end, byte[] frame) {
        assertThatThrownBy(() -> end.received(frame))
                .as("%s", Arrays.toString(Arrays.copyOf(frame, Math.min(frame.length, 16))))
                .isInstanceOfSatisfying(SyncException.class, e -> {
                    assertThat(e.kind()).isEqualTo(kind);
                    assertThat(e.getMessage()).doesNotContain("\n").hasSizeLessThan(200);
                });
    }

    private void open(long channel) {
        listener.received(new MuxFrame.Open(channel, TOKEN, FIRST).toBytes());
        assertThat(listener.accept(channel, MuxLimits.MESSAGE_BYTES)).isTrue();
    }

    @Test
    void whatIsNoFrameIsMalformed() {
        refuses(ErrorKind.MALFORMED, listener, bytes());
        refuses(ErrorKind.MALFORMED, listener, bytes(1));
        refuses(ErrorKind.MALFORMED, listener, bytes(0, 1));
        refuses(ErrorKind.MALFORMED, listener, bytes(9, 1));
        refuses(ErrorKind.MALFORMED, listener, bytes(255, 1));
        // Channel 0, one that is longer than it need be, one that is too long, one beyond all.
        refuses(ErrorKind.MALFORMED, listener, bytes(7, 0));
        refuses(ErrorKind.MALFORMED, listener, bytes(7, 0x81, 0));
        refuses(ErrorKind.MALFORMED, listener, bytes(7, 255, 255, 255, 255, 255, 255, 255, 255, 255, 127));
        refuses(ErrorKind.MALFORMED, listener, bytes(7, 255, 255, 255, 255, 255, 1));
        // A token that is too short, bytes behind the end, an empty piece, a window in which no message has room.
        refuses(ErrorKind.MALFORMED, listener, bytes(1, 1, 2, 3));
        refuses(ErrorKind.MALFORMED, listener, bytes(7, 1, 0));
        refuses(ErrorKind.MALFORMED, listener, bytes(3, 1));
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.Open(1, TOKEN, FIRST - 1).toBytes());
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.Open(1, TOKEN, MuxLimits.MOST_CREDIT + 1).toBytes());
        refuses(ErrorKind.LIMIT_EXCEEDED, listener, new byte[MuxLimits.FRAME_BYTES + 1]);
        assertThat(notes.said).isEmpty();
    }

    @Test
    void framesOutOfTurnAreMalformed() {
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.End(1).toBytes());
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.Open(2, TOKEN, FIRST).toBytes());
        listener.received(new MuxFrame.Open(1, TOKEN, FIRST).toBytes());
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.Open(1, TOKEN, FIRST).toBytes());
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.Opened(1, FIRST).toBytes());
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.Credit(1, 1).toBytes());
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.End(1).toBytes());
        refuses(ErrorKind.LIMIT_EXCEEDED, listener, MuxFrame.piece(MuxType.TEXT, 1, new byte[1], 0, 1));

        listener.accept(1, MuxLimits.MESSAGE_BYTES);
        listener.received(MuxFrame.piece(MuxType.PART, 1, new byte[1], 0, 1));
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.End(1).toBytes());
        listener.received(new MuxFrame.Reset(1, 0).toBytes());
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.Reset(1, 0).toBytes());
        refuses(ErrorKind.MALFORMED, listener, MuxFrame.piece(MuxType.TEXT, 1, new byte[1], 0, 1));

        long ours = dialler.open(TOKEN, MuxLimits.MESSAGE_BYTES);
        refuses(ErrorKind.MALFORMED, dialler, new MuxFrame.Open(ours + 1, TOKEN, FIRST).toBytes());
        dialler.received(new MuxFrame.Opened(ours, FIRST).toBytes());
        refuses(ErrorKind.MALFORMED, dialler, new MuxFrame.Opened(ours, FIRST).toBytes());
    }

    @Test
    void creditIsBoundedAndKept() {
        open(1);
        refuses(ErrorKind.MALFORMED, listener, new MuxFrame.Credit(1, MuxLimits.MOST_CREDIT).toBytes());
        byte[] piece = new byte[1_000];
        int granted = (int) (FIRST / MuxLimits.cost(piece.length));
        for (int i = 0; i < granted; i++) {
            listener.received(MuxFrame.piece(MuxType.BINARY, 1, piece, 0, piece.length));
        }
        refuses(ErrorKind.LIMIT_EXCEEDED, listener, MuxFrame.piece(MuxType.BINARY, 1, piece, 0, piece.length));
        assertThat(notes.bytes).isLessThanOrEqualTo(FIRST);
    }

    @Test
    void emptyMessagesAreBounded() {
        open(1);
        int count = 0;
        try {
            while (count < 1_000_000) {
                listener.received(MuxFrame.piece(MuxType.TEXT, 1, new byte[0], 0, 0));
                count++;
            }
        } catch (SyncException e) {
            assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        }
        assertThat(count).isEqualTo((int) (FIRST / MuxLimits.FRAME_COST));
    }

    @Test
    void aMessageThatIsTooLongEndsItsChannelAndNoOther() {
        open(1);
        open(2);
        byte[] piece = new byte[20_000];
        for (int i = 0; i < 14; i++) {
            listener.received(MuxFrame.piece(MuxType.PART, 1, piece, 0, piece.length));
        }
        assertThat(notes.said).contains("too long 1");
        listener.received(MuxFrame.piece(MuxType.TEXT, 2, piece, 0, 10));
        assertThat(notes.bytes).isEqualTo(MuxLimits.cost(10));
    }

    @Test
    void channelsAreBoundedAlsoForWhoOpensAndEndsThemAndReadsNothing() {
        for (int i = 1; i <= MuxLimits.CHANNELS; i++) {
            listener.received(new MuxFrame.Open(i, TOKEN, FIRST).toBytes());
            listener.received(new MuxFrame.Reset(i, 0).toBytes());
        }
        assertThat(listener.size()).isEqualTo(MuxLimits.CHANNELS);
        byte[] more = new MuxFrame.Open(MuxLimits.CHANNELS + 1, TOKEN, FIRST).toBytes();
        refuses(ErrorKind.LIMIT_EXCEEDED, listener, more);

        // Who takes the answers may go on.
        while (listener.poll() != null) {
            assertThat(listener.size()).isLessThanOrEqualTo(MuxLimits.CHANNELS);
        }
        assertThat(listener.size()).isZero();
        listener.received(more);
    }

    @Test
    void whatIsWrittenIsReadAgain() {
        for (MuxFrame frame : List.of(
                new MuxFrame.Open(1, TOKEN, FIRST),
                new MuxFrame.Opened(MuxLimits.CHANNEL_NUMBERS, FIRST),
                new MuxFrame.Credit(300, MuxLimits.MOST_CREDIT),
                new MuxFrame.Piece(2, MuxType.TEXT, bytes(1, 2, 3)),
                new MuxFrame.End(127),
                new MuxFrame.Reset(128, 1))) {
            byte[] bytes = frame.toBytes();
            MuxFrame read = MuxFrame.read(bytes);
            assertThat(read.channel()).isEqualTo(frame.channel());
            assertThat(read.getClass()).isEqualTo(frame.getClass());
            assertThat(read.toBytes()).isEqualTo(bytes);
        }
        assertThat(new MuxFrame.Credit(300, 5).toBytes()).isEqualTo(bytes(6, 0xac, 2, 5));
    }

    @Test
    void greetingsAreOfThisVersionOrNone() {
        byte[] salt = new byte[Greeting.SALT_BYTES];
        salt[3] = 7;
        assertThat(Greeting.readDialler(Message.binary(Greeting.dialler(salt)))).isEqualTo(salt);
        Greeting.readListener(Message.binary(Greeting.listener()));
        byte[] later = Greeting.dialler(salt);
        later[later.length - salt.length - 1] = 2;
        ByteArrayOutputStream longer = new ByteArrayOutputStream();
        longer.writeBytes(Greeting.dialler(salt));
        longer.write(0);
        List<Message> refused = List.of(
                Message.binary(later),
                Message.binary(new byte[0]),
                Message.binary(bytes(1, 2, 3)),
                new Message(Message.Kind.TEXT, Greeting.dialler(salt)));
        for (Message message : refused) {
            assertThatThrownBy(() -> Greeting.readDialler(message))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED));
        }
        assertThatThrownBy(() -> Greeting.readDialler(Message.binary(longer.toByteArray())))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
    }
}
