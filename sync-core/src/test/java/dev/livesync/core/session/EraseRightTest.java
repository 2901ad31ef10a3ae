package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.attachments.Attachment;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may erase at a listener: whoever's grant says so, and whoever needs none. */
class EraseRightTest {
    private final World world = new World(7);
    private final Database hub = Database.inMemory();
    private final Database mine = Database.inMemory();
    private final List<SyncException> refused = new ArrayList<>();
    private final List<Sync> peers = new ArrayList<>();
    private Attachment photo;

    @BeforeEach
    void put() throws IOException {
        photo = hub.attachments().put(new ByteArrayInputStream(new byte[50_000]), "a/b");
        hub.put("p", Map.of("photo", photo.stub()));
    }

    private Session connect(Rights rights) {
        Sync listener = world.peer(hub).transport(world.network.provider()).build();
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
        Session session;
        if (rights == null) {
            Endpoint endpoint = world.get(listener.listen("memory:"));
            session = world.get(dialler.dial(endpoint.address()));
        } else {
            Grants grants = Grants.inMemory();
            Grant grant = Grant.of("alice", rights, new Random(5));
            grants.add(grant);
            Endpoint endpoint = world.get(listener.listen("memory:", grants));
            session = world.get(dialler.dial(endpoint.publicAddress(), grant.secret()));
        }
        await(() -> mine.get("p").isPresent());
        return session;
    }

    private void await(BooleanSupplier condition) {
        Awaitility.await().until(() -> {
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
    void aGrantToWriteIsNone() {
        Session session = connect(Rights.READ_WRITE);
        mine.put("fine", "{}");
        await(() -> hub.get("fine").isPresent());
        mine.erasures().erase(List.of("p"));
        await(() -> !refused.isEmpty());
        assertThat(refused.get(0).kind()).isEqualTo(ErrorKind.REFUSED);
        assertThat(refused.get(0)).hasMessageContaining("the grant gives no right to erase");
        assertThat(session.closed()).isNotDone();
        assertThat(hub.erasures().isErased(photo)).isFalse();
        assertThat(hub.attachments().missing(photo)).isZero();
        assertThat(hub.get("p")).isPresent();
        assertThat(hub.summary().pending()).isZero();
        // It reads on, and what the hub erases holds there as well.
        hub.put("theirs", "{}");
        await(() -> mine.get("theirs").isPresent());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aGrantToEraseIsOneAndSoIsComingWithoutAGrant(boolean granted) {
        Session session = connect(granted ? Rights.READ_WRITE_ERASE : null);
        assertThat(session.rights()).as("the peer need not know of it").isEqualTo(Rights.READ_WRITE);
        mine.erasures().erase(List.of("p"));
        await(() -> hub.erasures().isErased(photo));
        assertThat(hub.get("p")).isEmpty();
        assertThat(refused).isEmpty();
        hub.compact();
        assertThat(hub.attachments().bytes()).isZero();
    }

    /** Whoever dials gives the other side everything. */
    @ParameterizedTest
    @ValueSource(strings = {"READ", "READ_WRITE"})
    void theListenerErasesAtThoseWhoDial(Rights rights) {
        connect(rights);
        hub.erasures().erase(List.of("p"));
        await(() -> mine.erasures().isErased(photo));
    }
}
