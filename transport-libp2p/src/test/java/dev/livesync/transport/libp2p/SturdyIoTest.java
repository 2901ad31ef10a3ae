package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoRegistration;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Netty lets its loop end on an Error, and leaves the sockets open: nobody would ever hear of them again. */
class SturdyIoTest {
    /** Fails a number of times; else waits to be woken. */
    private static final class Failing implements IoHandler {
        private final AtomicInteger failures;
        private final CountDownLatch closed;
        private final java.util.concurrent.Semaphore wakeUps = new java.util.concurrent.Semaphore(0);

        Failing(int failures, CountDownLatch closed) {
            this.failures = new AtomicInteger(failures);
            this.closed = closed;
        }

        @Override
        public int run(IoHandlerContext context) {
            if (failures.getAndDecrement() > 0) {
                throw new LinkageError("on purpose");
            }
            if (context.canBlock()) {
                wakeUps.acquireUninterruptibly();
            }
            return 0;
        }

        @Override
        public void prepareToDestroy() {
            closed.countDown();
        }

        @Override
        public IoRegistration register(IoHandle handle) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void wakeup() {
            wakeUps.release();
        }

        @Override
        public boolean isCompatible(Class<? extends IoHandle> type) {
            return true;
        }
    }

    private static MultiThreadIoEventLoopGroup group(int failures, CountDownLatch closed) {
        return new MultiThreadIoEventLoopGroup(1, SturdyIo.around(executor -> new Failing(failures, closed)));
    }

    @Test
    void aLoopGoesOnAfterAnError() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        MultiThreadIoEventLoopGroup loops = group(3, closed);
        for (int i = 0; i < 3; i++) {
            CountDownLatch ran = new CountDownLatch(1);
            loops.execute(ran::countDown);
            assertThat(ran.await(30, TimeUnit.SECONDS)).as("task %d", i).isTrue();
        }
        assertThat(closed.getCount()).isEqualTo(1);
        // With no quiet period at all a loop of Netty may end without a word to its sockets.
        assertThat(loops.shutdownGracefully(10, 1_000, TimeUnit.MILLISECONDS).await(30, TimeUnit.SECONDS))
                .isTrue();
        assertThat(closed.await(30, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void aLoopThatCannotGoOnClosesItsSocketsFirst() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        MultiThreadIoEventLoopGroup loops = group(Integer.MAX_VALUE, closed);
        loops.execute(() -> {});
        assertThat(closed.await(30, TimeUnit.SECONDS)).as("sockets are closed").isTrue();
        var unused = loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
