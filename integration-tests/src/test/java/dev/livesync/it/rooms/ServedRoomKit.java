package dev.livesync.it.rooms;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.it.room.ServedRoom;
import dev.livesync.tck.Faults;
import dev.livesync.tck.TransportTck;
import dev.livesync.transport.partykit.PartyKitConfiguration;
import dev.livesync.transport.partykit.PartyKitTransportProvider;
import dev.livesync.transport.partykit.RoomWire;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.parallel.Isolated;

/** The kit in a room of {@code examples/partykit}. The verdict is in {@code docs/transports/partykit.md}. */
@Isolated // whoever runs beside it has threads that are taken for leaks
abstract class ServedRoomKit extends TransportTck {
    private static ServedRoom served;

    /** Starts the room, once for the class. */
    static void serve(ServedRoom.Runtime runtime) throws IOException {
        served = ServedRoom.start(runtime);
    }

    @AfterAll
    static void close() throws IOException {
        ServedRoom open = served;
        served = null;
        if (open != null) {
            open.close();
        }
    }

    @Override
    protected TransportProvider provider() {
        String room = "partykit+" + served.room("kit") + "/";
        return new PartyKitTransportProvider(
                PartyKitConfiguration.builder().room(room).build());
    }

    @Override
    protected Faults faults() {
        return new RoomWire();
    }

    @Override
    protected boolean isShared(Thread thread) {
        return thread.getName().startsWith("ForkJoinPool-"); // JUnit's, which runs classes side by side
    }
}
