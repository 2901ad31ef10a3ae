package dev.livesync.transport.partykit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.SyncException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** RFC 6455 from both sides. */
class ServerFramesTest {
    private final List<String> read = new ArrayList<>();

    private final ServerFrames.Reader reader = new ServerFrames.Reader() {
        @Override
        public void onText(String text) {
            read.add("text " + text);
        }

        @Override
        public void onBinary(byte[] message) {
            read.add("binary " + message.length);
        }

        @Override
        public void onPing(byte[] payload) {
            read.add("ping " + payload.length);
        }

        @Override
        public void onSign() {}
    };

    private ServerFrames.Close readAll(int... bytes) throws IOException {
        byte[] in = new byte[bytes.length];
        for (int i = 0; i < in.length; i++) {
            in[i] = (byte) bytes[i];
        }
        return new ServerFrames(new DataInputStream(new ByteArrayInputStream(in)), reader).read();
    }

    @Test
    void readsWholeMessagesAndPiecesOfThem() throws Exception {
        ServerFrames.Close close = readAll(
                0x81, 2, 'h', 'i', 0x02, 1, 7, 0x89, 1, 0, 0x00, 1, 8, 0x8a, 0, 0x80, 0, 0x82, 126, 0, 3, 1, 2, 3, 0x88,
                4, 0x0f, 0xa3, 'n', 'o');
        assertThat(read).containsExactly("text hi", "ping 1", "binary 2", "binary 3");
        assertThat(close).isEqualTo(new ServerFrames.Close(4003, "no"));
        assertThat(readAll(0x88, 0)).isEqualTo(new ServerFrames.Close(1005, ""));
    }

    @Test
    void refusesWhatNoServerSends() {
        for (int[] wrong : List.of(
                new int[] {0xc1, 0}, // a reserved bit
                new int[] {0x81, 0x80, 0, 0, 0, 0}, // masked
                new int[] {0x83, 0}, // an unknown type
                new int[] {0x8b, 0},
                new int[] {0x80, 0}, // goes on with nothing
                new int[] {0x01, 0, 0x01, 0}, // begins in the middle
                new int[] {0x09, 0}, // a ping in pieces
                new int[] {0x89, 126, 0, 126}, // a long ping
                new int[] {0x81, 1, 0xff}, // no UTF-8
                new int[] {0x82, 127, 0, 0, 0, 0, 0, 1, 2, 0x11}, // one byte too many
                new int[] {0x82, 127, 0x80, 0, 0, 0, 0, 0, 0, 0},
                new int[] {0x81, 127, 0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff})) {
            assertThatThrownBy(() -> readAll(wrong)).isInstanceOf(SyncException.class);
        }
        assertThatThrownBy(() -> readAll(0x82)).isInstanceOf(EOFException.class);
    }

    /** Masks are taken off here bit by bit, as the RFC writes it. */
    @Test
    void masksWhatIsSent() throws Exception {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        ByteArrayOutputStream wire = new ByteArrayOutputStream();
        MaskingOutput out = new MaskingOutput(wire, new SecureRandom());
        List<byte[]> sent = new ArrayList<>();
        for (int size : new int[] {0, 1, 7, 8, 9, 125, 126, 127, 65_535, 65_536, 65_600, 200_000}) {
            byte[] head = new byte[random.nextInt(12)];
            byte[] body = new byte[size + 5];
            random.nextBytes(head);
            random.nextBytes(body);
            out.write(new ClientFrame(ClientFrame.BINARY, head, body, 5, size));
            sent.add(ByteBuffer.allocate(head.length + size)
                    .put(head)
                    .put(body, 5, size)
                    .array());
        }
        out.flush();
        DataInputStream in = new DataInputStream(new ByteArrayInputStream(wire.toByteArray()));
        for (byte[] expected : sent) {
            assertThat(in.readUnsignedByte()).isEqualTo(0x82);
            int stated = in.readUnsignedByte() - 0x80;
            long length = stated < 126 ? stated : stated == 126 ? in.readUnsignedShort() : in.readLong();
            byte[] key = new byte[4];
            in.readFully(key);
            byte[] payload = new byte[(int) length];
            in.readFully(payload);
            for (int i = 0; i < payload.length; i++) {
                payload[i] ^= key[i % 4];
            }
            assertThat(payload).as("seed %d, %d bytes", seed, expected.length).isEqualTo(expected);
        }
        assertThat(in.read()).isEqualTo(-1);
    }

    /** The example of RFC 6455, section 1.3. */
    @Test
    void acceptsTheKeyOfTheRfc() {
        assertThat(UpgradeRequest.accepted("dGhlIHNhbXBsZSBub25jZQ==")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
        assertThat(new String(ClientFrame.text("é").head(), StandardCharsets.UTF_8))
                .isEqualTo("é");
    }
}
