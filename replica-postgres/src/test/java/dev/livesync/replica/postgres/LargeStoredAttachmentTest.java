package dev.livesync.replica.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.database.Database;
import dev.livesync.database.attachments.Attachment;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** A content that is longer than the heap, into the store by one process and out of it by another. */
@ExtendWith(OnePostgres.class)
class LargeStoredAttachmentTest {
    @Test
    @Timeout(120)
    void aContentIsLongerThanTheHeap() throws Exception {
        through("32m", 48_000_000);
    }

    @Test
    @Tag("soak")
    void aLongContentThroughASmallHeap() throws Exception {
        through("64m", 2_000_000_000);
    }

    private static void through(String heap, long bytes) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx" + heap,
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeStoredAttachmentTest.class.getName(),
                        OnePostgres.server().url(),
                        String.valueOf(bytes))
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
    }

    /** Bytes of a seed, so many. */
    private static final class Noise extends InputStream {
        private final SplittableRandom random = new SplittableRandom(42);
        private long left;

        Noise(long length) {
            left = length;
        }

        @Override
        public int read() {
            throw new UnsupportedOperationException();
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            if (left == 0) {
                return -1;
            }
            int n = (int) Math.min(Math.min(length, 8_192), left);
            byte[] bytes = new byte[n];
            random.nextBytes(bytes);
            System.arraycopy(bytes, 0, target, offset, n);
            left -= n;
            return n;
        }
    }

    public static void main(String[] args) throws IOException, NoSuchAlgorithmException {
        try (PostgresStore in = PostgresStore.connect(args[0], PostgresOptions.DEFAULT);
                PostgresStore out = PostgresStore.connect(args[0], PostgresOptions.DEFAULT);
                Database writes = Database.over(in.open("large " + args[1]));
                Database reads = Database.over(out.open("large " + args[1]));
                DigestInputStream content = digest(new Noise(Long.parseLong(args[1])))) {
            Attachment film = writes.attachments().put(content, "video/mp4");
            writes.put("film", Map.of("file", film.stub()));
            if (reads.attachments().missing(film) != 0) {
                throw new AssertionError("not whole");
            }
            try (DigestInputStream read = digest(reads.attachments().open(film))) {
                read.transferTo(OutputStream.nullOutputStream());
                if (!hash(read).equals(hash(content))) {
                    throw new AssertionError("other bytes came out");
                }
            }
        }
    }

    private static DigestInputStream digest(InputStream in) throws NoSuchAlgorithmException {
        return new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
    }

    private static String hash(DigestInputStream read) {
        return HexFormat.of().formatHex(read.getMessageDigest().digest());
    }
}
