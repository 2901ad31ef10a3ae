package dev.livesync.it.room;

import dev.livesync.it.room.ServedRoom.Runtime;

/** The room as partyserver and workerd run it. */
class WorkerdServerTest extends RoomServerRules {
    WorkerdServerTest() {
        super(Runtime.WORKERD);
    }
}
