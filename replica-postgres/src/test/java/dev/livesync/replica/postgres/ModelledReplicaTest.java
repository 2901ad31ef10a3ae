package dev.livesync.replica.postgres;

import dev.livesync.api.Cid;
import dev.livesync.api.replica.Replicated;
import dev.livesync.tck.ReplicaStore;
import dev.livesync.tck.ReplicaTck;
import dev.livesync.tck.StoreFeature;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;

/** The kit, on the model of a server that simulations use: what holds on a real one holds there, too. */
class ModelledReplicaTest extends ReplicaTck {
    private static final long QUOTA = 1 << 20;
    private static final AtomicInteger SEEDS = new AtomicInteger();
    private static final ExecutorService WAKE_UPS = Executors.newCachedThreadPool();

    @AfterAll
    static void end() {
        WAKE_UPS.shutdown();
    }

    @Override
    protected ReplicaStore newStore() {
        return new ModelledStore(WAKE_UPS);
    }

    private static final class ModelledStore implements ReplicaStore {
        private final ModelledServer server = new ModelledServer(System::currentTimeMillis, () -> true);
        private final Executor wakeUps;
        private final Random random = new Random(SEEDS.incrementAndGet());
        private ModelledLink link = server.link();
        private @Nullable ModelledHub hub;

        ModelledStore(Executor wakeUps) {
            this.wakeUps = wakeUps;
        }

        @Override
        public Replicated open() {
            ModelledHub opened =
                    ModelledHub.open(new ModelledHub.Parts(link, wakeUps, name -> {}, random), "kit", QUOTA);
            hub = opened;
            return opened.replica();
        }

        @Override
        public void close() {
            if (hub != null) {
                hub.close();
            }
        }

        @Override
        public long pendingBytesPerPeer() {
            return QUOTA;
        }

        @Override
        public Set<StoreFeature> features() {
            return EnumSet.of(
                    StoreFeature.RESTART, StoreFeature.CRASH, StoreFeature.FAILING_WRITES, StoreFeature.DAMAGE);
        }

        @Override
        public void crash() {
            link.stop();
            close();
            server.kill();
            server.promote();
            link = server.link();
        }

        @Override
        public void failWrites(boolean failing) {
            server.full(failing);
        }

        @Override
        public void damage(Cid block) {
            server.damage("kit", block);
            Objects.requireNonNull(hub).clearCache();
        }
    }
}
