package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** However a file is arranged and however large it is, no more of it is read than the next record needs, and a little. */
class StreamingTest {
    private static final int RECORDS = 20_000;

    /** What may be read ahead: the buffers of the stream, of the decoder and of the parser. */
    private static final int AHEAD = 400_000;

    /** A file that is made as it is read. */
    private static final class Endless extends InputStream {
        private final String record;
        private final String between;
        private byte[] part;
        private int at;
        private long supplied;
        private int next;

        Endless(String before, String record, String between) {
            this.record = record;
            this.between = between;
            this.part = before.getBytes(StandardCharsets.UTF_8);
        }

        @Override
        public int read() {
            while (at == part.length) {
                part = (next == 0 ? "" : between)
                        .concat(record.replace("#", Integer.toString(next)))
                        .getBytes(StandardCharsets.UTF_8);
                next++;
                at = 0;
            }
            supplied++;
            return part[at++] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            for (int i = 0; i < length; i++) {
                target[offset + i] = (byte) read();
            }
            return length;
        }
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '`',
            delimiter = '|',
            value = {
                "``|{\"_id\":\"#\",\"n\":1}|`\n`",
                "``|`{\n  \"_id\": \"#\",\n  \"n\": 1\n}`|`\n`",
                "[|{\"_id\":\"#\",\"n\":1}|,",
                "`[\n`|`{\n  \"_id\": \"#\",\n  \"n\": 1\n}`|`,\n`",
                "{\"docs\":[|{\"_id\":\"#\",\"n\":1}|,",
                "{\"total_rows\":7,\"rows\":[|{\"id\":\"#\",\"doc\":{\"_id\":\"#\",\"n\":1}}|,"
            })
    void readsLittleAhead(String before, String record, String between) throws IOException {
        Endless endless = new Endless(before, record, between);
        RecordReader reader =
                new JsonRecords(new TextReader(endless, Encoding.UTF_8), IdRule.standard(() -> "generated"));
        long read = 0;
        for (int i = 0; i < RECORDS; i++) {
            InputRecord next = reader.next();
            assertThat(next).isNotNull();
            assertThat(next.id()).isEqualTo(Integer.toString(i));
            assertThat(next.json()).isEqualTo("{\"n\":1}");
            read += record.length();
            assertThat(endless.supplied - read).isLessThan(AHEAD);
        }
    }

    @Test
    void everyMemberOfAGzipIsReadThoughAPipeIsSlow() throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        for (int i = 0; i < 3; i++) {
            try (GZIPOutputStream member = new GZIPOutputStream(packed)) {
                member.write(("{\"_id\":\"" + i + "\"}\n").getBytes(StandardCharsets.UTF_8));
            }
        }
        InputStream pipe = new ByteArrayInputStream(packed.toByteArray()) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1));
            }

            @Override
            public synchronized int available() {
                return 0;
            }
        };
        try (InputFile file = InputFile.open("-", pipe)) {
            assertThat(file.format()).isEqualTo(InputFile.Format.JSON);
            RecordReader reader = new JsonRecords(file.text(), IdRule.standard(() -> "generated"));
            for (String id : new String[] {"0", "1", "2"}) {
                assertThat(reader.next()).extracting(InputRecord::id).isEqualTo(id);
            }
            assertThat(reader.next()).isNull();
        }
    }

    @Test
    void loneEscapesBecomeSurrogatesWhereverBuffersEnd() throws IOException {
        long seed = 20261128;
        Random random = new Random(seed);
        String[] parts = {
            "a", "\\n", "\\\\", "\\ud83d", "\\uDE00", "\\ud83d\\ude00", "\\u00e9", "\\u", "\\ud8", "é", "\\"
        };
        for (int round = 0; round < 2_000; round++) {
            StringBuilder text = new StringBuilder();
            for (int i = random.nextInt(12); i > 0; i--) {
                text.append(parts[random.nextInt(parts.length)]);
            }
            int most = 1 + random.nextInt(9);
            StringReader trickle = new StringReader(text.toString()) {
                @Override
                public int read(char[] target, int offset, int length) throws IOException {
                    return super.read(target, offset, Math.min(length, most));
                }
            };
            StringWriter out = new StringWriter();
            new LoneEscapes(trickle).transferTo(out);
            assertThat(out.toString())
                    .as("seed %d, round %d, %s", seed, round, text)
                    .isEqualTo(expected(text.toString()));
        }
    }

    /** The same from the definition: pairs of escapes stay, and of the others those of surrogates go. */
    private static String expected(String json) {
        StringBuilder out = new StringBuilder();
        for (int i = 0; i < json.length(); ) {
            String rest = json.substring(i);
            if (rest.matches("(?is)\\\\u[d][89ab][0-9a-f]{2}\\\\u[d][c-f][0-9a-f]{2}.*")) {
                out.append(rest, 0, 12);
                i += 12;
            } else if (rest.matches("(?is)\\\\u[d][89a-f][0-9a-f]{2}.*")) {
                out.append((char) Integer.parseInt(rest.substring(2, 6), 16));
                i += 6;
            } else {
                int n = rest.charAt(0) == '\\' ? Math.min(2, rest.length()) : 1;
                out.append(rest, 0, n);
                i += n;
            }
        }
        return out.toString();
    }

    @Test
    void whatComesBeforeABadByteIsReadFirst() {
        byte[] text = "{\"_id\":\"1\"}\r\n{\"_id\":\"2\"}\r\n{\"é\":\"?\"}\r\n".getBytes(StandardCharsets.UTF_8);
        text[text.length - 5] = (byte) 0xe4;
        try {
            RecordReader reader = new JsonRecords(
                    new TextReader(new ByteArrayInputStream(text), Encoding.UTF_8), IdRule.standard(() -> "generated"));
            assertThat(reader.next()).extracting(InputRecord::id).isEqualTo("1");
            assertThat(reader.next()).extracting(InputRecord::id).isEqualTo("2");
            assertThat(org.assertj.core.api.Assertions.catchThrowable(reader::next))
                    .hasMessageStartingWith("line 3, column 7: not UTF-8");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
