package dev.livesync.transport.partykit;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.Faults;
import dev.livesync.tck.TransportTck;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** A room against the kit. */
class PartyKitTransportTest extends TransportTck {
    private static LocalRooms rooms;

    @BeforeAll
    static void open() {
        rooms = new LocalRooms();
    }

    @AfterAll
    static void close() {
        rooms.close();
    }

    @Override
    protected TransportProvider provider() {
        return new PartyKitTransportProvider(
                PartyKitConfiguration.builder().room(rooms.room("kit")).build());
    }

    @Override
    protected Faults faults() {
        return new RoomWire();
    }

    @Override
    protected boolean isShared(Thread thread) {
        return thread.getName().startsWith(LocalRooms.THREADS);
    }

    @Override
    protected List<String> unusableAddresses() {
        List<String> addresses = new ArrayList<>(super.unusableAddresses());
        addresses.addAll(List.of(
                "partykit:",
                "partykit:/",
                "partykit://",
                "partykit+ws://127.0.0.1:1/",
                "partykit+ws://[::99999999999999.1.1.1]:1/parties/livesync/room/",
                "partykit+ws://127.0.0.1:1/parties/livesync/room",
                "partykit+ws://127.0.0.1:1/parties/livesync/room/seat/more",
                "partykit+ws://127.0.0.1:1/party/room/seat",
                "partykit+ws://127.0.0.1:1/parties/livesync/../seat",
                "partykit+ws://127.0.0.1:1/parties/livesync/room/a%20seat",
                "partykit+ws://127.0.0.1:1/parties/livesync/room/" + "x".repeat(65),
                "partykit+ws://127.0.0.1:0/parties/livesync/room/seat",
                "partykit+ws://127.0.0.1:65536/parties/livesync/room/seat",
                "partykit+ws://127.0.0.1:x/parties/livesync/room/seat",
                "partykit+ws://user:secret@127.0.0.1:1/parties/livesync/room/seat",
                "partykit+ws://127.0.0.1:1/parties/livesync/room/seat?token=x",
                "partykit+ws://127.0.0.1:1/parties/livesync/room/seat#x",
                "partykit+ws:///parties/livesync/room/seat",
                "ws://127.0.0.1:1/parties/livesync/room/seat",
                "partykit+ws://127.0.0.1:1/parties/livesync/" + "x".repeat(3000) + "/seat"));
        return addresses;
    }
}
