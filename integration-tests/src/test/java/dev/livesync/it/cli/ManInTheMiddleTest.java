package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.it.cli.ManInTheMiddle.Attack;
import dev.livesync.it.cli.ManInTheMiddle.Plan;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two nginx in a row, and somebody on the hop between them: dialler, nginx, he, nginx, listener. */
class ManInTheMiddleTest {
    /** Nothing follows of what was to come. The end to which that happened can't tell it from a connection that broke. */
    private static final Set<ErrorKind> NOTICED = Set.of(ErrorKind.AUTHENTICATION, ErrorKind.DISCONNECTED);

    /** The handshake's messages and what follows, in each direction. */
    private static final int FRAMES = 4;

    @TempDir
    private Path directory;

    private final BlockingQueue<SyncException> atTheListener = new LinkedBlockingQueue<>();

    @BeforeAll
    static void needsNginx() {
        boolean there = Nginx.program().isPresent();
        String otherwise = "NOT TESTED between two proxies: needs nginx";
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
    }

    @Test
    void whateverHeDoesIsNoticedAndHeReadsNothing() throws Exception {
        try (Database hub = Database.inMemory();
                Sync listening = Sync.builder(hub).listener(failures()).build()) {
            hub.put("confidential-hub", "{\"value\":\"theirs\"}");
            String address = get(listening.listen("ws://127.0.0.1:0/")).address();
            int secret = address.indexOf("/#");
            try (Nginx inner = nginx("inner", address.substring(0, secret).replace("ws:", "http:"));
                    ManInTheMiddle man = new ManInTheMiddle(inner.port());
                    Nginx outer = nginx("outer", man.address())) {
                String through = "ws://127.0.0.1:" + outer.port() + address.substring(secret);
                man.plan(new Plan(Attack.NONE, true, 0));
                try (Database b = Database.inMemory();
                        Sync dialling = Sync.builder(b).build()) {
                    b.put("confidential-b", "{\"value\":\"ours\"}");
                    get(get(dialling.dial(through)).awaitEqual());
                }
                for (Attack attack : EnumSet.complementOf(EnumSet.of(Attack.NONE))) {
                    for (int index = attack.first(); index < FRAMES; index++) {
                        attacked(man, hub, through, new Plan(attack, true, index));
                        attacked(man, hub, through, new Plan(attack, false, index));
                    }
                }
                assertThat(man.recording())
                        .contains("Upgrade")
                        .doesNotContain("confidential", "ours", "theirs", "bafy", "clock");
            }
        }
    }

    private void attacked(ManInTheMiddle man, Database hub, String address, Plan plan) throws Exception {
        man.plan(plan);
        atTheListener.clear();
        try (Database b = Database.inMemory();
                Sync dialling = Sync.builder(b).build()) {
            b.put("confidential-b", "{\"value\":\"ours\"}");
            SyncException failure = failure(dialling.dial(address), () -> {
                // So that something follows whatever is attacked.
                b.put("confidential-b-later", "{\"value\":\"ours\"}");
                hub.put("confidential-hub-later", "{\"value\":\"theirs\",\"of\":\"" + plan + "\"}");
            });
            SyncException other = atTheListener.poll(60, TimeUnit.SECONDS);
            assertThat(man.attacked()).as("%s", plan).isTrue();
            assertThat(failure.kind()).as("%s: %s", plan, failure).isIn(NOTICED);
            assertThat(other).as("%s: what the listener says", plan).isNotNull();
            assertThat(other.kind()).as("%s: %s", plan, other).isIn(NOTICED);
            assertThat(Set.of(failure, other))
                    .as("%s: one end knows that it was no accident", plan)
                    .anyMatch(e -> e.kind() == ErrorKind.AUTHENTICATION);
        }
    }

    private SyncListener failures() {
        return new SyncListener() {
            @Override
            public void sessionClosed(Session session, @Nullable SyncException failure) {
                if (failure != null) {
                    atTheListener.add(failure);
                }
            }

            @Override
            public void refused(String remote, SyncException why) {
                atTheListener.add(why);
            }
        };
    }

    private static SyncException failure(CompletableFuture<Session> dial, Runnable meanwhile) throws Exception {
        try {
            Session session = get(dial);
            meanwhile.run();
            get(session.closed());
        } catch (ExecutionException e) {
            Throwable cause = e.getCause() instanceof CompletionException wrapper ? wrapper.getCause() : e.getCause();
            if (cause instanceof SyncException failure) {
                return failure;
            }
            throw e;
        }
        throw new AssertionError("nothing failed");
    }

    private Nginx nginx(String name, String upstream) throws Exception {
        return Nginx.start(directory.resolve(name), """
                server {
                    listen 443 ssl;
                    location / {
                        proxy_pass %s/;
                        proxy_http_version 1.1;
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_set_header Connection "upgrade";
                    }
                }
                """.formatted(upstream), false);
    }

    private static <T> T get(CompletableFuture<T> future) throws Exception {
        return future.get(60, TimeUnit.SECONDS);
    }
}
