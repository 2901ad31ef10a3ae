package dev.livesync.database.columns;

import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Images in memory. */
public final class Images {
    private Images() {}

    /** What a structure writes. */
    public static byte[] save(Consumer<ImageWriter> structure) {
        java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
        ImageWriter out = new ImageWriter(part -> {
            byte[] chunk = new byte[part.remaining()];
            part.get(chunk);
            bytes.writeBytes(chunk);
        });
        structure.accept(out);
        out.finish();
        return bytes.toByteArray();
    }

    /** Has a structure read an image, all of it. */
    public static void load(byte[] image, Consumer<ImageReader> structure) {
        ByteBuffer left = ByteBuffer.wrap(image);
        ImageReader in = new ImageReader(
                target -> {
                    int n = Math.min(target.remaining(), left.remaining());
                    target.put(left.slice(left.position(), n));
                    left.position(left.position() + n);
                    return n == 0 ? -1 : n;
                },
                image.length);
        structure.accept(in);
        in.finish();
    }
}
