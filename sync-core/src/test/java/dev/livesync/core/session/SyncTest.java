package dev.livesync.core.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import org.junit.jupiter.api.Test;

class SyncTest {
    private final World world = new World(1);
    private final TestReplica here = new TestReplica();
    private final TestReplica there = new TestReplica();

    @Test
    void listenAndDial() {
        here.put("alice", "apples");
        here.put("bob", "beer");
        Sync a = world.dialling(here);
        Sync b = world.dialling(there);
        Endpoint endpoint = world.get(a.listen("memory:a"));
        Session session = world.get(b.dial(endpoint.address()));
        world.get(session.backlog());
        assertThat(there.events()).isEqualTo(here.events());
        assertThat(there.heads()).isEqualTo(here.heads());
        there.put("carol", "cider");
        world.settle();
        assertThat(here.heads()).isEqualTo(there.heads());
        world.close(a);
        world.close(b);
    }
}
