package dev.livesync.core.mesh;

import static dev.livesync.core.session.Refusals.refused;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.KeptPeer;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.core.session.TestReplica;
import dev.livesync.core.session.World;
import dev.livesync.mesh.Mesh;
import dev.livesync.mesh.MeshOptions;
import dev.livesync.transport.memory.MemoryLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Peers that find each other. Time is the world's, and so is the order in which things happen. */
class MeshTest {
    private static final String SECRET = "S".repeat(43);
    private static final Duration SOON = Duration.ofSeconds(3);

    private static final class Peer {
        final String name;
        final TestReplica replica = new TestReplica();
        final List<KeptPeer.State> told = new ArrayList<>();
        Sync sync;
        Mesh mesh;
        DiscoveryBoard.Post post;

        Peer(String name) {
            this.name = name;
        }
    }

    private World world = new World(17);
    private DiscoveryBoard board = new DiscoveryBoard();
    private SplitNetwork network = new SplitNetwork(world.network, world.nanos());
    private final Map<String, Peer> peers = new LinkedHashMap<>();

    private void renew(long seed) {
        world = new World(seed);
        board = new DiscoveryBoard();
        network = new SplitNetwork(world.network, world.nanos());
    }

    private Peer start(String name) {
        return start(name, MeshOptions.at("memory:" + name + "#" + SECRET), board.post(name), builder -> builder);
    }

    private Peer start(
            String name, MeshOptions options, DiscoveryBoard.Post post, UnaryOperator<Sync.Builder> configured) {
        Peer peer = new Peer(name);
        peer.post = post;
        peer.sync = configured
                .apply(world.peer(peer.replica).transport(network.of(name)).listener(new SyncListener() {
                    @Override
                    public void keptPeerChanged(KeptPeer kept, KeptPeer.Status status) {
                        peer.told.add(status.state());
                    }
                }))
                .build();
        peers.put(name, peer);
        peer.mesh = world.get(peer.sync.mesh(post, options));
        return peer;
    }

    private void start(int count) {
        for (int i = 0; i < count; i++) {
            Peer peer = start("p" + (char) ('a' + i));
            peer.replica.put("of " + peer.name, "1");
        }
    }

    private Peer peer(String name) {
        return peers.get(name);
    }

    private static List<Cid> heads(Collection<Peer> of) {
        Set<List<Cid>> all = of.stream().map(peer -> peer.replica.heads()).collect(java.util.stream.Collectors.toSet());
        assertThat(all).as("different heads").hasSize(1);
        return all.iterator().next();
    }

    private void assertEqual() {
        heads(peers.values());
    }

    /** One session for each pair, at both ends. */
    private void assertOneSessionAPair() {
        int count = peers.size();
        for (Peer peer : peers.values()) {
            assertThat(peer.mesh.sessions()).as(peer.name).hasSize(count - 1);
            assertThat(peer.sync.sessions()).as(peer.name).hasSize(count - 1);
            assertThat(peer.mesh.sessions().stream()
                            .map(session -> session.peer().meshName().orElseThrow()))
                    .as(peer.name)
                    .doesNotHaveDuplicates()
                    .doesNotContain(peer.name);
        }
        assertThat(world.network.faults().links()).hasSize(count * (count - 1) / 2);
    }

    private void close(Peer peer) {
        world.close(peer.sync);
        peers.remove(peer.name);
    }

    @AfterEach
    void nothingIsLeftOpen() {
        end();
    }

    private void end() {
        network.reach((one, other) -> true);
        world.network.faults().acceptDials();
        List<Peer> all = List.copyOf(peers.values());
        all.forEach(this::close);
        world.settle();
        world.pass(Duration.ofSeconds(1));
        for (Peer peer : all) {
            if (peer.mesh != null) {
                assertThat(peer.mesh.closed())
                        .as("%s, seed %d", peer.name, world.seed)
                        .isDone();
                assertThat(peer.post.closed)
                        .as("the discovery of %s, seed %d", peer.name, world.seed)
                        .isTrue();
            }
        }
        // What fell silent ends when its heartbeats find out.
        world.pass(Duration.ofMinutes(5));
        assertThat(world.network.faults().links()).as("seed %d", world.seed).isEmpty();
        assertThat(world.timers()).as("timers, seed %d", world.seed).isZero();
    }

