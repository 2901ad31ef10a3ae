package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

class MailboxTest {
    private final Queue<Runnable> scheduled = new ArrayDeque<>();
    private final List<String> ran = new ArrayList<>();
    private final List<Throwable> crashes = new ArrayList<>();
    private final Mailbox mailbox = new Mailbox(new TailExecutor(scheduled::add), crashes::add, refusal -> {
        throw refusal;
    });

    private void runAll() {
        while (!scheduled.isEmpty()) {
            scheduled.remove().run();
        }
    }

    @Test
    void urgentTasksGoBeforeThoseThatWaitAndKeepTheirOrder() {
        mailbox.execute(() -> ran.add("a"));
        mailbox.execute(() -> ran.add("b"));
        mailbox.executeNext(() -> ran.add("x"));
        mailbox.executeNext(() -> ran.add("y"));
        assertThat(ran).isEmpty();
        runAll();
        assertThat(ran).containsExactly("x", "y", "a", "b");
    }

    @Test
    void anUrgentTaskFromATaskIsTheNext() {
        mailbox.execute(() -> {
            ran.add("a");
            mailbox.executeNext(() -> ran.add("x"));
        });
        mailbox.execute(() -> ran.add("b"));
        runAll();
        assertThat(ran).containsExactly("a", "x", "b");
    }

    @Test
    void othersGetATurnAndNothingIsLost() {
        for (int i = 0; i < 200; i++) {
            String name = "t" + i;
            mailbox.execute(() -> ran.add(name));
        }
        assertThat(scheduled).hasSize(1);
        scheduled.remove().run();
        assertThat(ran).hasSizeLessThan(200);
        assertThat(scheduled).as("the rest of the turn").hasSize(1);
        runAll();
        assertThat(ran).hasSize(200);
    }

    @Test
    void aCrashDoesNotStopTheOthers() {
        RuntimeException crash = new IllegalStateException("on purpose");
        mailbox.execute(() -> {
            throw crash;
        });
        mailbox.execute(() -> ran.add("b"));
        runAll();
        assertThat(crashes).containsExactly(crash);
        assertThat(ran).containsExactly("b");
    }

    /** A machine without memory gives no thread, which is an {@link Error}. */
    @Test
    void anExecutorThatFailsIsOneThatTakesNoMore() {
        List<Throwable> refusals = new ArrayList<>();
        Mailbox failing = new Mailbox(
                new TailExecutor(task -> {
                    throw new LinkageError("no thread");
                }),
                crashes::add,
                refusals::add);
        failing.execute(() -> ran.add("never"));
        assertThat(refusals).hasSize(1);
        assertThat(refusals.get(0)).hasRootCauseMessage("no thread");
    }

    @Test
    void whoeverIsToldOfACrashMayCrashToo() {
        Mailbox clumsy = new Mailbox(
                new TailExecutor(scheduled::add),
                crash -> {
                    throw new LinkageError("no memory to say so");
                },
                refusal -> {
                    throw refusal;
                });
        clumsy.execute(() -> {
            throw new IllegalStateException("on purpose");
        });
        clumsy.execute(() -> ran.add("b"));
        runAll();
        assertThat(ran).containsExactly("b");
        clumsy.execute(() -> ran.add("c"));
        runAll();
        assertThat(ran).containsExactly("b", "c");
    }
}
