package dev.livesync.cli.control;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * The client's streams and files, as the holder sees them. One question is under way at a time, so the client keeps at most one answer in the holder's
 * memory; a client that doesn't take its output makes its own command wait.
 */
final class RemoteSurroundings implements Surroundings {
    private static final Optional<FramePipe.Received> END = Optional.empty();

    private final FramePipe pipe;
    private final CompletableFuture<Void> interrupted;
    private final BlockingQueue<Optional<FramePipe.Received>> answers = new LinkedBlockingQueue<>(2);
    private volatile boolean gone;

    RemoteSurroundings(FramePipe pipe, CompletableFuture<Void> interrupted) {
        this.pipe = pipe;
        this.interrupted = interrupted;
    }

    /** Reads what the client sends, to its end. */
    void listen() {
        try {
            for (FramePipe.Received frame = pipe.receive(); frame != null; frame = pipe.receive()) {
                if (frame.type() == FrameType.INTERRUPT) {
                    interrupted.complete(null);
                } else if (frame.type() != FrameType.ANSWER && frame.type() != FrameType.FAILURE
                        || !answers.offer(Optional.of(frame))) {
                    break; // answers what nobody has asked
                }
            }
        } catch (IOException | SyncException e) {
            // As at its end: nothing follows.
        } finally {
            gone = true;
            interrupted.complete(null);
            answers.clear();
            answers.add(END);
            try {
                pipe.close();
            } catch (IOException e) {
                // It is closed.
            }
        }
    }

    private synchronized DataInputStream ask(FrameType question, FramePipe.Content content) throws IOException {
        pipe.send(question, content);
        FramePipe.Received answer;
        try {
            Optional<FramePipe.Received> next = gone ? END : answers.take();
            answer = next.orElseThrow(() -> new IOException("the process that gave the command has ended"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
        DataInputStream data = answer.data();
        if (answer.type() == FrameType.FAILURE) {
            throw new SyncException(kind(FramePipe.text(data)), FramePipe.text(data));
        }
        return data;
    }

    private static ErrorKind kind(String name) {
        return Arrays.stream(ErrorKind.values())
                .filter(kind -> kind.name().equals(name))
                .findFirst()
                .orElse(ErrorKind.INTERNAL);
    }

    @Override
    public InputStream in() {
        return new BufferedInputStream(new RemoteInput(FrameType.READ, -1), 1);
    }

    @Override
    public OutputStream out() {
        return new RemoteOutput(FrameType.OUT, -1);
    }

    @Override
    public OutputStream err() {
        return new RemoteOutput(FrameType.ERR, -1);
    }

    @Override
    public boolean isTerminal(int descriptor) {
        try {
            return ask(FrameType.TERMINAL, out -> out.writeInt(descriptor)).readBoolean();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public boolean isGone() {
        return gone;
    }

    @Override
    public FileAccess files() {
        return new RemoteFiles();
    }

    private final class RemoteFiles implements FileAccess {
        @Override
        public SourceFile open(Path file) throws IOException {
            DataInputStream answer = ask(FrameType.OPEN, out -> FramePipe.text(out, file.toString()));
            int number = answer.readInt();
            return new SourceFile(new RemoteInput(FrameType.FETCH, number), answer.readLong());
        }

        @Override
        public TargetFile create(Path file, boolean replace) throws IOException {
            int number = ask(FrameType.CREATE, out -> {
                        out.writeBoolean(replace);
                        FramePipe.text(out, file.toString());
                    })
                    .readInt();
            return new RemoteTarget(number);
        }

        @Override
        public boolean exists(Path file) throws IOException {
            return ask(FrameType.EXISTS, out -> FramePipe.text(out, file.toString()))
                    .readBoolean();
        }
    }

    private final class RemoteTarget implements FileAccess.TargetFile {
        private final int number;
        private final OutputStream stream;

        RemoteTarget(int number) {
            this.number = number;
            this.stream = new BufferedOutputStream(new RemoteOutput(FrameType.WRITE, number), FramePipe.DATA_BYTES);
        }

        @Override
        public OutputStream stream() {
            return stream;
        }

        @Override
        public void keep() throws IOException {
            stream.flush();
            ask(FrameType.KEEP, out -> out.writeInt(number));
        }

        @Override
        public void close() throws IOException {
            ask(FrameType.CLOSE, out -> out.writeInt(number));
        }
    }

    /** Bytes of standard input or of a file. */
    private final class RemoteInput extends InputStream {
        private final FrameType question;
        private final int number;

        RemoteInput(FrameType question, int number) {
            this.question = question;
            this.number = number;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            int most = Math.min(length, FramePipe.DATA_BYTES);
            DataInputStream answer = ask(question, out -> {
                out.writeInt(number);
                out.writeInt(most);
            });
            int count = answer.available();
            if (count > most) {
                throw new IOException("more bytes came than were asked for");
            }
            return count == 0 ? -1 : answer.read(bytes, offset, count);
        }

        @Override
        public void close() throws IOException {
            if (number >= 0) {
                ask(FrameType.CLOSE, out -> out.writeInt(number));
            }
        }
    }

    /** Bytes for an output or a file. */
    private final class RemoteOutput extends OutputStream {
        private final FrameType type;
        private final int number;

        RemoteOutput(FrameType type, int number) {
            this.type = type;
            this.number = number;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            if (gone) {
                throw new IOException("the process that gave the command has ended");
            }
            for (int at = 0; at < length; ) {
                int part = Math.min(length - at, FramePipe.DATA_BYTES);
                int from = offset + at;
                if (number < 0) {
                    pipe.send(type, bytes, from, part);
                } else {
                    ask(type, out -> {
                        out.writeInt(number);
                        out.write(bytes, from, part);
                    });
                }
                at += part;
            }
        }
    }
}