    @Test
    void eightPeersBecomeEqualWithOneSessionForEachPair() {
        start(8);
        world.pass(SOON);
        assertEqual();
        assertThat(heads(peers.values())).hasSize(8);
        assertOneSessionAPair();
        for (MemoryLink link : world.network.faults().links()) {
            String to = link.address().substring("memory:".length());
            assertThat(network.diallerOf(link)).as("of two the smaller dials").isLessThan(to);
        }
        assertThat(peer("pa").mesh.keptPeers())
                .extracting(KeptPeer::address)
                .hasSize(7)
                .contains("memory:ph");
        assertThat(peer("ph").mesh.keptPeers()).isEmpty();
        assertThat(peer("pd").mesh.present()).containsExactly("pa", "pb", "pc", "pe", "pf", "pg", "ph");
        assertThat(peer("pd").mesh.name()).isEqualTo("pd");
        assertThat(peer("pd").mesh.publicAddress()).isEqualTo("memory:pd");
        assertThat(peer("pd").mesh.address()).isEqualTo("memory:pd#" + SECRET);
        assertThat(peer("pa").told).contains(KeptPeer.State.CONNECTING, KeptPeer.State.CONNECTED);

        peer("ph").replica.put("live", "1");
        world.settle();
        assertEqual();
    }

    @Test
    void oneThatIsClosedIsGoneAndTheOthersGoOn() {
        start(8);
        world.pass(SOON);
        close(peer("pe"));
        peer("pa").replica.put("later", "1");
        world.pass(Duration.ofMinutes(2));
        assertEqual();
        assertOneSessionAPair();
        int dials = network.dials.size();
        for (Peer peer : peers.values()) {
            assertThat(peer.mesh.present()).doesNotContain("pe");
            assertThat(peer.mesh.keptPeers()).extracting(KeptPeer::address).doesNotContain("memory:pe");
        }
        world.pass(Duration.ofMinutes(10));
        assertThat(network.dials).as("nobody dials it any more").hasSize(dials);
    }

    @Test
    void oneThatComesBackIsFoundAgain() {
        start(5);
        world.pass(SOON);
        close(peer("pc"));
        world.pass(Duration.ofMinutes(2));
        Peer again = start("pc");
        again.replica.put("again", "1");
        world.pass(Duration.ofSeconds(12));
        assertEqual();
        assertOneSessionAPair();
    }

    @Test
    void oneThatSleepsHoldsUpNobodyAndCatchesUp() {
        start(8);
        world.pass(SOON);
        network.reach((one, other) -> !one.equals("pd") && !other.equals("pd"));
        for (int i = 0; i < 10; i++) {
            peer("pa").replica.put("a" + i, "1");
            peer("ph").replica.put("h" + i, "1");
            world.pass(Duration.ofSeconds(20));
        }
        Map<String, Peer> awake = new HashMap<>(peers);
        awake.remove("pd");
        assertThat(heads(awake.values())).isNotEqualTo(peer("pd").replica.heads());
        for (Peer peer : awake.values()) {
            assertThat(peer.mesh.sessions()).as(peer.name).hasSize(6);
            assertThat(peer.mesh.present()).as("the board has heard nothing").contains("pd");
        }
        network.reach((one, other) -> true);
        world.pass(Duration.ofMinutes(2));
        assertEqual();
        assertOneSessionAPair();
    }

    @Test
    void twoHalvesBecomeOneAgain() {
        start(8);
        world.pass(SOON);
        network.reach((one, other) -> one.compareTo("pe") < 0 == other.compareTo("pe") < 0);
        board.visibility((one, other) -> one.compareTo("pe") < 0 == other.compareTo("pe") < 0);
        world.pass(Duration.ofMinutes(5));
        peer("pa").replica.put("left", "1");
        peer("ph").replica.put("right", "1");
        world.pass(Duration.ofMinutes(1));
        assertThat(peer("pd").replica.heads()).isEqualTo(peer("pa").replica.heads());
        assertThat(peer("pe").replica.heads()).isEqualTo(peer("ph").replica.heads());
        assertThat(peer("pa").replica.heads()).isNotEqualTo(peer("ph").replica.heads());
        assertThat(peer("pa").mesh.present()).containsExactly("pb", "pc", "pd");
        assertThat(peer("pa").mesh.keptPeers()).hasSize(3);

        network.reach((one, other) -> true);
        board.visibility((one, other) -> true);
        world.pass(Duration.ofSeconds(15));
        assertEqual();
        assertOneSessionAPair();
    }

