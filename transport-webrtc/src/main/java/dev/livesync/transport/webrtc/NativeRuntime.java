package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.media.audio.HeadlessAudioDeviceModule;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What all transports of the process share: the one native factory, and the one thread on which connections are made,
 * described and destroyed.
 *
 * <p>One factory, because each leaves threads behind. It goes with its last user, because its callback thread keeps the JVM
 * from ending; and when the JVM ends regardless, because native threads that outlive it crash. One thread for whatever changes
 * a connection, so that no two such calls meet, and none runs inside a callback. Callbacks hand work over and return: a call
 * that waits for the signalling thread would wait for ever in there.
 */
final class NativeRuntime {
    private static final System.Logger LOG = System.getLogger(NativeRuntime.class.getName());
    private static final long PATIENCE_MILLIS = 3_000;

    private static @Nullable NativeRuntime current;
    private static @Nullable SyncException unavailable;
    private static boolean hooked;
    private static boolean exiting;

    private final ExecutorService control = Executors.newSingleThreadExecutor(task -> {
        Thread thread = new Thread(task, "livesync-webrtc");
        thread.setDaemon(true);
        return thread;
    });
    private final Set<Peer> peers = new LinkedHashSet<>(); // control only
    private final HeadlessAudioDeviceModule sound;
    private final PeerConnectionFactory factory;
    private int users;
    private boolean ended;

    private NativeRuntime() {
        // A factory without one looks for a sound daemon and aborts the process if there is none.
        sound = new HeadlessAudioDeviceModule();
        factory = new PeerConnectionFactory(sound);
    }

    /**
     * The runtime, made where there is none; {@link #release} it once.
     *
     * @throws SyncException {@link ErrorKind#CONFIGURATION} where there can't be one
     */
    static synchronized NativeRuntime acquire() {
        if (exiting) {
            throw new SyncException(ErrorKind.CLOSED, "the process is about to end");
        }
        NativeRuntime runtime = current;
        if (runtime == null) {
            runtime = make();
            current = runtime;
        }
        runtime.users++;
        return runtime;
    }

    @SuppressWarnings(
            "StaticAssignmentOfThrowable") // what is missing stays missing; a native library is tried once a process
    private static NativeRuntime make() {
        if (unavailable != null) {
            throw new SyncException(unavailable.kind(), String.valueOf(unavailable.getMessage()), unavailable);
        }
        try {
            List<String> replaced = SystemLibraries.ensure();
            if (!replaced.isEmpty()) {
                LOG.log(System.Logger.Level.DEBUG, "data channels do without {0}", String.join(", ", replaced));
            }
            NativeRuntime made = new NativeRuntime();
            if (!hooked) {
                Runtime.getRuntime().addShutdownHook(new Thread(NativeRuntime::atExit, "livesync-webrtc-exit"));
                hooked = true;
            }
            return made;
        } catch (IllegalStateException e) {
            throw new SyncException(ErrorKind.CLOSED, "the process is about to end", e);
        } catch (LinkageError | RuntimeException e) {
            unavailable = e instanceof SyncException known ? known : unavailable(e);
            throw unavailable;
        }
    }

    /** Says what to do: what is missing shows only deep in the causes. */
    private static SyncException unavailable(Throwable thrown) {
        Throwable root = thrown;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String platform = System.getProperty("os.name") + " on " + System.getProperty("os.arch");
        String advice = root instanceof NullPointerException
                ? "webrtc-java's native library for " + platform
                        + " is neither on the class path nor among the modules: add"
                        + " its jar with the platform's classifier, such as linux-x86_64, and on the module path"
                        + " --add-modules webrtc.linux.x86_64"
                : "webrtc-java's native library does not load on " + platform + " (" + Failures.text(root)
                        + "); on Debian: " + SystemLibraries.INSTALL;
        return new SyncException(ErrorKind.CONFIGURATION, advice, thrown);
    }

    private static void atExit() {
        NativeRuntime runtime;
        synchronized (NativeRuntime.class) {
            exiting = true;
            runtime = current;
        }
        if (runtime != null) {
            runtime.end();
        }
    }

    /** Gives it back; the last to do so ends it, and waits for that. */
    void release() {
        synchronized (NativeRuntime.class) {
            users--;
            if (users > 0) {
                return;
            }
            current = null;
            end();
        }
    }

    PeerConnectionFactory factory() {
        return factory;
    }

    /** Has something done on the one thread. Dropped when all has ended, which destroyed what it could be about. */
    void execute(Runnable task) {
        try {
            control.execute(() -> {
                try {
                    task.run();
                } catch (Throwable e) {
                    LOG.log(System.Logger.Level.WARNING, "a step of WebRTC failed", e);
                }
            });
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "too late", e);
        }
    }

    /** On the control thread; false if it is too late for new ones. */
    boolean add(Peer peer) {
        return !ended && peers.add(peer);
    }

    /** On the control thread. */
    void remove(Peer peer) {
        peers.remove(peer);
    }

    /** Waits until what was handed over so far is done. */
    void settle() {
        try {
            control.submit(() -> {}).get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "all is settled", e);
        } catch (Exception e) {
            LOG.log(System.Logger.Level.WARNING, "WebRTC does not come to rest", e);
        }
    }

    private void end() {
        execute(() -> {
            if (ended) {
                return;
            }
            ended = true;
            for (Peer peer : new ArrayList<>(peers)) {
                peer.destroy(); // a factory that goes first takes them along, and the process
            }
            factory.dispose();
            sound.dispose();
        });
        control.shutdown();
        try {
            if (!control.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "WebRTC does not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
