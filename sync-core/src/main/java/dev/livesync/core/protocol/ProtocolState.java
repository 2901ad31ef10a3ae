package dev.livesync.core.protocol;

import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.core.message.Feature;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The state that the parts of one session's protocol share: the peer, what is known and counted, and the time of the current call. */
final class ProtocolState implements DialectHost {
    enum Stage {
        NEW,
        OPEN,
        /** Ending in order: what was received is still committed. */
        CLOSING,
        /** Ending with a failure. */
        FAILED,
        ENDED
    }

    final ProtocolConfig config;
    final Replica replica;
    final Effects effects;
    final Memory memory;
    final PeerFailures failures;
    final boolean acks;

    /** How long the peer may take for a step, in nanoseconds. */
    final long phase;

    final @Nullable Window window;
    final PendingCars pending;
    final RefusedEvents refusedEvents = new RefusedEvents();
    final Deadlines deadlines = new Deadlines();
    final Counters counters = new Counters();
    final PeerClock peerClock = new PeerClock();
    final StatedHeads statedHeads = new StatedHeads();
    final EchoFilter echoes;
    final Backlog backlog = new Backlog();
    final Deliveries deliveries = new Deliveries(() -> counters.carsSent);
    final Dialect dialect;
    final Permissions permissions;
    final BlockTransfer blocks;
    final SendLag lag;

    Stage stage = Stage.NEW;
    long now;
    boolean channelOpen;

    /** Whether one side has closed. The status doesn't go back to an earlier one then. */
    boolean parting;

    List<Cid> heads = List.of();
    boolean headsMoved;

    /** Whether the last statement of our clock was complete, so that the peer can follow it with what it gets. */
    boolean clockTold = true;

    private SessionStatus status = SessionStatus.NEW;

    ProtocolState(ProtocolConfig config, Replica replica, Effects effects, Memory memory) {
        this.config = config;
        this.replica = Objects.requireNonNull(replica, "replica");
        this.effects = Objects.requireNonNull(effects, "effects");
        this.memory = memory;
        failures = new PeerFailures(config.peer());
        acks = config.features().contains(Feature.ACKS);
        lag = new SendLag(acks);
        phase = config.times().phase().toNanos();
        boolean pieces = config.features().contains(Feature.FRAGMENTS);
        if (config.features().contains(Feature.CREDITS)) {
            window = new Window(config.limits().window(), pieces, memory.in());
        } else {
            window = null;
            memory.in().release(memory.in().held());
        }
        pending = new PendingCars(config.origin(), config.limits().sectionBytes(), config.checked());
        echoes = new EchoFilter(config.salt());
        dialect = config.dialect().of(this);
        permissions = new Permissions(config, effects, failures, deliveries);
        blocks = new BlockTransfer(this, effects, permissions, counters);
    }

    boolean isOpen() {
        return stage == Stage.OPEN;
    }

    /** Reads the heads from the replica. A commit's result may be older. */
    List<Cid> currentHeads() {
        headsMoved = false;
        try (Snapshot snapshot = replica.snapshot()) {
            lag.here(snapshot.summary().events(), now);
            return snapshot.heads();
        }
    }

    void setStatus(SessionStatus next) {
        boolean last = next == SessionStatus.CLOSING || next == SessionStatus.DESTROYED;
        if (status != next && (last || !parting)) {
            status = next;
            effects.statusChanged(next);
        }
    }

    /** The likeliest reason why the peer says nothing. */
    String likelyCause() {
        return dialect.likelyCause(backlog.clock() == null || backlog.awaitsAnswer());
    }

    @Override
    public ProtocolConfig config() {
        return config;
    }

    @Override
    public Replica replica() {
        return replica;
    }

    @Override
    public long now() {
        return now;
    }

    @Override
    public Deadlines deadlines() {
        return deadlines;
    }

    @Override
    public boolean hasSent(Cid event) {
        return echoes.contains(event);
    }

    @Override
    public boolean isStoring() {
        return !pending.isEmpty();
    }

    @Override
    public boolean hasTheirDiff() {
        return backlog.clock() != null;
    }

    @Override
    public void statesClock(List<Cid> stated, boolean all) {
        heads = stated;
        headsMoved = true; // perhaps, since then
        clockTold = all;
    }

    @Override
    public void keep(Event event) {
        pending.addOwn(event);
    }

    @Override
    public void mismatch(Cid event, List<String> ids) {
        effects.treeMismatch(event, ids);
    }

    @Override
    public boolean claim(long bytes) {
        return memory.out().claim(bytes);
    }

    @Override
    public void count(long bytes) {
        memory.out().force(bytes);
    }

    @Override
    public void release(long bytes) {
        memory.out().release(bytes);
    }
}