    @Test
    void withMoreThanTheMaximumEachHasThatManyAndAllAreEqual() {
        for (int i = 0; i < 20; i++) {
            String name = String.format("p%02d", i);
            Peer peer = start(
                    name,
                    MeshOptions.at("memory:" + name).withSecret(SECRET).withMaxPeers(4),
                    board.post(name),
                    builder -> builder);
            peer.replica.put("of " + name, "1");
        }
        world.pass(Duration.ofMinutes(1));
        assertEqual();
        for (Peer peer : peers.values()) {
            assertThat(peer.mesh.sessions()).as(peer.name).hasSize(4);
            assertThat(peer.mesh.keptPeers().size()).as(peer.name).isLessThanOrEqualTo(4);
        }
        // Every second one goes: those that are left close the ring.
        for (int i = 1; i < 20; i += 2) {
            close(peer(String.format("p%02d", i)));
        }
        peer("p00").replica.put("after", "1");
        world.pass(Duration.ofMinutes(2));
        assertEqual();
        for (Peer peer : peers.values()) {
            assertThat(peer.mesh.sessions()).as(peer.name).hasSize(4);
        }
    }

    /** Both see the other under a name that is larger than their own. */
    @Test
    void twoThatDialEachOtherAtOnceHaveOneSessionInTheEnd() {
        for (long seed = 0; seed < 20; seed++) {
            renew(seed);
            Peer a = start(
                    "a", MeshOptions.at("memory:a#" + SECRET), board.post("a").silent(), b -> b);
            Peer b = start(
                    "b", MeshOptions.at("memory:b#" + SECRET), board.post("b").silent(), x -> x);
            a.replica.put("of a", "1");
            b.replica.put("of b", "1");
            a.post.listener.found(new DiscoveredPeer("c", List.of("memory:b")));
            b.post.listener.found(new DiscoveredPeer("c", List.of("memory:a")));
            world.pass(SOON);
            assertThat(network.dials.stream().map(SplitNetwork.Dial::from)).contains("a", "b");
            assertOneSessionAPair();
            assertEqual();
            int dials = network.dials.size();
            world.pass(Duration.ofMinutes(10));
            assertThat(network.dials).as("seed %d", seed).hasSize(dials);
            assertOneSessionAPair();
            world.network.faults().cutAll();
            world.pass(SOON);
            assertOneSessionAPair();
            end();
        }
    }

    /** Both see the other under a name that is smaller than their own, and wait. */
    @Test
    void twoThatWaitForEachOtherHaveASessionAfterTenSeconds() {
        Peer b =
                start("b", MeshOptions.at("memory:b#" + SECRET), board.post("b").silent(), x -> x);
        Peer c =
                start("c", MeshOptions.at("memory:c#" + SECRET), board.post("c").silent(), x -> x);
        b.replica.put("of b", "1");
        b.post.listener.found(new DiscoveredPeer("a", List.of("memory:c")));
        c.post.listener.found(new DiscoveredPeer("a", List.of("memory:b")));
        world.pass(Duration.ofSeconds(5));
        assertThat(network.dials).isEmpty();
        world.pass(Duration.ofMillis(5_100));
        assertEqual();
        assertOneSessionAPair();
        world.pass(Duration.ofMinutes(10));
        assertOneSessionAPair();
    }

    /** Such as behind a NAT that lets out and nobody in. */
    @Test
    void whereTheSmallerCannotReachTheLargerTheLargerDials() {
        network.reach((from, to) -> !to.equals("pb"));
        start(2);
        world.pass(Duration.ofMillis(10_200));
        assertEqual();
        assertOneSessionAPair();
        assertThat(peer("pb").mesh.keptPeers()).hasSize(1);
        int dials = network.dials.size();
        world.pass(Duration.ofMinutes(10));
        assertThat(network.dials.size() - dials)
                .as("the other gives up while there is a session")
                .isLessThan(3);
        assertOneSessionAPair();
    }

