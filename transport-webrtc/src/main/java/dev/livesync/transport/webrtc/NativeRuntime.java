package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.onvoid.webrtc.PeerConnectionFactory;
import dev.onvoid.webrtc.media.audio.HeadlessAudioDeviceModule;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What all transports of the process share: the one native factory, and the one thread on which connections are made,
 * described and destroyed.
 *
 * <p>One factory, because each that has carried a connection leaves two threads behind when it goes. So it stays when its last
 * user has gone, for the next one. Its callback thread would keep the JVM from ending; so while nobody uses it, it is looked for
 * whether that thread is the last that does, and then it goes. It goes, too, when the JVM is told to end, because native threads
 * that outlive it crash. One thread for whatever changes a connection, so that no two such calls meet, and none runs inside a
 * callback. Callbacks hand work over and return: a call that waits for the signalling thread would wait for ever in there.
 */
final class NativeRuntime {
    private static final System.Logger LOG = System.getLogger(NativeRuntime.class.getName());
    private static final long PATIENCE_MILLIS = 3_000;
    /** How often to check whether the process is idle; its end is late by this much at most. */
    private static final long WATCH_MILLIS = 300;

    private static final String NAME = "livesync-webrtc";

    /** The library's threads that call back. Java counts them as its own threads, and not as daemons. */
    private static final Set<Thread> CALLBACK_THREADS = ConcurrentHashMap.newKeySet();

    private static @Nullable NativeRuntime current;
    private static @Nullable SyncException unavailable;
    private static boolean hooked;
    private static boolean exiting;

    private final ScheduledThreadPoolExecutor control = new ScheduledThreadPoolExecutor(1, NativeRuntime::thread);
    private final Set<NativeConnection> connections = new LinkedHashSet<>(); // control only
    private final HeadlessAudioDeviceModule sound;
    private final PeerConnectionFactory factory;
    private int users; // under the class's monitor
    private boolean watching; // likewise
    private volatile @Nullable Future<?> watch;
    private boolean ended;

    private NativeRuntime() {
        control.setRemoveOnCancelPolicy(true);
        // A factory without one looks for a sound daemon and aborts the process if there is none.
        sound = new HeadlessAudioDeviceModule();
        factory = new PeerConnectionFactory(sound);
    }

    /** Creates the control thread. It outlives its creator, so it inherits nothing. */
    private static Thread thread(Runnable task) {
        Thread thread = new Thread(null, task, NAME, 0, false);
        thread.setContextClassLoader(null);
        thread.setDaemon(true);
        return thread;
    }

    /** Whether a thread is the control thread or one of the library's for callbacks. */
    static boolean owns(Thread thread) {
        return thread.getName().equals(NAME) || CALLBACK_THREADS.contains(thread);
    }

    /** Called first in every callback. */
    static void calledBack() {
        CALLBACK_THREADS.add(Thread.currentThread());
    }

    /**
     * Returns the runtime, and creates it if there is none; {@link #release} it once.
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

    /** Creates the failure with advice: the missing library is named only deep in the causes. */
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
                : "webrtc-java's native library does not load on " + platform + " (" + WebRtcFailures.text(root)
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

    /** Releases the runtime; it is kept for the next user as long as the process lives. */
    void release() {
        synchronized (NativeRuntime.class) {
            users--;
            if (users == 0 && !watching) {
                watching = true;
                watchLater();
            }
        }
    }

    private void watchLater() {
        try {
            watch = control.schedule(this::watch, WATCH_MILLIS, TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "the process ends", e);
        }
    }

    /** Runs while nobody uses the runtime: ends it if nothing else keeps the process alive. */
    private void watch() {
        synchronized (NativeRuntime.class) {
            watching = false;
            if (users > 0 || exiting) {
                return;
            }
            if (isProcessInUse()) {
                watching = true;
                watchLater();
                return;
            }
            current = null;
            dispose();
            control.shutdown();
        }
    }

    /** Whether another thread keeps the process alive: any but daemons and those of the library. */
    private static boolean isProcessInUse() {
        CALLBACK_THREADS.removeIf(thread -> !thread.isAlive());
        ThreadGroup all = Thread.currentThread().getThreadGroup();
        while (all.getParent() != null) {
            all = all.getParent();
        }
        Thread[] threads = new Thread[all.activeCount() * 2 + 64];
        int count = all.enumerate(threads, true);
        for (int i = 0; i < count; i++) {
            Thread thread = threads[i];
            // The one that waits for all others, once main has returned, is not a daemon either.
            if (!thread.isDaemon() && !owns(thread) && !thread.getName().equals("DestroyJavaVM")) {
                return true;
            }
        }
        return false;
    }

    PeerConnectionFactory factory() {
        return factory;
    }

    /** Runs a task on the control thread. After the end it is dropped, since all connections were destroyed. */
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

    /** Adds a connection; false if the runtime has ended. On the control thread. */
    boolean add(NativeConnection connection) {
        return !ended && connections.add(connection);
    }

    /** On the control thread. */
    void remove(NativeConnection connection) {
        connections.remove(connection);
    }

    /** Waits until the tasks that were submitted so far are done. */
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
        Future<?> later = watch;
        if (later != null) {
            later.cancel(false);
        }
        execute(this::dispose);
        control.shutdown();
        try {
            if (!control.awaitTermination(PATIENCE_MILLIS, TimeUnit.MILLISECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "WebRTC does not end in time");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** On the control thread. */
    private void dispose() {
        if (ended) {
            return;
        }
        ended = true;
        for (NativeConnection connection : new ArrayList<>(connections)) {
            connection.destroy(); // a factory that goes first takes them along, and the process
        }
        factory.dispose();
        sound.dispose();
    }
}
