package dev.livesync.it.rooms;

import dev.livesync.it.room.ServedRoom.Runtime;
import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;

/** A room as {@code partykit dev} runs it, against the kit. */
@Tag("soak")
class PartyKitKitTest extends ServedRoomKit {
    @BeforeAll
    static void open() throws IOException {
        serve(Runtime.PARTYKIT);
    }
}
