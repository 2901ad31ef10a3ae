package dev.livesync.it.cli;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.database.Database;
import dev.livesync.transport.websocket.WebSocketTransportProvider;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Many peers in one process, each with the same large block for the same hub, all at the same time. */
public final class LargeBlocksProgram {
    private static final long PATIENCE_SECONDS = 300;

    private LargeBlocksProgram() {}

    /** Arguments: {@code ADDRESS PEERS BYTES}. Says {@code under way} when each peer has begun, {@code delivered} when all is done, and waits for a line. */
    public static void main(String[] arguments) throws Exception {
        int peers = Integer.parseInt(arguments[1]);
        List<Sync> syncs = new ArrayList<>();
        CountDownLatch begun = new CountDownLatch(peers);
        // One database behind all of them: none gets the others' blocks, and each session sends the same.
        try (Database database = Database.inMemory()) {
            List<Session> sessions = new ArrayList<>();
            for (int i = 0; i < peers; i++) {
                syncs.add(Sync.builder(database)
                        .transport(new WebSocketTransportProvider())
                        .listener(new Beginning(begun))
                        .build());
                sessions.add(get(syncs.get(i).dial(arguments[0])));
                get(sessions.get(i).backlog());
            }
            database.put("large", Map.of("t", "x".repeat(Integer.parseInt(arguments[2]) - 16)));
            if (!begun.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException(begun.getCount() + " have not begun");
            }
            System.out.println("under way");
            for (Session session : sessions) {
                get(session.delivered());
            }
            System.out.println("delivered");
            System.in.read();
            syncs.forEach(Sync::close);
        }
    }

    private static <T> T get(CompletableFuture<T> stage) throws Exception {
        return stage.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Counts the first data of a session, and says how it ended if that is a failure. */
    private static final class Beginning implements SyncListener {
        /** No control message is so long. */
        private static final int LEAST_DATA = 16 << 10;

        private final CountDownLatch begun;
        private boolean counted;

        Beginning(CountDownLatch begun) {
            this.begun = begun;
        }

        @Override
        public synchronized void sent(Session session, Message.Kind kind, int bytes) {
            if (bytes > LEAST_DATA && !counted) {
                counted = true;
                begun.countDown();
            }
        }

        @Override
        public void sessionClosed(Session session, @Nullable SyncException failure) {
            if (failure != null) {
                System.out.println("failed: " + failure);
            }
        }
    }
}
