package dev.livesync.cli.control;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Has a command run by the process that holds a database. Hands out no file but those that the command line names, each for what it is named for: a holder
 * that isn't what it seems to be gets nothing else. One thread, but for {@link #interrupt}.
 */
public final class ControlClient implements Closeable {
    private static final int MAX_OPEN = 8;

    private final FramePipe pipe;
    private final String holder;

    private ControlClient(FramePipe pipe, String holder) {
        this.pipe = pipe;
        this.holder = holder;
    }

    /**
     * Looks for a holder.
     *
     * @param directory a database, or nothing
     * @param version of this build, which has to be the holder's
     * @return empty if nobody is there
     * @throws SyncException {@link ErrorKind#IN_USE} if somebody is, who doesn't run this; the message says why
     */
    public static Optional<ControlClient> connect(Path directory, String version) {
        ControlPlace place = new ControlPlace(directory);
        if (!place.isThere()) {
            return Optional.empty();
        }
        FramePipe pipe;
        try {
            pipe = new FramePipe(place.connect());
        } catch (ConnectException | NoSuchFileException e) {
            return Optional.empty(); // left behind by who was killed, or just removed
        } catch (IOException | UnsupportedOperationException e) {
            throw unreachable("its socket can't be used: " + Reason.of(e));
        }
        boolean greeted = false;
        try {
            ControlClient client = new ControlClient(pipe, greet(pipe, version));
            greeted = true;
            return Optional.of(client);
        } catch (IOException e) {
            throw unreachable("it lets only its own user in, or has just ended");
        } finally {
            if (!greeted) {
                close(pipe);
            }
        }
    }

    private static String greet(FramePipe pipe, String version) throws IOException {
        pipe.send(FrameType.HELLO, out -> {
            out.writeInt(ControlServer.PROTOCOL);
            FramePipe.text(out, version);
        });
        FramePipe.Received answer = pipe.receive();
        if (answer == null) {
            throw new IOException("closed");
        }
        DataInputStream data = answer.data();
        if (answer.type() == FrameType.REFUSED) {
            throw unreachable(FramePipe.text(data));
        }
        if (answer.type() != FrameType.WELCOME || data.readInt() != ControlServer.PROTOCOL) {
            throw unreachable("it speaks another language on its socket");
        }
        String theirs = FramePipe.text(data);
        String who = "livesync " + FramePipe.text(data) + ", process " + data.readLong();
        if (!theirs.equals(version)) {
            throw unreachable(who + " is of another version: there " + theirs + ", here " + version
                    + "; use the same on both sides");
        }
        return who;
    }

    private static SyncException unreachable(String why) {
        return new SyncException(ErrorKind.IN_USE, why);
    }

    /**
     * Who holds the database.
     *
     * @return a few words, for messages
     */
    public String holder() {
        return holder;
    }

    /**
     * Has a command run.
     *
     * @param arguments the command line
     * @param debug whether stack traces are wanted
     * @param around this process's streams and files
     * @param readable the files that may be read
     * @param writable the files that may be written
     * @return the exit code
     * @throws SyncException {@link ErrorKind#CLOSED} if the holder ends before the command does
     */
    public int run(List<String> arguments, boolean debug, Surroundings around, Set<Path> readable, Set<Path> writable) {
        try (Desk desk = new Desk(around, readable, writable)) {
            pipe.send(FrameType.RUN, out -> {
                out.writeBoolean(debug);
                out.writeInt(arguments.size());
                for (String argument : arguments) {
                    FramePipe.text(out, argument);
                }
            });
            while (true) {
                FramePipe.Received frame = pipe.receive();
                if (frame == null) {
                    throw ended();
                }
                if (frame.type() == FrameType.EXIT) {
                    return frame.data().readInt();
                }
                desk.serve(frame);
            }
        } catch (IOException e) {
            throw ended();
        }
    }

    private SyncException ended() {
        return new SyncException(
                ErrorKind.CLOSED,
                "the process that has the database open (" + holder
                        + ") ended before the command did; what was not acknowledged may be stored or not");
    }

    /** Passes on that this process was asked to end. Any thread. */
    public void interrupt() {
        try {
            pipe.send(FrameType.INTERRUPT);
        } catch (IOException e) {
            // It has ended.
        }
    }

    @Override
    public void close() {
        close(pipe);
    }

    private static void close(Closeable pipe) {
        try {
            pipe.close();
        } catch (IOException e) {
            // It is closed.
        }
    }

    /** Answers the holder's questions. */
    private final class Desk implements Closeable {
        private final Surroundings around;
        private final Set<Path> readable;
        private final Set<Path> writable;
        private final Map<Integer, InputStream> sources = new HashMap<>();
        private final Map<Integer, FileAccess.TargetFile> targets = new HashMap<>();
        private int number;
        private boolean outputClosed;