    @Test
    void anAddressOfOnesOwnIsNotDialledForLong() {
        Peer a = start("a");
        board.found(new DiscoveredPeer("a", List.of("memory:a")));
        world.pass(SOON);
        assertThat(network.dials).as("under the own name").isEmpty();
        board.found(new DiscoveredPeer("b", List.of("memory:a")));
        world.pass(Duration.ofSeconds(50));
        assertThat(network.dials).as("under another name").hasSize(1);
        assertThat(a.mesh.sessions()).isEmpty();
        assertThat(a.sync.sessions()).isEmpty();
        assertThat(a.mesh.keptPeers()).isEmpty();
        world.pass(Duration.ofMinutes(10));
        assertThat(network.dials.size()).isLessThan(13);
    }

    @Test
    void severalNamesOfOnePeerAreOneSession() {
        Peer a =
                start("a", MeshOptions.at("memory:a#" + SECRET), board.post("a").silent(), x -> x);
        Peer z =
                start("z", MeshOptions.at("memory:z#" + SECRET), board.post("z").silent(), x -> x);
        z.replica.put("of z", "1");
        for (int i = 0; i < 5; i++) {
            a.post.listener.found(new DiscoveredPeer("n" + i, List.of("memory:z", "memory:nobody")));
        }
        world.pass(Duration.ofSeconds(30));
        assertEqual();
        assertOneSessionAPair();
        int dials = network.dials.size();
        world.pass(Duration.ofMinutes(5));
        assertThat(network.dials).hasSize(dials);
        assertOneSessionAPair();
    }

    @Test
    void theSameNewsAgainAndAgainChangesNothing() {
        start(4);
        world.pass(SOON);
        int dials = network.dials.size();
        for (int i = 0; i < 500; i++) {
            peers.values().forEach(peer -> board.found(peer.post.peer()));
            world.pass(Duration.ofMillis(20));
        }
        assertThat(network.dials).hasSize(dials);
        assertOneSessionAPair();
    }

    /** Names at which nobody listens, and one at which somebody does who doesn't know the secret. */
    @Test
    void namesThatLieAreBoundedAndHarmNobody() {
        TestReplica foreign = new TestReplica();
        foreign.put("secret of others", "1");
        Sync stranger = world.peer(foreign).transport(network.of("stranger")).build();
        world.get(stranger.listen("memory:stranger#" + "T".repeat(43)));
        start(3);
        board.found(new DiscoveredPeer("x-stranger", List.of("memory:stranger")));
        board.found(new DiscoveredPeer("x-nobody", List.of("memory:nobody")));
        board.found(new DiscoveredPeer("0-nobody", List.of("memory:nobody")));
        board.found(new DiscoveredPeer("x-unusable", List.of("gopher:unusable")));
        world.pass(Duration.ofMinutes(5));
        assertEqual();
        for (Peer peer : peers.values()) {
            assertThat(peer.mesh.sessions()).hasSize(2);
            assertThat(peer.replica.events()).hasSize(3);
        }
        assertThat(foreign.events()).hasSize(1);
        Map<String, Integer> dials = new TreeMap<>();
        network.dials.forEach(dial -> dials.merge(dial.to(), 1, Integer::sum));
        assertThat(dials.get("stranger")).as("once a minute for each").isBetween(3, 18);
        assertThat(dials.get("nobody")).as("with backoff, for each of six").isBetween(60, 6 * 45);
        world.close(stranger);
    }

