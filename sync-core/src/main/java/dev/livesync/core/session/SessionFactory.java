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
import dev.livesync.core.handshake.Tokens;
import dev.livesync.core.message.Feature;
import dev.livesync.core.protocol.Budget;
import dev.livesync.core.protocol.ProtocolConfig;
import dev.livesync.core.protocol.ProtocolLimits;
import dev.livesync.core.protocol.ProtocolTimes;
import dev.livesync.core.protocol.livesync.Dialects;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Rights;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;

/** Starts sessions on channels. */
public final class SessionFactory {
    /** How many bytes an event may add to its document, mostly for parents. */
    private static final int BLOCK_AROUND_DOCUMENT = 1 << 20;

    /** Behind the name of a peer that has proved nothing, so that no log and no output shows it as one that has. */
    private static final String UNPROVED = " (an alpha, which proves nothing)";

    private SessionFactory() {}

    /**
     * Starts a session with a LiveSync peer, after the proof; in the channel's mailbox.
     *
     * @param context to which it belongs
     * @param registration its place
     * @param runner of the handshake that is over
     * @param agreement what it agreed on
     * @return the session, which has begun
     */
    public static SessionRunner proved(
            SyncContext context,
            SessionRegistry.Registration registration,
            HandshakeRunner runner,
            Agreement agreement) {
        return begin(context, registration, runner, agreement, Optional.empty(), Rights.READ_WRITE);
    }

    /**
     * The same with a peer that came with a grant.
     *
     * @param context to which it belongs
     * @param registration its place
     * @param runner of the handshake that is over
     * @param agreement what it agreed on
     * @param grant the peer's
     * @return the session, which has begun
     */
    public static SessionRunner granted(
            SyncContext context,
            SessionRegistry.Registration registration,
            HandshakeRunner runner,
            Agreement agreement,
            Grant grant) {
        return begin(context, registration, runner, agreement, Optional.of(grant.name()), grant.rights());
    }

    private static SessionRunner begin(
            SyncContext context,
            SessionRegistry.Registration registration,
            HandshakeRunner runner,
            Agreement agreement,
            Optional<String> grant,
            Rights rights) {
        Budget.Share promised = runner.promised();
        SessionRunner session;
        try {
            session = make(context, registration, runner, agreement, grant, rights, promised);
        } catch (RuntimeException | Error e) {
            promised.close();
            context.registry().release(registration, SyncFailures.of("the session with " + runner.remote(), e));
            throw e;
        }
        session.begin();
        return session;
    }

    private static SessionRunner make(
            SyncContext context,
            SessionRegistry.Registration registration,
            HandshakeRunner runner,
            Agreement agreement,
            Optional<String> grant,
            Rights rights,
            Budget.Share promised) {
        Channel channel = runner.serial().channel();
        PeerInfo peer = new SessionPeer(
                channel.remote(),
                channel.peer(),
                runner.serial().isSealed() ? Authentication.SEALED : Authentication.BOUND,
                grant,
                rights,
                agreement.features().stream().map(Feature::wireName).collect(Collectors.toSet()),
                agreement.meshName(),
                agreement.instance().stream()
                        .mapToObj(instance -> String.format("%016x", instance))
                        .findFirst());
        Origin origin = origin(context, runner.transport(), channel);
        return new SessionRunner(
                context,
                registration,
                runner.serial(),
                runner.transport(),
                peer,
                origin,
                serial -> config(context, peer, origin, serial, agreement, !runner.isInitiator(), rights),
                promised,
                runner.serial().isSealed() && agreement.features().contains(Feature.INTRODUCE)
                        ? session -> introduction(context, runner, session)
                        : null);
    }

    private static Introduction introduction(SyncContext context, HandshakeRunner runner, SessionRunner session) {
        return new Introduction(
                context,
                runner.serial(),
                runner.isInitiator(),
                context.introducer(),
                context.paths(),
                account(runner.transport(), runner.serial().channel()),
                context.proofTime(),
                session,
                session);
    }

