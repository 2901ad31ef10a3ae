package dev.livesync.core.connect;

import dev.livesync.Endpoint;
import dev.livesync.Session;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.SessionFactory;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.transports.Candidate;
import dev.livesync.core.transports.Transports;
import dev.livesync.grant.Grants;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Listening at addresses and dialling them, each with a secret. Any thread. */
public final class Addresses {
    private final SyncContext context;
    private final Transports transports;

    /**
     * Creates the service; nothing is dialled or bound yet.
     *
     * @param context which sessions belong to
     * @param transports to choose from
     */
    public Addresses(SyncContext context, Transports transports) {
        this.context = context;
        this.transports = transports;
    }

    /**
     * Listens.
     *
     * @param address where, with or without a secret as its fragment
     * @param secret the secret; null for the fragment, or else a new one, or none where there are grants
     * @param grants what else lets in; null for nothing
     * @return completes when the address is bound
     */
    public CompletableFuture<Endpoint> listen(String address, @Nullable String secret, @Nullable Grants grants) {
        return listen(address, secret, grants, Membership.NONE);
    }

    /**
     * Listens for a mesh.
     *
     * @param address where, with or without a secret as its fragment
     * @param secret the secret; null for the fragment, or else a new one
     * @param membership told of the callers' sessions
     * @return completes when the address is bound
     */
    public CompletableFuture<Endpoint> listenAsMember(String address, @Nullable String secret, Membership membership) {
        return listen(address, secret, null, membership);
    }

    private CompletableFuture<Endpoint> listen(
            String address, @Nullable String secret, @Nullable Grants grants, Membership membership) {
        Attempt<Endpoint> attempt = context.attempt(Endpoint::close);
        attempt.deadline(context.limits().connectTime(), () -> OfferFailures.late("listening"));
        context.later(() -> attempt.step("listening", () -> {
            Place place = Place.of(address, secret);
            Secret shared =
                    place.secret() == null && grants == null ? context.random(Secret::generate) : place.secret();
            AccessControl access = new AccessControl(context, shared, grants);
            Candidate candidate = transports.byAddress(place.address());
            ListeningEndpoint.open(
                    context, candidate, dialling(candidate), place.address(), shared, access, membership, attempt);
        }));
        return attempt.future();
    }

    /**
     * Dials.
     *
     * @param address where, with or without the secret as its fragment
     * @param secret the secret; null for the fragment, or for none where the transport authenticates whom the address names
     * @return completes with the session once both ends have proved the secret
     */
    public CompletableFuture<Session> dial(String address, @Nullable String secret) {
        return dial(address, secret, "", false);
    }

    /**
     * Dials what somebody else named: only where the address policy permits it.
     *
     * @param address where, without a secret
     * @param secret the secret
     * @param meshName under which this end is announced in a mesh
     * @return as {@link #dial(String, String)}; fails with {@link ErrorKind#REFUSED} where the policy forbids the address
     */
    public CompletableFuture<Session> dialMember(String address, String secret, String meshName) {
        return dial(address, secret, meshName, true);
    }

    private CompletableFuture<Session> dial(String address, @Nullable String secret, String meshName, boolean foreign) {
        Attempt<Session> attempt = context.attempt(session -> SessionFactory.discard(context, session));
        attempt.deadline(
                context.limits().connectTime().plus(context.proofTime().multipliedBy(2)),
                () -> OfferFailures.late("dialling"));
        context.later(() -> attempt.step("dialling", () -> {
            Place place = Place.of(address, secret);
            Secret shared = place.secret();
            if (foreign && !context.policy().permits(place.address())) {
                throw new SyncException(
                        ErrorKind.REFUSED,
                        "the address policy forbids to dial what was discovered, " + place.address());
            }
            Candidate candidate = transports.byAddress(place.address());
            if (shared == null && !candidate.provider().features().contains(TransportFeature.PEER_IDENTITY)) {
                throw IdentityProof.noSecret(place.address());
            }
            AddressDial.begin(context, candidate, dialling(candidate), place.address(), shared, meshName, attempt);
        }));
        return attempt.future();
    }

    private DialingTransport dialling(Candidate candidate) {
        Transport transport = transports.open(candidate);
        if (transport instanceof DialingTransport dialing) {
            return dialing;
        }
        throw new SyncException(
                ErrorKind.CONFIGURATION,
                "the transport " + candidate.id() + " has no addresses; use offer, accept and connect");
    }

    /** An address without its secret, and the secret. */
    private record Place(String address, @Nullable Secret secret) {
        static Place of(String address, @Nullable String given) {
            int hash = address.indexOf('#');
            String place = hash < 0 ? address : address.substring(0, hash);
            if (place.indexOf('?') >= 0) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "an address has no query: " + place.substring(0, place.indexOf('?')));
            }
            String fragment = hash < 0 ? null : address.substring(hash + 1);
            if (given != null && fragment != null && !given.equals(fragment)) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION, "two different secrets are given for " + place + "; give one");
            }
            String text = given != null ? given : fragment;
            return new Place(place, text == null ? null : Secret.parse("the secret", ErrorKind.CONFIGURATION, text));
        }
    }
}
