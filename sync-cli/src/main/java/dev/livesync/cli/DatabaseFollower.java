package dev.livesync.cli;

import dev.livesync.api.Cid;
import dev.livesync.database.ChangesSince;
import dev.livesync.database.Database;
import java.util.List;
import java.util.function.Consumer;

/** Follows a database that is open in this process, from now on. */
final class DatabaseFollower implements ChangeFollower {
    private final Database database;
    private List<Cid> clock;

    DatabaseFollower(Database database) {
        this.database = database;
        this.clock = database.clock();
    }

    @Override
    public void look(Consumer<ChangesSince> action) {
        if (database.clock().equals(clock)) {
            return;
        }
        ChangesSince changes = database.changesSince(clock);
        if (!changes.changes().isEmpty()) {
            action.accept(changes);
        }
        clock = changes.clock();
    }
}
