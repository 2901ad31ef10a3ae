package dev.livesync.cli.control;

import dev.livesync.api.Reason;
import dev.livesync.api.SyncException;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/**
 * Runs what other processes of the same user want done with a database that this process holds. Each connection has two threads of its own, so a client
 * that is slow, stopped or gone keeps nobody else waiting. At most {@value #MAX_COMMANDS} run at a time.
 */
public final class ControlServer implements Closeable {
    /** So many commands at a time; more are refused. */
    public static final int MAX_COMMANDS = 64;

    /** The version of the protocol on the socket. */
    static final int PROTOCOL = 1;

    private static final Duration PATIENCE = Duration.ofSeconds(3);

    /** Runs commands. */
    public interface Runner {
        /**
         * Runs a command.
         *
         * @param arguments the command line
         * @param debug whether stack traces are wanted
         * @param around the client's streams and files
         * @param interrupted completes when the client is asked to end, or is gone
         * @return the exit code
         */
        int run(List<String> arguments, boolean debug, Surroundings around, CompletableFuture<Void> interrupted);
    }

    /**
     * Who holds the database.
     *
     * @param version the build's
     * @param command what it runs
     */
    public record Holder(String version, String command) {}

    private final ControlPlace place;
    private final ServerSocketChannel server;
    private final @Nullable UserPrincipal owner;
    private final Holder holder;
    private final Runner runner;
    private final Consumer<String> log;
    private final Duration patience;
    private final Set<ControlConnection> connections = ConcurrentHashMap.newKeySet();
    private final AtomicInteger running = new AtomicInteger();
    private volatile boolean closing;

    private ControlServer(
            ControlPlace place,
            ServerSocketChannel server,
            @Nullable UserPrincipal owner,
            Holder holder,
            Runner runner,
            Consumer<String> log,
            Duration patience) {
        this.place = place;
        this.server = server;
        this.owner = owner;
        this.holder = holder;
        this.runner = runner;
        this.log = log;
        this.patience = patience;
    }

    /**
     * Opens the socket of a directory.
     *
     * @param directory a database that this process has locked
     * @param holder who this is
     * @param runner runs commands, several at a time, each on a thread of its own
     * @param log told in a line what goes wrong later; any thread
     * @return the server; close it before the database
     * @throws IOException if there can be no socket
     */
    public static ControlServer open(Path directory, Holder holder, Runner runner, Consumer<String> log)
            throws IOException {
        return open(directory, holder, runner, log, PATIENCE);
    }

    /** As the other, with the time that commands have to end in order. */
    static ControlServer open(Path directory, Holder holder, Runner runner, Consumer<String> log, Duration patience)
            throws IOException {
        ControlPlace place = new ControlPlace(directory);
        ServerSocketChannel channel;
        try {
            channel = place.bind();
        } catch (UnsupportedOperationException e) {
            throw new IOException("this system has no local sockets", e);
        }
        ControlServer server = new ControlServer(place, channel, owner(place.folder()), holder, runner, log, patience);
        start(server::accept, "livesync-control");
        return server;
    }

    private static @Nullable UserPrincipal owner(Path folder) throws IOException {
        try {
            return Files.getOwner(folder);
        } catch (UnsupportedOperationException e) {
            return null;
        }
    }