    @Test
    void aFloodOfNamesIsBoundedAndHonestPeersGetIn() {
        start(2);
        world.pass(SOON);
        int before = network.dials.size();
        for (int i = 0; i < 20; i++) {
            for (int j = 0; j < 500; j++) {
                board.found(new DiscoveredPeer("pb" + i + "-" + j, List.of("memory:nobody" + j)));
            }
            world.pass(Duration.ofMillis(250));
        }
        for (Peer peer : peers.values()) {
            assertThat(peer.mesh.present().size()).isLessThanOrEqualTo(MeshRunner.MOST_NAMES);
            assertThat(peer.mesh.keptPeers().size()).isLessThanOrEqualTo(2 * MeshOptions.DEFAULT_MAX_PEERS);
            assertThat(peer.mesh.sessions()).hasSize(1);
        }
        List<SplitNetwork.Dial> flood = network.dials.subList(before, network.dials.size());
        long names =
                flood.stream().map(dial -> dial.from() + dial.to()).distinct().count();
        assertThat(names).as("names that two peers have tried in five seconds").isBetween(40L, 2 * (5 * 40 + 4L));
        assertThat(flood.size()).as("with what is tried again").isLessThan(4 * 2 * 5 * 40);
        Peer late = start("pz");
        late.replica.put("late", "1");
        world.pass(Duration.ofSeconds(30));
        assertEqual();
        assertThat(late.mesh.sessions()).hasSizeGreaterThanOrEqualTo(1);
    }

    @Test
    void whatThePolicyForbidsIsNotDialled() {
        Peer a = start(
                "a",
                MeshOptions.at("memory:a#" + SECRET),
                board.post("a"),
                builder -> builder.addressPolicy(address -> !address.equals("memory:b")));
        Peer b = start("b");
        world.pass(Duration.ofSeconds(4));
        assertThat(network.dials).isEmpty();
        assertThat(a.mesh.keptPeers().get(0).status().failure().orElseThrow().kind())
                .isEqualTo(ErrorKind.REFUSED);
        world.pass(Duration.ofSeconds(7));
        assertThat(b.mesh.sessions()).as("b dials out of turn").hasSize(1);
    }

