package dev.livesync.core.session;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.core.auth.Agreement;
import dev.livesync.core.auth.Exchange;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Lets nobody in who hasn't proved the secret, nor more than a few at a time try, nor for long. Whoever is refused has seen
 * a hello and a word why, and nothing else. Any thread.
 */
final class Doorkeeper implements ChannelAcceptor, Proving.Outcome {
    private final Node node;
    private final String transport;
    private final Function<Optional<String>, Optional<Exchange>> exchanges;
    private final Consumer<Proving> next;
    private final Set<Proving> unproved = new HashSet<>();
    private @Nullable SyncException closed;

    /**
     * A door.
     *
     * @param node for limits, time and listeners
     * @param transport the id of the transport that brings the channels
     * @param exchanges the secrets that open it: by the handle of an offer, or without one
     * @param next takes over whoever has proved the secret, in that channel's mailbox
     */
    Doorkeeper(
            Node node,
            String transport,
            Function<Optional<String>, Optional<Exchange>> exchanges,
            Consumer<Proving> next) {
        this.node = node;
        this.transport = transport;
        this.exchanges = exchanges;
        this.next = next;
    }

    @Override
    public void accept(Channel channel) {
        SyncException refusal = null;
        Proving proving = null;
        synchronized (this) {
            if (closed != null) {
                refusal = new SyncException(ErrorKind.CLOSED, "nobody listens here any more");
            } else if (unproved.size() >= node.limits().unproved()) {
                refusal = new SyncException(
                        ErrorKind.REFUSED,
                        "too many callers who have not proved the secret, " + channel.remote() + " is turned away");
            } else {
                proving = Proving.proposer(node, transport, channel, exchanges, this);
                unproved.add(proving);
            }
        }
        if (proving != null) {
            proving.begin();
        } else if (refusal != null) {
            SyncException why = refusal;
            node.farewells().sayAndClose(channel, why);
            node.later(() -> refused(channel.remote(), why)); // this is the transport's thread
        }
    }

    @Override
    public void peerProved(Proving proving) {
        SyncException late;
        synchronized (this) {
            unproved.remove(proving);
            late = closed;
        }
        if (late == null) {
            next.accept(proving);
        } else {
            proving.refuse(late);
        }
    }

    @Override
    public void proved(Proving proving, Agreement agreement) {
        // Only whoever took over confirms, and hears of it.
        proving.abandon(Failures.closed());
    }

    @Override
    public void failed(Proving proving, SyncException failure) {
        synchronized (this) {
            unproved.remove(proving);
        }
        refused(proving.remote(), failure);
    }

    /** Turns away whoever hasn't proved the secret yet, and whoever comes. */
    void close(SyncException reason) {
        List<Proving> turnedAway;
        synchronized (this) {
            closed = reason;
            turnedAway = List.copyOf(unproved);
            unproved.clear();
        }
        turnedAway.forEach(proving -> proving.refuse(reason));
    }

    private void refused(String remote, SyncException why) {
        node.tell(listener -> listener.refused(remote, why));
    }
}
