package dev.livesync.transport.servlet;

import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.TransportTck;
import dev.livesync.tck.Waiver;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;

/** Hubs in a servlet container against the kit, dialled by the WebSocket transport. */
abstract class ContainerTck extends TransportTck {
    /** How long a container waits for the rest of a request, far below what it waits by default. */
    static final Duration PATIENCE = Duration.ofSeconds(2);

    private static final String ANSWERS =
            "the port is the container's, which goes on answering where nobody listens: REFUSED, not UNREACHABLE";

    private static final String DRIBBLES =
            "until a request is whole it is the container's, whose time limit is for each read of it, not for all";

    private static Container container;

    static void start(Container started) {
        container = started;
    }

    @AfterAll
    static void stop() throws Exception {
        container.close();
    }

    @Override
    protected TransportProvider provider() {
        return container.provider();
    }

    @Override
    protected boolean isShared(Thread thread) {
        return container.owns(thread);
    }

    /** What else these rules say, {@link HubRules} holds. */
    @Override
    protected List<Waiver> waivers() {
        return List.of(
                new Waiver("T2.3", ANSWERS),
                new Waiver("T2.5", ANSWERS),
                new Waiver("T2.11", ANSWERS),
                new Waiver("T2.14", DRIBBLES));
    }
}