    @Test
    void theDiscoveryNeverSeesTheSecret() {
        start(2);
        byte[] key = peer("pa").post.self.groupKey();
        assertThat(key)
                .isEqualTo(peer("pb").post.self.groupKey())
                .isNotEqualTo(SECRET.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
        assertThat(peer("pa").post.self.addresses()).containsExactly("memory:pa");
        assertThat(peer("pa").post.self.toString()).doesNotContain(SECRET);
        assertThat(Meshes.groupKey("T".repeat(43))).isNotEqualTo(key);
        assertThatThrownBy(() -> new DiscoveredPeer("a", List.of("memory:a#" + SECRET)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageNotContaining(SECRET);
    }

    @Test
    void whereThereIsNoSecretOneIsMade() {
        Peer a = start("a", MeshOptions.at("memory:a"), board.post("a"), x -> x);
        String address = a.mesh.address();
        String made = address.substring(address.indexOf('#') + 1);
        assertThat(made).hasSize(43);
        Peer b = start("b", MeshOptions.at("memory:b").withSecret(made), board.post("b"), x -> x);
        world.pass(SOON);
        assertThat(b.mesh.sessions()).hasSize(1);
    }

    @Test
    void leavingEndsItsSessionsAndNoOthers() {
        start(3);
        world.pass(SOON);
        Peer b = peer("pb");
        TestReplica other = new TestReplica();
        Sync hub = world.peer(other).transport(network.of("hub")).build();
        world.get(hub.listen("memory:hub#" + SECRET));
        Session outside = world.get(b.sync.dial("memory:hub#" + SECRET));
        b.replica.put("last", "1");
        world.close(b.mesh);
        world.settle();
        world.get(b.mesh.closed());
        assertThat(b.post.closed).isTrue();
        assertThat(b.sync.sessions()).containsExactly(outside);
        assertThat(b.mesh.keptPeers()).isEmpty();
        assertThat(peer("pa").replica.heads())
                .as("what was written before is delivered")
                .isEqualTo(b.replica.heads());
        world.pass(Duration.ofMinutes(2));
        assertThat(peer("pa").mesh.present()).containsExactly("pc");
        assertThat(peer("pa").mesh.sessions()).hasSize(1);
        assertThat(outside.closed()).isNotDone();
        world.close(hub);
    }

    @Test
    void wasItAnnouncedInVainNobodyListens() {
        Sync sync = world.peer(new TestReplica()).transport(network.of("a")).build();
        DiscoveryBoard.Post failing = board.post("a").failing(ErrorKind.UNREACHABLE);
        refused(ErrorKind.UNREACHABLE, () -> world.get(sync.mesh(failing, MeshOptions.at("memory:a#" + SECRET))));
        world.settle();
        assertThat(failing.closed).isTrue();
        DiscoveryBoard.Post unused = board.post("a");
        refused(ErrorKind.CONFIGURATION, () -> world.get(sync.mesh(unused, MeshOptions.at("gopher:a"))));
        world.settle();
        assertThat(unused.closed).isTrue();
        world.get(sync.listen("memory:a#" + SECRET)).close();
        DiscoveryBoard.Post late = board.post("a");
        CompletableFuture<Mesh> given = sync.mesh(late, MeshOptions.at("memory:a#" + SECRET));
        given.cancel(true);
        world.settle();
        assertThat(late.closed).isTrue();
        world.get(sync.listen("memory:a#" + SECRET)).close();
        world.close(sync);
        DiscoveryBoard.Post closed = board.post("a");
        refused(ErrorKind.CLOSED, () -> world.get(sync.mesh(closed, MeshOptions.at("memory:a#" + SECRET))));
        world.settle();
        assertThat(closed.closed).isTrue();
    }

    @Test
    void optionsAreChecked() {
        assertThatThrownBy(() -> MeshOptions.at("memory:a").withMaxPeers(1)).isInstanceOf(SyncException.class);
        assertThatThrownBy(() -> MeshOptions.at("memory:a").withMaxPeers(257)).isInstanceOf(SyncException.class);
        assertThat(MeshOptions.at("memory:a#" + SECRET).withMaxPeers(256).toString())
                .isEqualTo("MeshOptions[memory:a, 256 peers]");
    }

    /** What happens to one of them, or to all connections, at any moment. */
    enum Event {
        CLOSE,
        LEAVE,
        CUT,
        SILENCE,
        HIDE
    }

    @ParameterizedTest
    @EnumSource
    void nothingThatHappensAtAnyMomentLeavesAnythingOrKeepsThemApart(Event event) {
        for (int steps = 0; steps < 900; steps += 100) {
            renew(steps);
            start(4);
            for (int i = 0; i < steps; i++) {
                if (!world.step()) {
                    world.pass(Duration.ofMillis(10));
                }
            }
            Peer one = peer("p" + (char) ('a' + steps % 4));
            switch (event) {
                case CLOSE -> {
                    world.closeAbruptly(one.sync);
                    peers.remove(one.name);
                }
                case LEAVE -> {
                    world.close(one.mesh);
                    world.settle();
                    one.sync.close();
                    peers.remove(one.name);
                }
                case CUT -> world.network.faults().cutAll();
                case SILENCE -> world.network.faults().links().forEach(MemoryLink::silence);
                case HIDE -> board.visibility((from, to) -> !from.equals(one.name) && !to.equals(one.name));
            }
            peers.values().forEach(peer -> peer.replica.put("later of " + peer.name, "1"));
            world.pass(event == Event.SILENCE ? Duration.ofMinutes(4) : Duration.ofSeconds(40));
            if (event == Event.HIDE) {
                board.visibility((from, to) -> true);
                world.pass(Duration.ofSeconds(15));
            }
            assertThat(peers.values().stream().map(peer -> peer.replica.heads()).distinct())
                    .as("%s after %d steps", event, steps)
                    .hasSize(1);
            assertOneSessionAPair();
            end();
        }
    }

    /** Each connection breaks after so many messages, while all write: they come together all the same. */
    @Test
    void connectionsThatBreakAtRandomConverge() {
        for (int seed = 0; seed < 4; seed++) {
            renew(seed);
            world.network.faults().onLink(dev.livesync.transport.memory.MemoryFaults.randomCuts(seed, 60));
            start(4);
            for (int i = 0; i < 20; i++) {
                for (Peer peer : peers.values()) {
                    peer.replica.put(peer.name + i, "1");
                }
                world.pass(Duration.ofMillis(world.random.nextInt(1_000)));
            }
            world.network.faults().onLink(link -> {});
            // Those there are still have a cut before them, which may come as late as the last look.
            world.network.faults().links().forEach(MemoryLink::cut);
            world.pass(Duration.ofMinutes(3));
            assertEqual();
            assertOneSessionAPair();
            end();
        }
    }
}