        Desk(Surroundings around, Set<Path> readable, Set<Path> writable) {
            this.around = around;
            this.readable = Set.copyOf(readable);
            this.writable = Set.copyOf(writable);
        }

        void serve(FramePipe.Received frame) throws IOException {
            switch (frame.type()) {
                case OUT -> output(frame);
                case ERR -> {
                    frame.writeTo(around.err());
                    around.err().flush();
                }
                default -> answer(frame);
            }
        }

        /** Whoever reads no more ends the command: the holder sees that this side is gone, as it would if this process had been ended by SIGPIPE. */
        private void output(FramePipe.Received frame) {
            if (outputClosed) {
                return;
            }
            try {
                frame.writeTo(around.out());
                around.out().flush();
            } catch (IOException e) {
                outputClosed = true;
                throw new SyncException(ErrorKind.STORAGE, "standard output was closed", e);
            }
        }

        private void answer(FramePipe.Received frame) throws IOException {
            FramePipe.Content answer;
            try {
                answer = reply(frame.type(), frame.data());
            } catch (IOException | SyncException e) {
                ErrorKind kind = e instanceof SyncException s
                        ? s.kind()
                        : e instanceof NoSuchFileException ? ErrorKind.NOT_FOUND : ErrorKind.STORAGE;
                String message = e instanceof SyncException ? String.valueOf(e.getMessage()) : Reason.of(e);
                pipe.send(FrameType.FAILURE, out -> {
                    FramePipe.text(out, kind.name());
                    FramePipe.text(out, message);
                });
                return;
            }
            pipe.send(FrameType.ANSWER, answer);
        }

        private FramePipe.Content reply(FrameType question, DataInputStream data) throws IOException {
            switch (question) {
                case READ -> {
                    data.readInt();
                    return bytes(around.in(), data.readInt());
                }
                case TERMINAL -> {
                    boolean terminal = around.isTerminal(data.readInt());
                    return out -> out.writeBoolean(terminal);
                }
                case EXISTS -> {
                    boolean exists = around.files().exists(named(data, writable));
                    return out -> out.writeBoolean(exists);
                }
                case OPEN -> {
                    FileAccess.SourceFile source = around.files().open(named(data, readable));
                    int mine = next();
                    sources.put(mine, source.stream());
                    return out -> {
                        out.writeInt(mine);
                        out.writeLong(source.size());
                    };
                }
                case FETCH -> {
                    return bytes(opened(sources, data.readInt()), data.readInt());
                }
                case CREATE -> {
                    boolean replace = data.readBoolean();
                    FileAccess.TargetFile target = around.files().create(named(data, writable), replace);
                    int mine = next();
                    targets.put(mine, target);
                    return out -> out.writeInt(mine);
                }
                case WRITE -> {
                    opened(targets, data.readInt()).stream().write(data.readAllBytes());
                    return nothing();
                }
                case KEEP -> {
                    opened(targets, data.readInt()).keep();
                    return nothing();
                }
                case CLOSE -> {
                    int theirs = data.readInt();
                    InputStream source = sources.remove(theirs);
                    FileAccess.TargetFile target = targets.remove(theirs);
                    if (source != null) {
                        source.close();
                    }
                    if (target != null) {
                        target.close();
                    }
                    return nothing();
                }
                default -> throw new SyncException(ErrorKind.MALFORMED, "no question: " + question);
            }
        }

        private FramePipe.Content nothing() {
            return out -> {};
        }

        private FramePipe.Content bytes(InputStream in, int most) throws IOException {
            if (most < 1 || most > FramePipe.DATA_BYTES) {
                throw new SyncException(ErrorKind.MALFORMED, "nobody needs " + most + " bytes at once");
            }
            byte[] bytes = new byte[most];
            int count = Math.max(0, in.read(bytes));
            return out -> out.write(bytes, 0, count);
        }

        private Path named(DataInputStream data, Set<Path> allowed) throws IOException {
            Path file = Path.of(FramePipe.text(data));
            if (!allowed.contains(file)) {
                throw new SyncException(ErrorKind.REFUSED, "the command line does not name " + file);
            }
            return file;
        }

        private int next() {
            if (sources.size() + targets.size() >= MAX_OPEN) {
                throw new SyncException(ErrorKind.LIMIT_EXCEEDED, "too many files at once");
            }
            return ++number;
        }

        private <T> T opened(Map<Integer, T> all, int theirs) {
            T one = all.get(theirs);
            if (one == null) {
                throw new SyncException(ErrorKind.MALFORMED, "there is no file " + theirs);
            }
            return one;
        }

        @Override
        public void close() {
            sources.values().forEach(ControlClient::close);
            targets.values().forEach(ControlClient::close);
        }
    }
}
