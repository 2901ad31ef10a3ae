package dev.livesync.core.session;

import dev.livesync.PeerInfo;
import dev.livesync.PeerInfo.Authentication;
import dev.livesync.Session;
import dev.livesync.SyncLimits;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Origin;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.car.Limits;
import dev.livesync.core.auth.Agreement;
import dev.livesync.core.auth.Tokens;
import dev.livesync.core.engine.EngineConfig;
import dev.livesync.core.engine.EngineLimits;
import dev.livesync.core.engine.EngineTimes;
import dev.livesync.core.wire.Feature;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/** Makes sessions of channels. */
final class Sessions {
    /** What an event may add to its document, parents above all. */
    private static final int BLOCK_AROUND_DOCUMENT = 1 << 20;

    private Sessions() {}

    /** A session with one of our own, after the proof; in the wire's mailbox. */
    static SessionRunner proved(Node node, Slots.Slot slot, Proving proving, Agreement agreement) {
        SessionRunner session;
        try {
            session = make(node, slot, proving, agreement);
        } catch (RuntimeException | Error e) {
            node.slots().release(slot, Failures.of("the session with " + proving.remote(), e));
            throw e;
        }
        session.begin();
        return session;
    }

    private static SessionRunner make(Node node, Slots.Slot slot, Proving proving, Agreement agreement) {
        Channel channel = proving.wire().channel();
        PeerInfo peer = new PeerInfo(
                channel.remote(),
                channel.peer(),
                channel.binding().isPresent() ? Authentication.BOUND_SECRET : Authentication.SECRET,
                agreement.features());
        return new SessionRunner(
                node,
                slot,
                proving.wire(),
                proving.transport(),
                peer,
                config(node, proving.transport(), channel, agreement, !proving.isAcceptor()),
                proving.firstGrant());
    }

    /** A session with an alpha on a channel that nobody has started; any thread. */
    static void alpha(Node node, Slots.Slot slot, String transport, Channel channel, Consumer<SessionRunner> then) {
        PeerInfo peer = new PeerInfo(channel.remote(), channel.peer(), Authentication.SIGNALLING, Set.of());
        Wire wire = new Wire(channel, node, new Nobody());
        wire.execute(() -> {
            SessionRunner session = new SessionRunner(
                    node,
                    slot,
                    wire,
                    transport,
                    peer,
                    config(node, transport, channel, new Agreement(Set.of(), 0), false),
                    0);
            wire.become(session);
            wire.start();
            session.begin();
            then.accept(session);
        });
    }

    /** Nobody asks for it any more: somebody gave it up, or has closed everything, which is in order. */
    static void discard(Node node, Session session) {
        if (node.isClosed()) {
            session.close();
        } else {
            session.abort();
        }
    }

    private static EngineConfig config(
            Node node, String transport, Channel channel, Agreement agreement, boolean listensFirst) {
        SyncLimits limits = node.limits();
        String id = node.random(random -> Tokens.random(random, 16));
        return new EngineConfig(
                channel.remote(),
                new Origin(id, account(transport, channel)),
                Feature.named(agreement.features()),
                listensFirst,
                agreement.window(),
                channel.maxMessageBytes(),
                new EngineLimits(
                        limits.window(),
                        limits.messageBytes(),
                        limits.carBlocks(),
                        limits.diffCids(),
                        limits.controlBytes(),
                        limits.sectionBytes(),
                        limits.pieceBytes(),
                        Limits.DEFAULT.toBuilder()
                                .documentBytes(limits.documentBytes())
                                .blockBytes(limits.documentBytes() + BLOCK_AROUND_DOCUMENT)
                                .build()),
                new EngineTimes(limits.phaseTime(), limits.heartbeat(), limits.deliveryTime()),
                node.random(RandomGenerator::nextLong));
    }

    /** Whose quota it counts against: an identity, or else the place, without what differs from one connection to the next. */
    static String account(String transport, Channel channel) {
        return channel.peer()
                .map(identity -> identity.scheme() + ":" + identity.name())
                .orElseGet(() -> transport + ":" + channel.remote().replaceFirst("[:#][0-9]+/?$", ""));
    }

    /** Before the first phase. */
    private static final class Nobody implements Wire.Phase {
        @Override
        public void message(Message message) {}

        @Override
        public void room() {}

        @Override
        public void sendFailed(SyncException failure) {}

        @Override
        public void closed(CloseReason reason) {}

        @Override
        public void crashed(SyncException failure) {}

        @Override
        public void refused(SyncException failure) {}
    }
}
