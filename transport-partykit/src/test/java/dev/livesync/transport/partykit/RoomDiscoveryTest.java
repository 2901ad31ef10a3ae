package dev.livesync.transport.partykit;

import static dev.livesync.transport.partykit.RoomMember.failure;
import static dev.livesync.transport.partykit.RoomMember.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.discovery.Advertisement;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.discovery.DiscoveryListener;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.tck.internal.TestContext;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who a room says is there. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class RoomDiscoveryTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    private final LocalRooms rooms = new LocalRooms();
    private final TestContext context = new TestContext(1 << 20, Duration.ofSeconds(20), Duration.ofSeconds(10));
    private final PartyKitTransportProvider provider =
            new PartyKitTransportProvider(RoomMember.hasty().build());
    private final DialingTransport transport = (DialingTransport) provider.open(context);
    private final Map<String, String> present = new ConcurrentHashMap<>();

    private final DiscoveryListener listener = new DiscoveryListener() {
        @Override
        public void found(DiscoveredPeer peer) {
            present.put(peer.name(), peer.addresses().get(0));
        }

        @Override
        public void lost(String name) {
            present.remove(name);
        }
    };

    @AfterEach
    void close() {
        transport.close();
        context.close();
        rooms.close();
        assertThat(context.escaped()).isEmpty();
    }

    private static Advertisement at(String address) {
        return new Advertisement(List.of(address), new byte[Advertisement.KEY_BYTES]);
    }

    @Test
    void othersAreFoundByTheirSeatsAndLostWithTheirSocketAndTheRoom() throws Exception {
        try (RoomMember before = new RoomMember();
                RoomMember after = new RoomMember()) {
            String first = before.listen(rooms.room("r") + "first");
            Listening own = get(transport.listen(rooms.room("r"), channel -> {}));
            Discovery discovery = provider.discovery();
            String name = get(discovery.start(at(own.address()), listener));
            assertThat(own.address()).endsWith("/" + name);
            await().atMost(SOON).until(() -> present.equals(Map.of("first", first)));
            String second = after.listen(rooms.room("r") + "second");
            after.listen(rooms.room("elsewhere") + "third");
            await().atMost(SOON).until(() -> present.equals(Map.of("first", first, "second", second)));
            assertThat(rooms.members("r")).as("sockets").hasSize(3);

            rooms.down();
            await().atMost(SOON).until(present::isEmpty);
            rooms.up();
            await().atMost(SOON).until(() -> present.equals(Map.of("first", first, "second", second)));

            before.transport.close();
            await().atMost(SOON).until(() -> present.equals(Map.of("second", second)));
            discovery.close();
            discovery.close();
            present.clear();
            after.listen(rooms.room("r") + "late");
            own.close();
            await().atMost(SOON).until(() -> rooms.members("r").size() == 1);
            assertThat(present).isEmpty();
        }
    }

    @Test
    void itIsStartedOnceWhereItsProviderListens() throws Exception {
        Discovery lost = provider.discovery();
        assertThat(failure(lost.start(at(rooms.room("r") + "nobody"), listener)).kind())
                .isEqualTo(ErrorKind.CONFIGURATION);
        assertThat(failure(lost.start(at("ws://127.0.0.1:1/"), listener)).kind())
                .isEqualTo(ErrorKind.CONFIGURATION);
        Listening own = get(transport.listen(rooms.room("r"), channel -> {}));
        assertThat(failure(new PartyKitTransportProvider().discovery().start(at(own.address()), listener))
                        .kind())
                .isEqualTo(ErrorKind.CONFIGURATION);
        Discovery once = provider.discovery();
        get(once.start(at(own.address()), listener));
        assertThat(failure(once.start(at(own.address()), listener)).kind()).isEqualTo(ErrorKind.CONFIGURATION);
        once.close();
        Discovery closed = provider.discovery();
        closed.close();
        assertThat(failure(closed.start(at(own.address()), listener)).kind()).isEqualTo(ErrorKind.CLOSED);
        own.close();
        assertThat(failure(provider.discovery().start(at(own.address()), listener))
                        .kind())
                .isEqualTo(ErrorKind.CONFIGURATION);
    }
}
