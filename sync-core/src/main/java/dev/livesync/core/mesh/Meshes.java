package dev.livesync.core.mesh;

import dev.livesync.Endpoint;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Advertisement;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.internal.noise.Hkdf;
import dev.livesync.core.connect.Addresses;
import dev.livesync.core.connect.KeptPeers;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.session.SyncFailures;
import dev.livesync.mesh.Mesh;
import dev.livesync.mesh.MeshOptions;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Takes part in meshes. Any thread. */
public final class Meshes {
    private static final byte[] SALT = "livesync/discovery/1".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] GROUP = "group".getBytes(StandardCharsets.US_ASCII);

    private final SyncContext context;
    private final Addresses addresses;
    private final KeptPeers keptPeers;

    /**
     * Creates the service; nothing is dialled or bound yet.
     *
     * @param context which sessions belong to
     * @param addresses which listens and dials
     * @param keptPeers which dials again
     */
    public Meshes(SyncContext context, Addresses addresses, KeptPeers keptPeers) {
        this.context = context;
        this.addresses = addresses;
        this.keptPeers = keptPeers;
    }

    /**
     * Listens, announces the address, and begins to dial others.
     *
     * @param discovery not started; closed with the mesh, or where there is none
     * @param options where to listen, and with how many
     * @return completes when the discovery has announced it
     */
    public CompletableFuture<Mesh> open(Discovery discovery, MeshOptions options) {
        MeshRunner runner = new MeshRunner(context, addresses, keptPeers, discovery, options.maxPeers());
        Attempt<Mesh> attempt = context.attempt(mesh -> runner.end(SyncFailures.closed()));
        attempt.holds(reason -> context.later(runner::closeDiscovery));
        attempt.deadline(
                context.limits().connectTime().multipliedBy(2),
                () -> new SyncException(ErrorKind.TIMEOUT, "joining the mesh took too long"));
        CompletableFuture<Endpoint> bound =
                addresses.listenAsMember(options.address(), options.secret().orElse(null), runner);
        attempt.holds(reason -> {
            bound.cancel(false);
            context.later(runner::closeDiscovery);
        });
        var unused = bound.whenComplete((endpoint, thrown) -> {
            if (thrown != null) {
                attempt.fail(SyncFailures.of("listening at " + shown(options), thrown));
            } else {
                attempt.step(
                        "announcing " + endpoint.publicAddress(), () -> announce(discovery, runner, endpoint, attempt));
            }
        });
        return attempt.future();
    }

    private void announce(Discovery discovery, MeshRunner runner, Endpoint endpoint, Attempt<Mesh> attempt) {
        String secret = secret(endpoint);
        if (!runner.listens(endpoint, secret)) {
            endpoint.close();
            attempt.fail(SyncFailures.closed());
            return;
        }
        attempt.holds(runner::end);
        Advertisement self;
        try {
            self = new Advertisement(List.of(endpoint.publicAddress()), groupKey(secret));
        } catch (IllegalArgumentException e) {
            throw new SyncException(ErrorKind.CONFIGURATION, "this address can't be announced: " + e.getMessage(), e);
        }
        var unused = discovery.start(self, runner.sightings()).whenComplete((name, thrown) -> {
            if (thrown != null) {
                attempt.fail(SyncFailures.of("announcing " + endpoint.publicAddress(), thrown));
            } else if (name == null || !DiscoveredPeer.isName(name)) {
                attempt.fail(new SyncException(ErrorKind.INTERNAL, "the discovery has given a name that is none"));
            } else {
                runner.begin(name);
                attempt.succeed(runner);
            }
        });
    }

    /** What discoveries get, from which nobody computes the secret, or any of the keys of its sessions. */
    static byte[] groupKey(String secret) {
        byte[] first = Hkdf.extract(SALT, secret.getBytes(StandardCharsets.US_ASCII));
        return Hkdf.expand(first, GROUP, Advertisement.KEY_BYTES);
    }

    private static String secret(Endpoint endpoint) {
        String address = endpoint.address();
        return address.substring(address.indexOf('#') + 1);
    }

    private static String shown(MeshOptions options) {
        int hash = options.address().indexOf('#');
        return hash < 0 ? options.address() : options.address().substring(0, hash);
    }
}
