package dev.livesync.core.connect;

import dev.livesync.OpenAnswer;
import dev.livesync.OpenOffer;
import dev.livesync.Session;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.FailedFutures;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.core.handshake.Extension;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import dev.livesync.core.transports.Candidate;
import dev.livesync.core.transports.Transports;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Offer, accept and connect for both kinds of transport. Signalling transports exchange signals themselves; for dialling transports the
 * exchange is made here. Any thread.
 */
public final class Offers {
    private final SyncContext context;
    private final Transports transports;
    private final Map<String, String> listenAddresses;
    private final boolean allowAlpha;
    private final Map<String, PendingOffer> open = new LinkedHashMap<>();
    private final Map<String, OfferListener> offerListeners = new HashMap<>();

    /**
     * Creates the service; no offer is open yet.
     *
     * @param context which sessions come of them
     * @param transports to choose from
     * @param listenAddresses where to listen for offers, by the id of the transport; the transport's own choice for others
     * @param allowAlpha whether signals without our part are taken
     */
    public Offers(SyncContext context, Transports transports, Map<String, String> listenAddresses, boolean allowAlpha) {
        this.context = context;
        this.transports = transports;
        this.listenAddresses = Map.copyOf(listenAddresses);
        this.allowAlpha = allowAlpha;
    }

    /**
     * Makes an offer.
     *
     * @param transportId over which transport; null for the only one
     * @param grant what it gives; null for everything
     * @return completes with the offer, which is open then
     */
    public CompletableFuture<OpenOffer> openOffer(@Nullable String transportId, @Nullable OfferGrant grant) {
        Attempt<OpenOffer> attempt = context.attempt(OpenOffer::close);
        attempt.deadline(context.limits().connectTime(), () -> OfferFailures.late("making the offer"));
        context.later(() -> attempt.step("making an offer", () -> {
            synchronized (open) {
                if (open.size() >= context.tunables().openOffers()) {
                    throw new SyncException(
                            ErrorKind.LIMIT_EXCEEDED, open.size() + " offers are open; close some, or wait");
                }
            }
            if (grant != null) {
                grant.requireUsable(context.wallTime());
            }
            Candidate candidate = transportId == null ? transports.only() : transports.byId(transportId);
            Transport transport = transports.open(candidate);
            if (transport instanceof DialingTransport dialing) {
                derive(candidate, dialing, grant, attempt);
            } else if (transport instanceof SignallingTransport signalling) {
                SignalledOffer.make(context, this, candidate.id(), signalling, grant, attempt);
            }
        }));
        return attempt.future();
    }

    /**
     * Accepts an offer.
     *
     * @param offer what somebody carried here; not trusted
     * @return completes with the answer to carry back
     */
    public CompletableFuture<OpenAnswer> openAnswer(String offer) {
        Attempt<OpenAnswer> attempt = context.attempt(OpenAnswer::close);
        context.later(() -> attempt.step("accepting an offer", () -> {
            SignalText read =
                    SignalText.read(Signal.Kind.OFFER, offer, context.tunables().signalChars());
            Extension extension = read.extension();
            if (extension == null) {
                requireAlphaAllowed("the offer");
            }
            Candidate candidate =
                    extension == null ? transports.recognizing(read.signal()) : transports.byId(extension.transport());
            Transport transport = transports.open(candidate);
            if (transport instanceof SignallingTransport signalling) {
                SignalledAnswer.begin(context, candidate.id(), signalling, read, attempt);
            } else if (transport instanceof DialingTransport dialing) {
                DialledAnswer.begin(context, candidate, dialing, read, attempt);
            }
        }));
        return attempt.future();
    }

    /**
     * Completes the exchange of whichever open offer an answer belongs to.
     *
     * @param answer what somebody carried here; not trusted
     * @return completes with the session
     */
    public CompletableFuture<Session> connect(String answer) {
        try {
            SignalText read = SignalText.read(
                    Signal.Kind.ANSWER, answer, context.tunables().signalChars());
            return named(read).connect(read);
        } catch (SyncException e) {
            return FailedFutures.of(context.isClosed() ? SyncFailures.closed() : e);
        }
    }

    /**
     * How many offers are open.
     *
     * @return the count
     */
    public int count() {
        synchronized (open) {
            return open.size();
        }
    }

    private PendingOffer named(SignalText answer) {
        Extension extension = answer.extension();
        synchronized (open) {
            if (extension != null) {
                PendingOffer offer = open.get(extension.id());
                if (offer == null) {
                    throw OfferFailures.foreign();
                }
                return offer;
            }
            requireAlphaAllowed("the answer");
            List<PendingOffer> candidates =
                    open.values().stream().filter(PendingOffer::isForAlphas).toList();
            if (candidates.isEmpty()) {
                throw OfferFailures.foreign();
            }
            if (candidates.size() > 1) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "the answer doesn't say to which of " + candidates.size()
                                + " open offers; connect it through the offer's own handle");
            }
            return candidates.get(0);
        }
    }

    /**
     * Refuses a signal without our part, unless the user said that alphas may come. An alpha's own looks the same as one of ours that
     * somebody on the way has made to look like it, to be believed without a proof.
     */
    void requireAlphaAllowed(String signal) {
        if (!allowAlpha) {
            throw new SyncException(
                    ErrorKind.AUTHENTICATION,
                    signal
                            + " has no livesync part: an alpha made it, or somebody took that part out on the way to read along. Nothing was"
                            + " sent. If it is an alpha's and you trust the way it came, allow alphas: --alpha, or allowAlpha(true) in"
                            + " a program");
        }
    }

    void add(PendingOffer offer) {
        synchronized (open) {
            open.put(offer.id(), offer);
        }
    }

    void remove(PendingOffer offer) {
        synchronized (open) {
            open.remove(offer.id());
        }
    }

    private void derive(
            Candidate candidate, DialingTransport dialing, @Nullable OfferGrant grant, Attempt<OpenOffer> attempt) {
        OfferListener offerListener;
        synchronized (offerListeners) {
            offerListener = offerListeners.computeIfAbsent(
                    candidate.id(),
                    id -> new OfferListener(
                            context,
                            id,
                            dialing,
                            listenAddresses.getOrDefault(
                                    id, candidate.provider().localAddress())));
        }
        OfferListener.Lease lease = offerListener.lease();
        attempt.holds(reason -> lease.release());
        var unused = lease.bound().whenComplete((listening, thrown) -> {
            if (listening == null) {
                attempt.fail(SyncFailures.of("listening for the offer", java.util.Objects.requireNonNull(thrown)));
                return;
            }
            attempt.step("making an offer", () -> {
                DerivedOffer offer = new DerivedOffer(context, this, offerListener, lease, listening.address(), grant);
                attempt.holds(reason -> offer.close());
                offer.open();
                attempt.succeed(offer);
            });
        });
    }
}
