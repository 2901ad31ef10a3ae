package dev.livesync.discovery.mdns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Advertisement;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.DiscoveryListener;
import java.net.InetAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.Test;

/** Who is found on networks in memory, step by step. */
class MdnsDiscoveryTest {
    private static final String HOME = "home";
    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

    private final LanBoard board = new LanBoard();
    private final Random random = new Random(20260101);
    private Instant now = BEGINNING;

    /** A discovery with its machine, its worker and what it has told. */
    private final class Peer implements DiscoveryListener {
        final LanBoard.Machine machine = board.machine();
        final HandWorker worker = new HandWorker();
        final Map<String, List<String>> present = new TreeMap<>();
        final List<String> told = new ArrayList<>();
        final MdnsDiscovery discovery;
        Duration clockOff = Duration.ZERO;
        CompletableFuture<String> started = new CompletableFuture<>();

        Peer() {
            this("notes");
        }

        Peer(String group) {
            discovery = new MdnsDiscovery(group, machine, worker, () -> now.plus(clockOff), random);
        }

        Peer at(String network, String address) {
            machine.gain(network, address);
            return this;
        }

        Peer start(int key, String... addresses) {
            started = discovery
                    .start(new Advertisement(List.of(addresses), key(key)), this)
                    .toCompletableFuture();
            worker.look();
            return this;
        }

        String name() {
            return started.join();
        }

        @Override
        public void found(DiscoveredPeer peer) {
            told.add("+" + peer.name());
            present.put(peer.name(), peer.addresses());
        }

        @Override
        public void lost(String name) {
            told.add("-" + name);
            present.remove(name);
        }
    }

    private static byte[] key(int fill) {
        byte[] key = new byte[Advertisement.KEY_BYTES];
        java.util.Arrays.fill(key, (byte) fill);
        return key;
    }

    private Peer ordinary(String address, int port) {
        return new Peer().at(HOME, address).start(1, "libp2p:/ip4/0.0.0.0/tcp/" + port + "/p2p/x");
    }

    private static ErrorKind failure(CompletionStage<?> stage) {
        Throwable thrown =
                stage.toCompletableFuture().handle((value, failure) -> failure).join();
        assertThat(thrown).isInstanceOf(SyncException.class);
        return ((SyncException) thrown).kind();
    }

    private static Map<String, List<String>> only(String name, String... addresses) {
        return Map.of(name, List.of(addresses));
    }

    @Test
    void peersOfOneNetworkFindEachOtherAndLoseWhoLeaves() {
        Peer a = ordinary("192.168.1.2", 4001);
        Peer b = ordinary("192.168.1.3", 4002);
        assertThat(a.present).isEqualTo(only(b.name(), "libp2p:/ip4/192.168.1.3/tcp/4002/p2p/x"));
        assertThat(b.present).isEqualTo(only(a.name(), "libp2p:/ip4/192.168.1.2/tcp/4001/p2p/x"));
        assertThat(a.name()).isNotEqualTo(b.name()).matches("[A-Za-z0-9_-]{22}");
        b.discovery.close();
        b.discovery.close();
        assertThat(a.present).isEmpty();
        assertThat(board.posts(HOME)).hasSize(1);
        Peer again = ordinary("192.168.1.3", 4002);
        assertThat(a.present).containsOnlyKeys(again.name());
        assertThat(again.name()).isNotEqualTo(b.name());
    }

    @Test
    void anotherSecretAndAnotherGroupAreNobody() {
        Peer a = ordinary("192.168.1.2", 4001);
        Peer other = new Peer().at(HOME, "192.168.1.4").start(2, "ws://0.0.0.0:80/");
        Peer group = new Peer("letters").at(HOME, "192.168.1.5").start(1, "ws://0.0.0.0:80/");
        assertThat(board.posts(HOME)).hasSize(3);
        assertThat(a.told).isEmpty();
        assertThat(other.told).isEmpty();
        assertThat(group.told).isEmpty();
    }

