package dev.livesync.it.room;

import dev.livesync.it.room.ServedRoom.Runtime;
import org.junit.jupiter.api.Tag;

/** The room as PartyKit's own server runs it, which listens on every interface of the machine. */
@Tag("soak")
class PartyKitServerTest extends RoomServerRules {
    PartyKitServerTest() {
        super(Runtime.PARTYKIT);
    }
}
