package dev.livesync.core.protocol;

import dev.livesync.SessionStatus;
import dev.livesync.api.Cid;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Commit;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.replica.Replica;
import dev.livesync.api.replica.Snapshot;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Feature;
import dev.livesync.core.presence.PresenceLink;
import dev.livesync.core.protocol.alpha.AlphaDialect;
import dev.livesync.core.protocol.livesync.Dialects;
import dev.livesync.grant.Rights;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Queue;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** One end of a session, run by hand: a protocol, what it asked for, and a clock that somebody else moves. */
final class ManualSession implements Effects {
    /** Every feature of the dialect in texts and CARs. */
    static final Set<Feature> ALL = Set.copyOf(EnumSet.complementOf(EnumSet.of(Feature.NATIVE)));

    /** The native dialect: every feature of protocols. */
    static final Set<Feature> NATIVE = Set.copyOf(EnumSet.range(Feature.HELLO, Feature.NATIVE));

    private static final long HELD_BACK = 250_000_000L;

    private static int sessions;

    final Replica replica;
    final SessionProtocol protocol;
    private final boolean mergesAcks;
    final Subscription subscription;
    final List<SessionStatus> statuses = new ArrayList<>();
    final Map<Cid, List<String>> mismatches = new LinkedHashMap<>();
    final List<SyncException> refusals = new ArrayList<>();
    final Queue<Commit> commits = new ArrayDeque<>();
    long now = 1_000_000_000_000L;
    long requested;
    boolean wakeUp;
    boolean equal;

    @Nullable
    List<Cid> equalAt;

    boolean backlogDone;

    @Nullable
    SyncException backlogFailure;

    @Nullable
    SyncException failure;

    List<Cid> held = List.of();
    Rights rights = Rights.READ_WRITE;
    boolean ended;

    @Nullable
    SyncException end;

    ManualSession(Replica replica, ProtocolConfig config) {
        this(replica, config, Memory.unlimited(config.limits()));
    }

    ManualSession(Replica replica, ProtocolConfig config, Memory memory) {
        this(replica, config, memory, null);
    }

    ManualSession(Replica replica, ProtocolConfig config, Memory memory, @Nullable PresenceLink presence) {
        this.replica = replica;
        mergesAcks = config.features().containsAll(NATIVE);
        protocol = new SessionProtocol(config, replica, this, memory, presence);
        subscription = replica.onChange(() -> wakeUp = true);
    }

    static ProtocolConfig alpha() {
        return config(Set.of(), ProtocolLimits.DEFAULT, AlphaDialect.MESSAGE_BYTES);
    }

    static ProtocolConfig livesync() {
        return config(ALL, ProtocolLimits.DEFAULT, 1 << 20);
    }

    static ProtocolConfig config(Set<Feature> features, ProtocolLimits limits, int maxMessageBytes) {
        return config(features, false, limits, maxMessageBytes);
    }

    static ProtocolConfig config(
            Set<Feature> features, boolean listensFirst, ProtocolLimits limits, int maxMessageBytes) {
        return config(features, listensFirst, limits, maxMessageBytes, Rights.READ_WRITE);
    }

    static ProtocolConfig config(
            Set<Feature> features, boolean listensFirst, ProtocolLimits limits, int maxMessageBytes, Rights rights) {
        String session = "session" + sessions++;
        return new ProtocolConfig(
                "test:" + session,
                new Origin(session, "peer of " + session),
                features,
                listensFirst,
                limits.window(),
                maxMessageBytes,
                Dialects.of(features),
                limits,
                ProtocolTimes.DEFAULT,
                42,
                new byte[16],
                OptionalLong.empty(),
                "peer of " + session,
                rights,
                false,
                Optional.empty());
    }

    /** The same for a session whose ends had one clock in their handshake. */
    static ProtocolConfig startingAt(CommonClock clock, ProtocolConfig config) {
        return with(config, config.peerInstance(), Optional.of(clock));
    }

    /** The same for a session whose peer has told which database it has. */
    static ProtocolConfig with(long instance, ProtocolConfig config) {
        return with(config, OptionalLong.of(instance), config.common());
    }

    private static ProtocolConfig with(ProtocolConfig config, OptionalLong instance, Optional<CommonClock> clock) {
        return new ProtocolConfig(
                config.peer(),
                config.origin(),
                config.features(),
                config.listensFirst(),
                config.peerWindow(),
                config.maxMessageBytes(),
                config.dialect(),
                config.limits(),
                config.times(),
                config.salt(),
                config.sharedSalt(),
                instance,
                config.peerName(),
                config.rights(),
                config.checked(),
                clock);
    }

    /** What a replica says in its handshake now. */
    static CommonClock clock(Replica replica) {
        try (Snapshot snapshot = replica.snapshot()) {
            return new CommonClock(snapshot.heads(), snapshot.cursor());
        }
    }

