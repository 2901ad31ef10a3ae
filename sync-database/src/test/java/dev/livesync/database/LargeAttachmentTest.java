package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.SyncException;
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
import org.junit.jupiter.api.io.TempDir;

/** 2 GB through a process with 128 MB of heap: in, out, checked, collected around. */
@Tag("soak")
class LargeAttachmentTest {
    private static final long BYTES = 2_000_000_000;

    @TempDir
    private Path root;

    @Test
    void twoGigabytesThroughASmallHeap() throws IOException, InterruptedException {
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        LargeAttachmentTest.class.getName(),
                        root.resolve("db").toString())
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
    }

    /** Bytes of a seed, so many. */
    private static final class Noise extends InputStream {
        private final SplittableRandom random = new SplittableRandom(42);
        private long left = BYTES;

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
        Path directory = Path.of(args[0]);
        String in;
        try (Database db = Database.open(directory);
                DigestInputStream content = digest(new Noise())) {
            Attachment film = db.attachments().put(content, "video/mp4");
            in = hash(content);
            db.put("film", Map.of("file", film.stub()));
        }
        try (Database db = Database.open(directory)) {
            Attachment film =
                    Attachment.in(db.get("film").orElseThrow().value(), "file").orElseThrow();
            db.attachments().put(InputStream.nullInputStream(), "a/b");
            db.attachments().collect();
            if (db.attachments().missing(film) != 0 || !db.verify().ok()) {
                throw new AssertionError("not whole");
            }
            try (DigestInputStream out = digest(db.attachments().open(film))) {
                out.transferTo(OutputStream.nullOutputStream());
                if (!hash(out).equals(in)) {
                    throw new AssertionError("other bytes came out");
                }
            }
            System.out.println("blocks " + db.verify().blocks() + ", bytes "
                    + db.attachments().bytes());
        } catch (SyncException e) {
            throw new AssertionError(e);
        }
    }

    private static DigestInputStream digest(InputStream in) throws NoSuchAlgorithmException {
        return new DigestInputStream(in, MessageDigest.getInstance("SHA-256"));
    }

    private static String hash(DigestInputStream read) {
        return HexFormat.of().formatHex(read.getMessageDigest().digest());
    }
}
