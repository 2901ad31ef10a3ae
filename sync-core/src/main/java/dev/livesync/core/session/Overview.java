package dev.livesync.core.session;

import dev.livesync.Session;
import dev.livesync.SessionStatus;
import dev.livesync.SyncStatus;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What a {@code Sync} says of itself as a whole. Any thread. */
public final class Overview {
    private final Node node;
    private final Offers offers;

    /**
     * An overview.
     *
     * @param node with the sessions
     * @param offers with the open offers
     */
    public Overview(Node node, Offers offers) {
        this.node = node;
        this.offers = offers;
    }

    /**
     * The open sessions.
     *
     * @return a copy, oldest first
     */
    public List<Session> sessions() {
        return node.slots().sessions();
    }

    /**
     * What it is doing.
     *
     * @return the status
     */
    public SyncStatus status() {
        List<Slots.Slot> slots = node.slots().all();
        int open = offers.count();
        Optional<SessionStatus> least = slots.stream().map(Slots.Slot::status).min(Comparator.naturalOrder());
        SessionStatus state;
        if (least.isPresent()) {
            state = least.get();
        } else if (open > 0) {
            state = SessionStatus.OFFERING;
        } else if (node.isClosed() || node.slots().last().isPresent()) {
            state = SessionStatus.DESTROYED;
        } else {
            state = SessionStatus.NEW;
        }
        return new SyncStatus(state, sessions().size(), open);
    }

    /**
     * The backlog of the single session, be it open, on its way, or just over.
     *
     * @return see {@link Session#backlog}
     */
    public CompletionStage<Void> backlog() {
        List<Slots.Slot> slots = node.slots().all();
        if (slots.size() > 1) {
            return CompletableFuture.failedFuture(new SyncException(
                    ErrorKind.CONFIGURATION,
                    "there are " + slots.size() + " sessions; ask the one you mean for its backlog"));
        }
        Optional<Slots.Slot> slot = slots.isEmpty() ? node.slots().last() : Optional.of(slots.get(0));
        if (slot.isEmpty()) {
            return CompletableFuture.failedFuture(new SyncException(
                    ErrorKind.CONFIGURATION, "there is no session yet; connect, accept or dial first"));
        }
        CompletableFuture<Void> own = new CompletableFuture<>();
        var unused = slot.get().arrival().whenComplete((session, failure) -> {
            if (failure != null) {
                // Whoever gave it up may be a timer, or anybody.
                node.later(() -> own.completeExceptionally(Failures.of("the session", failure)));
            } else {
                var ignored = session.backlog().whenComplete((nothing, thrown) -> {
                    if (thrown == null) {
                        own.complete(null);
                    } else {
                        own.completeExceptionally(Failures.of("the session", thrown));
                    }
                });
            }
        });
        return own;
    }
}
