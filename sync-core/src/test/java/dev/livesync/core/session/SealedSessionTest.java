package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What somebody who carries the messages between two peers gets to see of them. */
class SealedSessionTest {
    private final World world = new World(21);
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();
    private final List<Sync> peers = new ArrayList<>();
    private final ByteArrayOutputStream recording = new ByteArrayOutputStream();

    @AfterEach
    void nothingIsLeftOpen() {
        peers.forEach(world::close);
        assertThat(world.network.faults().links()).as("open channels").isEmpty();
        assertThat(world.timers()).as("timers").isZero();
    }

    @Test
    void whoeverCarriesAPlainConnectionReadsNothingOfIt() {
        world.network.faults().onLink(link -> link.tap((side, message) -> recording.writeBytes(message.payload())));
        here.put("confidential-a", "one of ours");
        there.put("confidential-b", "one of theirs");
        Sync a = add(world.dialling(here));
        Sync b = add(world.dialling(there));
        Session session = world.get(b.dial(world.get(a.listen("memory:door")).address()));
        world.get(session.awaitEqual());
        here.put("confidential-c", "later");
        world.settle();
        assertThat(there.events()).isEqualTo(here.events()).hasSize(3);
        nothingIsReadable();
    }

    @Test
    void aProxyThatEndsEncryptionIsSealedThroughAndJustWorks() {
        world.network.faults().onLink(link -> {
            link.splitBinding();
            link.tap((side, message) -> recording.writeBytes(message.payload()));
        });
        here.put("confidential-a", "one of ours");
        MemoryConfiguration bound = MemoryConfiguration.builder().binding(true).build();
        Sync a = add(world.peer(here).transport(world.network.provider(bound)).build());
        Sync b = add(world.peer(there).transport(world.network.provider(bound)).build());
        Session session = world.get(b.dial(world.get(a.listen("memory:door")).address()));
        world.get(session.awaitEqual());
        assertThat(there.events()).isEqualTo(here.events()).hasSize(1);
        nothingIsReadable();
    }

    private void nothingIsReadable() {
        String all = recording.toString(StandardCharsets.ISO_8859_1);
        assertThat(all)
                .isNotEmpty()
                .doesNotContain(
                        "confidential",
                        "ours",
                        "theirs",
                        "later",
                        "bafy",
                        "clock",
                        "cids",
                        "\"ack\"",
                        "\"bye\"",
                        "roots");
        here.events()
                .forEach(cid -> assertThat(all)
                        .doesNotContain(cid.toString())
                        .doesNotContain(new String(cid.toByteArray(), StandardCharsets.ISO_8859_1)));
    }

    private Sync add(Sync sync) {
        peers.add(sync);
        return sync;
    }
}