    private static Thread start(Runnable task, String name) {
        Thread thread = new Thread(task, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void accept() {
        while (!closing) {
            try {
                SocketChannel channel = server.accept();
                if (isAllowed(channel)) {
                    ControlConnection connection = new ControlConnection(new FramePipe(channel));
                    connections.add(connection);
                    start(connection::serve, "livesync-control-command");
                } else {
                    channel.close();
                }
            } catch (IOException | RuntimeException | OutOfMemoryError e) {
                if (closing || !server.isOpen()) {
                    return;
                }
                log.accept("a command of another process could not begin: " + Reason.of(e));
            }
        }
    }

    /** The folder lets nobody else come here; where the system says who has come, that is looked at as well. */
    private boolean isAllowed(SocketChannel channel) throws IOException {
        if (owner == null || !channel.supportedOptions().contains(ExtendedSocketOptions.SO_PEERCRED)) {
            return true;
        }
        UserPrincipal user =
                channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
        return user.equals(owner) || user.getName().equals("root");
    }

    private final class ControlConnection {
        private final FramePipe pipe;
        private final CompletableFuture<Void> ended = new CompletableFuture<>();
        private final CompletableFuture<Void> interrupted = new CompletableFuture<>();
        private volatile boolean begun;

        ControlConnection(FramePipe pipe) {
            this.pipe = pipe;
        }

        void serve() {
            boolean counted = false;
            try (pipe) {
                if (!greet()) {
                    return;
                }
                counted = true;
                FramePipe.Received run = pipe.receive();
                if (run == null || run.type() != FrameType.RUN) {
                    return;
                }
                begun = true;
                DataInputStream data = run.data();
                boolean debug = data.readBoolean();
                List<String> arguments = new ArrayList<>();
                for (int left = data.readInt(); left > 0; left--) {
                    arguments.add(FramePipe.text(data));
                }
                RemoteSurroundings around = new RemoteSurroundings(pipe, interrupted);
                start(around::listen, "livesync-control-answers");
                int code = runner.run(List.copyOf(arguments), debug, around, interrupted.copy());
                pipe.send(FrameType.EXIT, out -> out.writeInt(code));
            } catch (IOException | SyncException e) {
                // The client is gone, or is none. What it wanted done is done or isn't, and it is told neither.
            } finally {
                if (counted) {
                    running.decrementAndGet();
                }
                connections.remove(this);
                ended.complete(null);
            }
        }

        /** Says who is here; false if this is as far as it goes. */
        private boolean greet() throws IOException {
            FramePipe.Received hello = pipe.receive();
            if (hello == null || hello.type() != FrameType.HELLO) {
                return false;
            }
            int protocol = hello.data().readInt();
            String refusal = null;
            if (closing) {
                refusal = "it is about to end";
            } else if (protocol != PROTOCOL) {
                refusal = "it is livesync of another version: " + holder.version();
            } else if (running.incrementAndGet() > MAX_COMMANDS) {
                running.decrementAndGet();
                refusal = MAX_COMMANDS + " commands go through it already; try again when one has ended";
            }
            if (refusal != null) {
                String why = refusal;
                pipe.send(FrameType.REFUSED, out -> FramePipe.text(out, why));
                return false;
            }
            boolean welcome = false;
            try {
                pipe.send(FrameType.WELCOME, out -> {
                    out.writeInt(PROTOCOL);
                    FramePipe.text(out, holder.version());
                    FramePipe.text(out, holder.command());
                    out.writeLong(ProcessHandle.current().pid());
                });
                welcome = true;
                return true;
            } finally {
                if (!welcome) {
                    running.decrementAndGet();
                }
            }
        }

        void end() {
            interrupted.complete(null);
            if (!begun) {
                abort();
            }
        }

        void abort() {
            try {
                pipe.close();
            } catch (IOException e) {
                // It is closed.
            }
        }
    }

    /**
     * Takes no more commands, and ends those that run: in order where that takes no longer than a moment. The database may be closed afterwards.
     */
    @Override
    public void close() throws IOException {
        if (closing) {
            return;
        }
        closing = true;
        try (server) {
            place.remove();
        }
        List<ControlConnection> left = List.copyOf(connections);
        left.forEach(ControlConnection::end);
        CompletableFuture<Void> all =
                CompletableFuture.allOf(left.stream().map(c -> c.ended).toArray(CompletableFuture<?>[]::new));
        try {
            all.get(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            left.forEach(ControlConnection::abort);
        } catch (InterruptedException e) {
            left.forEach(ControlConnection::abort);
            Thread.currentThread().interrupt();
        }
    }
}