    @Test
    void neitherTheGroupNorItsKeyNorTheMachinesNameIsAnnounced() {
        ordinary("192.168.1.2", 4001);
        LanBoard.Post post = board.posts(HOME).get(0);
        String all = new String(post.text(), java.nio.charset.StandardCharsets.ISO_8859_1) + post.label();
        assertThat(all).doesNotContain("notes").doesNotContain("\1\1\1");
        assertThat(all.replaceAll("[^ -~]", " "))
                .matches("(?s) v=1 n=[A-Za-z0-9_-]{22} t=1767225600.a0=libp2p:/ip4/192.168.1.2/tcp/4001/p2p/x"
                        + " k=[A-Za-z0-9_-]{22}[0-9a-f]{16}");
    }

    @Test
    void eachNetworkIsToldWhatIsReachedThere() {
        Peer a = new Peer()
                .at("lo", "127.0.0.1")
                .at(HOME, "192.168.1.2")
                .at(HOME, "192.168.1.22")
                .at(HOME, "fd00::2")
                .at("work", "10.0.0.2")
                .start(1, "ws://[::]:8080/x");
        assertThat(a.machine.open.stream().map(link -> link.at.address().getHostAddress()))
                .containsExactlyInAnyOrder("192.168.1.2", "fd00:0:0:0:0:0:0:2", "10.0.0.2");
        assertThat(a.machine.open).allMatch(link -> link.port == 8080);
        Peer b = new Peer().at(HOME, "192.168.1.3").at(HOME, "fd00::3").start(1, "ws://[::]:1/");
        assertThat(b.present).isEqualTo(only(a.name(), "ws://192.168.1.2:8080/x", "ws://[fd00:0:0:0:0:0:0:2]:8080/x"));
        Peer c = new Peer().at("work", "10.0.0.3").start(1, "ws://0.0.0.0:1/");
        assertThat(c.present).isEqualTo(only(a.name(), "ws://10.0.0.2:8080/x"));
    }

    @Test
    void oneAddressIsAnnouncedOnItsNetworkAloneAndLoopbackOnlyWhereItIsAskedFor() {
        Peer a = new Peer().at("lo", "127.0.0.1").at(HOME, "192.168.1.2").start(1, "ws://127.0.0.1:1/");
        assertThat(a.machine.open)
                .singleElement()
                .matches(link -> link.at.network().equals("lo"));
        Peer b = new Peer().at(HOME, "192.168.1.3").at("work", "10.0.0.3").start(1, "ws://10.0.0.3:1/");
        assertThat(b.machine.open)
                .singleElement()
                .matches(link -> link.at.network().equals("work"));
        Peer named = new Peer().at("lo", "127.0.0.1").at(HOME, "192.168.1.4").start(1, "wss://host.example/");
        assertThat(named.machine.open)
                .singleElement()
                .matches(link -> link.at.network().equals(HOME));
        Peer local = new Peer().at("lo", "127.0.0.1").at(HOME, "192.168.1.5").start(1, "ws://localhost:1/");
        assertThat(local.machine.open)
                .singleElement()
                .matches(link -> link.at.network().equals("lo"));
    }

    @Test
    void aMachineThatChangesItsNetworkIsFoundOnTheNewOne() {
        Peer a = ordinary("192.168.1.2", 4001);
        Peer b = new Peer().at("work", "10.0.0.3").start(1, "ws://0.0.0.0:1/");
        a.machine.lose("192.168.1.2");
        a.worker.look();
        assertThat(board.posts(HOME)).isEmpty();
        a.machine.gain("work", "10.0.0.2");
        a.worker.look();
        assertThat(b.present).isEqualTo(only(a.name(), "libp2p:/ip4/10.0.0.2/tcp/4001/p2p/x"));
        assertThat(a.present).isEqualTo(only(b.name(), "ws://10.0.0.3:1/"));
        a.machine.lose("10.0.0.2");
        a.worker.look();
        assertThat(a.present).as("who was there").isEmpty();
        a.machine.mute = true;
        a.worker.look();
        a.machine.mute = false;
        a.machine.gain("work", "10.0.0.2");
        a.worker.look();
        assertThat(b.present).containsOnlyKeys(a.name());
    }

    @Test
    void aLinkThatDoesntWorkIsTriedAgainAfterAWhileAndOneThatBreaksIsOpenedAgain() {
        Peer a = new Peer().at(HOME, "192.168.1.2").at("work", "10.0.0.2");
        a.machine.deaf.add("10.0.0.2");
        a.start(1, "ws://0.0.0.0:1/");
        assertThat(a.started).isCompleted();
        a.machine.deaf.clear();
        a.worker.look(MdnsDiscovery.RETRY - 1);
        assertThat(a.machine.open).hasSize(1);
        a.worker.look();
        assertThat(a.machine.open).hasSize(2);

        Peer b = ordinary("192.168.1.3", 4002);
        a.machine.open.get(0).sound = false;
        a.worker.look();
        assertThat(b.present).isEmpty();
        a.worker.look(MdnsDiscovery.RETRY);
        assertThat(b.present).containsOnlyKeys(a.name());
    }

