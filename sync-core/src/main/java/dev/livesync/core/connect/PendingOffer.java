package dev.livesync.core.connect;

import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.handshake.Extension;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.core.handshake.Tokens;
import dev.livesync.core.handshake.VersionAndFeatures;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.session.Agreement;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.ManagedResource;
import dev.livesync.core.session.SessionFactory;
import dev.livesync.core.session.SessionRegistry;
import dev.livesync.core.session.SessionRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import dev.livesync.grant.Grant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Base of both kinds of offer: handle, secret, text and lifetime. Any thread. */
abstract class PendingOffer implements OpenOffer, ManagedResource {
    final SyncContext context;
    final String transport;
    private final Offers offers;
    private final SignalText signal;
    private final String id;
    private final Secret secret;
    private final @Nullable OfferGrant grant;
    private final @Nullable AccessControl access;
    private Runnable stopClock = () -> {};
    private boolean ended;

    PendingOffer(
            SyncContext context,
            Offers offers,
            String transport,
            Map<String, String> fields,
            @Nullable String address,
            @Nullable OfferGrant grant) {
        this.context = context;
        this.offers = offers;
        this.transport = transport;
        this.id = context.random(random -> Tokens.random(random, VersionAndFeatures.HANDLE_BYTES));
        this.secret = context.random(Secret::generate);
        this.grant = grant;
        this.access = grant == null ? null : new AccessControl(context, null, grant.grants());
        this.signal = SignalText.write(
                new Signal(Signal.Kind.OFFER, fields),
                new Extension(id, transport, secret, context.featureNames(), address));
    }

    /** Adds this to the open offers and starts its lifetime. */
    final void open() {
        if (!context.admit(this)) {
            throw SyncFailures.closed();
        }
        offers.add(this);
        enter();
        Runnable clock = context.schedule(
                context.limits().offerLifetime(),
                () -> context.later(() ->
                        end(new SyncException(ErrorKind.NOT_FOUND, "the offer's lifetime is over; make another"))));
        boolean late;
        synchronized (this) {
            stopClock = clock;
            late = ended;
        }
        if (late) {
            clock.run();
            context.leave(this);
            offers.remove(this);
            letGo(SyncFailures.closed());
        }
    }

    final String id() {
        return id;
    }

    final Secret secret() {
        return secret;
    }

    @Override
    public final String text() {
        return signal.text();
    }

    @Override
    public final CompletableFuture<Session> connect(String answer) {
        java.util.Objects.requireNonNull(answer, "answer");
        return connect(() ->
                SignalText.read(Signal.Kind.ANSWER, answer, context.tunables().signalChars()));
    }

    /** As {@link #connect(String)}, with an answer that was parsed already. */
    final CompletableFuture<Session> connect(SignalText answer) {
        return connect(() -> answer);
    }

    /** Whether whoever accepts may do everything, as an alpha takes it to be. */
    final boolean givesEverything() {
        return grant == null;
    }

    /** Fails for an answer without our part where no alphas are allowed. */
    final void requireAlphaAllowed() {
        if (grant != null) {
            throw new SyncException(
                    ErrorKind.AUTHENTICATION,
                    "the answer has no livesync part, and an alpha knows nothing of rights: the offer gives those of grant "
                            + grant.name() + ". Nothing was sent. Make an offer without a grant for an alpha");
        }
        offers.requireAlphaAllowed("the answer");
    }

    private CompletableFuture<Session> connect(Supplier<SignalText> answer) {
        Attempt<Session> attempt = context.attempt(session -> SessionFactory.discard(context, session));
        attempt.step("connecting an answer", () -> {
            SignalText read = answer.get();
            Extension extension = read.extension();
            if (extension != null && !extension.id().equals(id())) {
                throw OfferFailures.foreign();
            }
            connect(read, attempt);
        });
        return attempt.future();
    }

    /** Connects with an answer that belongs to this offer or comes from an alpha. */
    abstract void connect(SignalText answer, Attempt<Session> attempt);

    /** Called when the offer opens. */
    void enter() {}

    /** Whether an alpha could answer it. */
    abstract boolean isForAlphas();

    /** Releases what this offer holds of its transport. */
    abstract void letGo(SyncException reason);

    /** What a channel of this answer's has to prove. */
    final Credential credential(SignalText answer, Extension extension) {
        return Credential.offer(secret, signal.hash(), extension.secret(), answer.hash(), context.database());
    }

    /** What a caller may prove now: nothing if the offer's grant is there no more, or isn't for it. */
    final List<Credential> open(HandshakeRunner runner, Credential credential) {
        return access == null || grantFor(runner) != null ? List.of(credential) : List.of();
    }

    /** Whether this caller may know what is here. */
    final boolean mayRead(HandshakeRunner runner) {
        Grant now = grantFor(runner);
        return access == null || now != null && now.rights().canRead();
    }

    /** The offer's grant; null if it has none, or if that is there no more or isn't for this caller. */
    private @Nullable Grant grantFor(HandshakeRunner runner) {
        Grant now = access == null || grant == null ? null : access.grant(grant.name());
        return now != null && now.isFor(runner.identity()) ? now : null;
    }

    /**
     * Begins the session with who has proved the offer's secret; in the channel's mailbox. The attempt holds nothing any more then.
     *
     * @throws SyncException as {@link AccessControl#begin}. Nothing has begun then
     */
    final SessionRunner begin(
            SessionRegistry.Registration registration,
            HandshakeRunner runner,
            Agreement agreement,
            Attempt<Session> attempt) {
        if (access == null || grant == null) {
            attempt.holds(reason -> {});
            return SessionFactory.proved(context, registration, runner, agreement);
        }
        return access.begin(grant.name(), runner, agreement, () -> {
            attempt.holds(reason -> {});
            return registration;
        });
    }

    final synchronized boolean hasEnded() {
        return ended;
    }

    @Override
    public final void close() {
        end(new SyncException(ErrorKind.NOT_FOUND, "the offer was withdrawn"));
    }

    @Override
    public final void end(SyncException reason) {
        Runnable clock;
        synchronized (this) {
            if (ended) {
                return;
            }
            ended = true;
            clock = stopClock;
        }
        clock.run();
        context.leave(this);
        offers.remove(this);
        if (access != null) {
            access.close();
        }
        letGo(reason);
    }
}
