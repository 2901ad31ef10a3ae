package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.grant.Authorizer;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The application's say on what peers write. */
class AuthorizerTest {
    private final World world = new World(5);
    private final Database hub = Database.inMemory();
    private final Database mine = Database.inMemory();
    private final Grants grants = Grants.inMemory();
    private final Grant alice = Grant.of("alice", Rights.READ_WRITE, new Random(5));
    private final List<String> asked = new ArrayList<>();
    private final List<SyncException> refused = new ArrayList<>();
    private final List<Sync> peers = new ArrayList<>();

    private Session connect(Authorizer authorizer) {
        grants.add(alice);
        Sync listener = world.peer(hub)
                .transport(world.network.provider())
                .authorizer(authorizer)
                .build();
        Sync dialler = world.peer(mine)
                .transport(world.network.provider())
                .listener(new SyncListener() {
                    @Override
                    public void changesRefused(Session session, SyncException refusal) {
                        refused.add(refusal);
                    }
                })
                .build();
        peers.add(listener);
        peers.add(dialler);
        Endpoint endpoint = world.get(listener.listen("memory:", grants));
        Session session = world.get(dialler.dial(endpoint.publicAddress(), alice.secret()));
        world.settle();
        return session;
    }

    /** Wake-ups of a database come on a thread of its own. */
    private void await(java.util.function.BooleanSupplier condition) {
        org.awaitility.Awaitility.await().until(() -> {
            world.settle();
            return condition.getAsBoolean();
        });
    }

    @AfterEach
    void close() {
        peers.forEach(world::close);
        hub.close();
        mine.close();
    }

    @Test
    void itSeesWhoWritesWhatBeforeAndAfter() {
        hub.put("a", "{\"n\":1}");
        Session session = connect(write -> {
            asked.add(write.grant().orElse("?") + " " + write.id() + " "
                    + write.before().isPresent() + " " + write.after().isPresent());
            return Optional.empty();
        });
        mine.write(batch -> {
            batch.put("a", "{\"n\":2}");
            batch.put("b", "{}");
        });
        await(() -> hub.get("b").isPresent());
        mine.delete("a");
        await(() -> hub.get("a").isEmpty());
        assertThat(asked).containsExactly("alice a true true", "alice b false true", "alice a true false");
        assertThat(session.closed()).isNotDone();
        assertThat(refused).isEmpty();
    }

    @Test
    void whatItRefusesIsNotStoredAndTheSenderIsToldOnceWithoutALoop() {
        Session session = connect(write ->
                write.id().startsWith("locked") ? Optional.of("it belongs to somebody else") : Optional.empty());
        mine.put("fine", "{}");
        await(() -> hub.get("fine").isPresent());
        Cid bad = mine.put("locked/1", "{}");
        await(() -> !refused.isEmpty());
        assertThat(refused.get(0).kind()).isEqualTo(ErrorKind.REFUSED);
        assertThat(refused.get(0))
                .hasMessageContaining("document \"locked/1\" was refused: it belongs to somebody else")
                .hasMessageContaining(bad.toString());
        CompletableFuture<Void> delivered = session.delivered();
        await(delivered::isCompletedExceptionally);
        // The session goes on: it reads, and what is written on top of the refused change is refused, too, once each.
        hub.put("theirs", "{}");
        await(() -> mine.get("theirs").isPresent());
        mine.put("more", "{}");
        await(() -> refused.size() == 2);
        assertThat(refused.get(1)).hasMessageContaining("builds on what was refused");
        long sent = session.statistics().messagesSent();
        world.settle();
        assertThat(session.statistics().messagesSent()).isEqualTo(sent);
        assertThat(session.statistics().carsRefused()).isEqualTo(2);
        assertThat(session.closed()).isNotDone();
        assertThat(hub.get("locked/1")).isEmpty();
        assertThat(hub.get("more")).isEmpty();
        assertThat(hub.summary().pending()).isZero();
    }

    @Test
    void whereItThrowsNothingIsStoredAndTheSessionEnds() {
        Session session = connect(write -> {
            throw new IllegalStateException("no");
        });
        mine.put("a", "{}");
        await(session.closed()::isCompletedExceptionally);
        assertThat(hub.all()).isEmpty();
    }
}
