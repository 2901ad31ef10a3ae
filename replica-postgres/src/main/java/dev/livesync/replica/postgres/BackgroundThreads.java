package dev.livesync.replica.postgres;

import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** A thread that tells other hubs what is new and what is said, one that finds out what is new of theirs, and some that follow it. */
final class BackgroundThreads implements PostgresStore.Background {
    private static final int MOST_FOLLOWERS = 64;

    private final ExecutorService followers = threads();
    private final Announcer announcer;
    private final StoreListener listener;

    /** Starts them. */
    BackgroundThreads(Connections connections, Duration poll, StoreListener.Hearing hearing) {
        announcer = new Announcer(connections, poll, System::nanoTime);
        listener = new StoreListener(connections, poll, System::nanoTime, hearing);
        listener.start();
    }

    /** Threads enough for all that have connections, and for as many that wait for one. */
    private static ExecutorService threads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                MOST_FOLLOWERS, MOST_FOLLOWERS, 5, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "livesync-postgres-follow");
                    thread.setDaemon(true);
                    return thread;
                });
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    @Override
    public Executor followers() {
        return followers;
    }

    @Override
    public void announce(String database) {
        announcer.announce(database);
    }

    @Override
    public CompletionStage<Void> send(String database, String payload) {
        return announcer.send(database, payload);
    }

    @Override
    public void close() {
        listener.close();
        announcer.close();
    }

    @Override
    public void join() {
        announcer.join();
        listener.join();
        followers.shutdown();
    }
}