    /** Opens and takes what is sent at once. */
    List<Message> open() {
        protocol.open(now);
        return drain();
    }

    /** Delivers a message, commits what that leads to, and takes what is sent then. */
    List<Message> deliver(Message message) {
        assertRequested();
        requested--;
        protocol.received(message, now);
        return settle();
    }

    private void assertRequested() {
        if (requested <= 0) {
            throw new AssertionError("the protocol asked for no more messages");
        }
    }

    /** Commits and passes wake-ups on until there is nothing more to do. */
    List<Message> settle() {
        List<Message> sent = new ArrayList<>(drain());
        while (!commits.isEmpty() || wakeUp) {
            if (wakeUp) {
                wakeUp = false;
                protocol.changed(now);
            }
            if (!commits.isEmpty()) {
                commitOne();
            }
            sent.addAll(drain());
        }
        return sent;
    }

    void commitOne() {
        Commit commit = commits.remove();
        dev.livesync.api.replica.CommitResult result;
        try {
            result = replica.commit(commit);
        } catch (SyncException e) {
            protocol.commitFailed(e, now);
            return;
        }
        protocol.commitDone(result, now);
    }

    List<Message> drain() {
        List<Message> sent = new ArrayList<>();
        for (Message m = protocol.poll(now); m != null; m = protocol.poll(now)) {
            sent.add(m);
        }
        return sent;
    }

    /** Lets time pass, tick by tick. */
    List<Message> pass(long nanos) {
        List<Message> sent = new ArrayList<>();
        long until = now + nanos;
        while (protocol.nextDeadline() != Deadlines.NEVER && protocol.nextDeadline() - until <= 0) {
            now = Math.max(now, protocol.nextDeadline());
            protocol.tick(now);
            sent.addAll(drain());
        }
        now = until;
        return sent;
    }

    /** Lets the time pass for which an ack may be held back, if one is. */
    boolean acknowledge() {
        long due = protocol.nextDeadline();
        if (!mergesAcks || due == Deadlines.NEVER || due - now > HELD_BACK) {
            return false;
        }
        now = due;
        protocol.tick(now);
        return true;
    }

    void cut() {
        protocol.channelClosed(
                CloseReason.failed(new SyncException(dev.livesync.api.ErrorKind.DISCONNECTED, "cut")), now);
    }

    @Override
    public void commit(Commit commit) {
        if (!commits.isEmpty()) {
            throw new AssertionError("two commits at once");
        }
        commits.add(commit);
    }

    @Override
    public void request(long messages) {
        if (messages < 1) {
            throw new AssertionError("request of " + messages);
        }
        requested += messages;
    }

    @Override
    public void statusChanged(SessionStatus status) {
        statuses.add(status);
    }

    @Override
    public void askedToLeave(long millis) {}

    @Override
    public void blocksChanged() {
        wakeUp = true;
    }

    @Override
    public void statisticsChanged() {}

    @Override
    public void backlogSettled(@Nullable SyncException why) {
        if (backlogDone || backlogFailure != null) {
            throw new AssertionError("backlog told twice");
        }
        backlogDone = why == null;
        backlogFailure = why;
    }

    @Override
    public void equalChanged(@Nullable List<Cid> clock) {
        if (java.util.Objects.equals(equalAt, clock)) {
            throw new AssertionError("equal did not change");
        }
        equalAt = clock;
        equal = clock != null;
    }

    @Override
    public void peerHolds(List<Cid> clock) {
        held = clock;
    }

    @Override
    public boolean isEqualAwaited() {
        return false;
    }

    @Override
    public void treeMismatch(Cid event, List<String> ids) {
        mismatches.put(event, ids);
    }

    @Override
    public void rightsStated(Rights stated) {
        rights = stated;
    }

    @Override
    public void changesRefused(SyncException refusal) {
        refusals.add(refusal);
    }

    @Override
    public void sessionFailed(SyncException why) {
        if (failure != null || ended) {
            throw new AssertionError("failed twice, or after the end", why);
        }
        failure = why;
    }

    @Override
    public void sessionEnded(@Nullable SyncException why) {
        if (ended) {
            throw new AssertionError("ended twice");
        }
        if (why != failure) {
            throw new AssertionError("failed with " + failure + " and ended with " + why);
        }
        ended = true;
        end = why;
        subscription.close();
    }

    static ProtocolLimits limits(
            long window, long messageBytes, int diffCids, int controlBytes, int sectionBytes, int pieceBytes) {
        ProtocolLimits d = ProtocolLimits.DEFAULT;
        return new ProtocolLimits(
                window, messageBytes, d.carBlocks(), diffCids, controlBytes, sectionBytes, pieceBytes, d.blocks());
    }
}