    @Test
    void theNetworkIsAskedNowAndThen() {
        Peer a = ordinary("192.168.1.2", 4001);
        a.worker.look(10 * MdnsDiscovery.ASK - 1);
        assertThat(a.machine.open.get(0).asked.get()).isEqualTo(10);
    }

    @Test
    void anAnnouncementIsWrittenAgainBeforeItIsOldAndNobodyIsLostMeanwhile() {
        Peer a = ordinary("192.168.1.2", 4001);
        Peer b = ordinary("192.168.1.3", 4002);
        b.told.clear();
        byte[] before = board.posts(HOME).get(0).text();
        now = BEGINNING.plus(MdnsDiscovery.RENEWAL).minusSeconds(1);
        a.worker.look();
        assertThat(b.told).isEmpty();
        now = BEGINNING.plus(MdnsDiscovery.RENEWAL);
        a.worker.look();
        assertThat(b.told).isNotEmpty().containsOnly("+" + a.name());
        assertThat(board.posts(HOME)).hasSize(2).noneMatch(post -> java.util.Arrays.equals(post.text(), before));

        // What was recorded is no good a day later, and nobody is found at an address of then.
        now = BEGINNING.plus(MdnsDiscovery.VALIDITY).plusSeconds(1);
        a.discovery.close();
        assertThat(b.present).isEmpty();
        board.say(HOME, "recorded", before);
        assertThat(b.present).isEmpty();
        now = BEGINNING.plus(MdnsDiscovery.VALIDITY);
        board.say(HOME, "recorded", before);
        assertThat(b.present).as("what repeats it is a member's own address").containsOnlyKeys(a.name());
        now = now.plusSeconds(1);
        b.worker.look();
        assertThat(b.present).as("nobody takes it back").isEmpty();
    }

    @Test
    void clocksMayBeADayApartAndNoMore() {
        Peer a = ordinary("192.168.1.2", 4001);
        Peer near = new Peer().at(HOME, "192.168.1.3");
        near.clockOff = Duration.ofHours(23);
        near.start(1, "ws://0.0.0.0:1/");
        Peer far = new Peer().at(HOME, "192.168.1.4");
        far.clockOff = Duration.ofDays(-20_000);
        far.start(1, "ws://0.0.0.0:1/");
        assertThat(a.present).containsOnlyKeys(near.name());
        assertThat(far.present).isEmpty();
    }

    @Test
    void aNameThatIsTakenOnTheNetworkIsNobodysProblem() {
        // Somebody announces all labels that are coming, with what comes to his mind.
        Random same = new Random(20260101);
        same.nextBytes(new byte[16]); // its name
        for (int i = 0; i < 10; i++) {
            board.say(HOME, HexFormat.of().toHexDigits(same.nextLong()), new byte[] {1, 2, 3});
        }
        Peer a = ordinary("192.168.1.2", 4001);
        Peer b = ordinary("192.168.1.3", 4002);
        assertThat(a.machine.open.get(0).label).endsWith(" (2)");
        assertThat(a.present).containsOnlyKeys(b.name());
        assertThat(b.present).containsOnlyKeys(a.name());
    }

    @Test
    void whoTakesSomebodyElsesAnnouncementBackMakesItAHintThatComesAgain() {
        Peer a = ordinary("192.168.1.2", 4001);
        Peer b = ordinary("192.168.1.3", 4002);
        LanBoard.Post of = board.posts(HOME).get(0);
        board.take(HOME, of.label());
        assertThat(b.present).isEmpty();
        board.say(HOME, of.label(), of.text());
        assertThat(b.present).containsOnlyKeys(a.name());
        assertThat(a.present).containsOnlyKeys(b.name());
    }