    /**
     * Starts a session with an alpha on a channel that nobody has started; any thread.
     *
     * @param context to which it belongs
     * @param registration its place
     * @param transport the id of the transport that brought the channel
     * @param channel not started
     * @param then gets the session, which has begun
     */
    public static void alpha(
            SyncContext context,
            SessionRegistry.Registration registration,
            String transport,
            Channel channel,
            Consumer<SessionRunner> then) {
        String name = channel.remote() + UNPROVED;
        PeerInfo peer = new SessionPeer(
                name,
                channel.peer(),
                Authentication.SIGNALLING,
                Optional.empty(),
                Rights.READ_WRITE,
                Set.of(),
                Optional.empty(),
                Optional.empty());
        SerialChannel serial = new SerialChannel(channel, context, new Nobody());
        serial.execute(() -> {
            Origin origin = origin(context, transport, channel);
            Agreement nothing = new Agreement(
                    Set.of(),
                    0,
                    Optional.empty(),
                    new byte[0],
                    OptionalLong.empty(),
                    Optional.empty(),
                    Optional.empty());
            SessionRunner session = new SessionRunner(
                    context,
                    registration,
                    serial,
                    transport,
                    peer,
                    origin,
                    open -> config(context, peer, origin, open, nothing, false, Rights.READ_WRITE),
                    context.nothing(),
                    null);
            serial.become(session);
            serial.start();
            session.begin();
            then.accept(session);
        });
    }

    /**
     * Ends a session that nobody waits for any more. If the {@code Sync} is closed, it ends in order.
     *
     * @param context to which it belongs
     * @param session to be ended
     */
    public static void discard(SyncContext context, Session session) {
        if (context.isClosed()) {
            ((SessionRunner) session).leave();
        } else {
            session.abort();
        }
    }

    private static Origin origin(SyncContext context, String transport, Channel channel) {
        return new Origin(context.random(random -> Tokens.random(random, 16)), account(transport, channel));
    }

    private static ProtocolConfig config(
            SyncContext context,
            PeerInfo peer,
            Origin origin,
            SerialChannel serial,
            Agreement agreement,
            boolean listensFirst,
            Rights rights) {
        SyncLimits limits = context.limits();
        Set<Feature> features = agreement.features();
        return new ProtocolConfig(
                peer.remote(),
                origin,
                features,
                listensFirst,
                agreement.window(),
                serial.maxMessageBytes(),
                Dialects.of(features),
                ProtocolLimits.of(
                        context.tunables(),
                        Limits.DEFAULT.toBuilder()
                                .documentBytes(limits.maxDocumentBytes())
                                .blockBytes(limits.maxDocumentBytes() + BLOCK_AROUND_DOCUMENT)
                                .build()),
                new ProtocolTimes(limits.phaseTime(), limits.heartbeat(), limits.deliveryTime()),
                context.random(RandomGenerator::nextLong),
                agreement.salt(),
                agreement.instance(),
                peer.grant().or(peer::meshName).orElse(peer.remote()),
                rights,
                context.check() != null,
                agreement.clock());
    }

    /** The name under which a peer's quota is counted: its identity, or else its address without what differs from one connection to the next. */
    static String account(String transport, Channel channel) {
        return channel.peer()
                .map(identity -> identity.scheme() + ":" + identity.name())
                .orElseGet(() -> transport + ":" + channel.remote().replaceFirst("[:#][0-9]+/?$", ""));
    }

    /** The phase before the first one. */
    private static final class Nobody implements SerialChannel.Phase {
        @Override
        public void message(Message message) {}

        @Override
        public void tampered(SyncException failure) {}

        @Override
        public void room() {}

        @Override
        public void sendFailed(SyncException failure) {}

        @Override
        public void channelClosed(CloseReason reason) {}

        @Override
        public void crashed(SyncException failure) {}

        @Override
        public void refused(SyncException failure) {}
    }
}
