package dev.livesync.tck;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.core.internal.TextSessions;
import dev.livesync.database.Database;
import dev.livesync.database.Document;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Databases that sync over the transport under test, and their end. */
final class Scenario {
    /** Marks rules that need the whole of LiveSync. */
    static final String TAG = "scenario";

    private static final int PATIENCE_IN_ALL = 12;

    private final TransportFixture fixture;
    private final List<AutoCloseable> open = new ArrayList<>();

    Scenario(TransportFixture fixture) {
        this.fixture = fixture;
    }

    /** Closes what was opened, the last first. */
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
    }

    Database database() {
        Database database = Database.inMemory();
        open.add(database);
        return database;
    }

    Sync sync(Database database, TransportProvider provider) {
        Sync.Builder builder = Sync.builder(database).transport(provider);
        Sync sync = (fixture.inTexts() ? TextSessions.in(builder) : builder).build();
        open.add(sync);
        return sync;
    }

    /** Connects two databases; the session is the one of the first. */
    Session meet(Database here, Database there) throws Exception {
        return meet(sync(here, fixture.under()), sync(there, fixture.peerUnder()), null);
    }

    Session meet(Sync here, Sync there, @Nullable Faults wire) throws Exception {
        if (fixture.shape() == Where.Shape.SIGNALLING) {
            return fixture.get(here.connect(fixture.get(there.accept(fixture.get(here.offer())))));
        }
        Endpoint endpoint = fixture.get(there.listen(fixture.address()));
        String at = endpoint.address();
        return fixture.get(here.dial(wire == null ? at : detour(wire, at)));
    }

    /**
     * Waits until a session has caught up. How long that takes is the data's and the machine's business, so long as something passes; not for
     * ever, since heartbeats pass where nothing else does.
     */
    void inStep(Session session) throws Exception {
        var backlog = session.backlog();
        long passed = -1;
        for (int i = 0;
                i < PATIENCE_IN_ALL
                        && !fixture.isOver(backlog, fixture.patience().await());
                i++) {
            long now =
                    session.statistics().bytesReceived() + session.statistics().bytesSent();
            if (now == passed) {
                throw new AssertionError("nothing passed for "
                        + fixture.patience().await() + ", after " + now + " bytes, and the databases were not in step");
            }
            passed = now;
        }
        fixture.get(backlog);
    }

    /** Through the faults, which must leave the secret where it is. */
    static String detour(Faults wire, String address) {
        String detour = wire.through(address);
        int hash = address.indexOf('#');
        if (hash >= 0 && !detour.endsWith(address.substring(hash))) {
            throw new AssertionError("Faults.through lost the secret of " + address.substring(0, hash)
                    + "#...: what it returns has to end with the same # and what is behind it");
        }
        return detour;
    }

    /** The core proves what was signalled: a detour of signals has to begin below it. */
    TransportProvider detoured(TransportProvider provider, Faults wire) {
        return fixture.shape() == Where.Shape.SIGNALLING ? new DetouredProvider(provider, wire) : provider;
    }

    static List<String> content(Database database) {
        return database.all().stream()
                .map(document -> document.id() + " " + document.json())
                .sorted()
                .collect(Collectors.toList());
    }

    void assertEqual(Database a, Database b) {
        fixture.eventually("both databases are equal", () -> content(a).equals(content(b)));
    }

    static List<String> ids(Database database) {
        return database.all().stream().map(Document::id).sorted().toList();
    }
}