    @Test
    void aStrangersFloodFindsNobodyAndCostsNothing() {
        Peer a = ordinary("192.168.1.2", 4001);
        for (int i = 0; i < 20_000; i++) {
            byte[] text = new byte[random.nextInt(1_200)];
            random.nextBytes(text);
            board.say(HOME, "s" + i % 100, text);
        }
        assertThat(a.told).isEmpty();
        Peer b = ordinary("192.168.1.3", 4002);
        assertThat(a.present).containsOnlyKeys(b.name());
        assertThat(b.present).containsOnlyKeys(a.name());
    }

    @Test
    void whatIsHeardAfterTheEndIsNotTold() {
        Peer a = ordinary("192.168.1.2", 4001);
        Peer b = ordinary("192.168.1.3", 4002);
        LanListener late = b.machine.open.get(0).listener;
        LanBoard.Post of = board.posts(HOME).get(0);
        b.discovery.close();
        b.told.clear();
        late.heard(of.label(), of.text());
        late.gone(of.label());
        assertThat(b.told).isEmpty();
        assertThat(b.worker.look()).isFalse();
        assertThat(a.present).isEmpty();
    }

    @Test
    void whatALinkBringsThatIsBeingLeftIsNotTold() {
        Peer a = ordinary("192.168.1.2", 4001);
        Peer b = ordinary("192.168.1.3", 4002);
        LanListener late = b.machine.open.get(0).listener;
        LanBoard.Post of = board.posts(HOME).get(0);
        b.machine.lose("192.168.1.3");
        b.worker.look();
        late.heard(of.label(), of.text());
        assertThat(b.present).isEmpty();
        assertThat(a.present).isEmpty();
    }

    @Test
    void noMoreThanEightLinksAreOpen() {
        Peer a = new Peer();
        for (int i = 0; i < 20; i++) {
            a.at("n" + i, "10.0." + i + ".2");
        }
        a.start(1, "ws://0.0.0.0:1/");
        a.worker.look(20);
        assertThat(a.machine.open).hasSize(MdnsDiscovery.MOST_LINKS);
        assertThat(a.machine.opened.get()).isEqualTo(MdnsDiscovery.MOST_LINKS);
    }

    @Test
    void itSaysWhyItDoesntStart() throws Exception {
        Peer nowhere = new Peer().start(1, "ws://0.0.0.0:1/");
        assertThat(failure(nowhere.started)).isEqualTo(ErrorKind.UNREACHABLE);
        nowhere.at(HOME, "192.168.1.2");
        nowhere.worker.look(20);
        assertThat(nowhere.machine.open)
                .as("it has failed, and announces nothing")
                .isEmpty();

        Peer deaf = new Peer().at(HOME, "192.168.1.2");
        deaf.machine.deaf.add(InetAddress.getByName("192.168.1.2").getHostAddress());
        assertThat(failure(deaf.start(1, "ws://0.0.0.0:1/").started)).isEqualTo(ErrorKind.UNREACHABLE);
        Peer mute = new Peer();
        mute.machine.mute = true;
        assertThat(failure(mute.start(1, "ws://0.0.0.0:1/").started)).isEqualTo(ErrorKind.UNREACHABLE);
        assertThat(failure(new Peer().at(HOME, "192.168.1.2").start(1, "memory:x").started))
                .isEqualTo(ErrorKind.CONFIGURATION);
        assertThat(failure(new Peer().at(HOME, "192.168.1.2").start(1, "ws://0.0.0.0:1/" + "x".repeat(250)).started))
                .isEqualTo(ErrorKind.CONFIGURATION);

        Peer once = ordinary("192.168.1.2", 1);
        assertThat(failure(once.discovery.start(new Advertisement(List.of("ws://0.0.0.0:1/"), key(1)), once)))
                .isEqualTo(ErrorKind.CONFIGURATION);
        once.discovery.close();
        Peer closed = new Peer();
        closed.discovery.close();
        assertThat(failure(closed.start(1, "ws://0.0.0.0:1/").started)).isEqualTo(ErrorKind.CLOSED);
        Peer before = new Peer();
        CompletionStage<String> started =
                before.discovery.start(new Advertisement(List.of("ws://0.0.0.0:1/"), key(1)), before);
        before.discovery.close();
        assertThat(failure(started)).isEqualTo(ErrorKind.CLOSED);
        assertThatThrownBy(() -> new MdnsDiscovery("")).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> new MdnsDiscovery("x".repeat(65))).isInstanceOf(IllegalArgumentException.class);
    }
}
