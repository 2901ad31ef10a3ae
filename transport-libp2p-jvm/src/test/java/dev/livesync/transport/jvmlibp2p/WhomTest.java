package dev.livesync.transport.jvmlibp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import io.libp2p.core.PeerId;
import io.libp2p.core.crypto.PrivKey;
import io.libp2p.crypto.keys.Ed25519Kt;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Whom a dial reaches, and whom a listener takes. */
class WhomTest {
    private static final String ANYWHERE = "libp2p:/ip4/127.0.0.1/tcp/0";

    private final PrivKey here = Ed25519Kt.generateEd25519KeyPair().getFirst();
    private final PrivKey there = Ed25519Kt.generateEd25519KeyPair().getFirst();

    private static TransportProvider provider(PrivKey key, PrivKey... allowed) {
        return new JvmLibp2pTransportProvider(
                key, Arrays.stream(allowed).map(WhomTest::id).collect(Collectors.toSet()));
    }

    private static PeerId id(PrivKey key) {
        return PeerId.fromPubKey(key.publicKey());
    }

    private static ErrorKind failure(Ends ends, String address) {
        ExecutionException failure =
                catchThrowableOfType(ExecutionException.class, () -> Ends.get(ends.dialler.dial(address)));
        return ((SyncException) failure.getCause()).kind();
    }

    @Test
    void aNameIsLookedUp() throws Exception {
        try (Ends ends = new Ends(provider(here), provider(there), "libp2p:/dns/localhost/tcp/0")) {
            assertThat(ends.at.address()).contains("/dns/localhost/tcp/");
            Ends.get(ends.dial().send(Message.text("hello")));
            assertThat(ends.accepted().peer().orElseThrow().name()).isEqualTo(id(here).toBase58());
        }
    }

    @Test
    void whoHasNoIdIsNotDialled() throws Exception {
        try (Ends ends = new Ends(provider(here), provider(there), ANYWHERE)) {
            String address = ends.at.address();
            assertThat(failure(ends, address.substring(0, address.indexOf("/p2p/"))))
                    .isEqualTo(ErrorKind.CONFIGURATION);
        }
    }

    @Test
    void anotherPeerThanTheAddressNamesIsRefused() throws Exception {
        try (Ends ends = new Ends(provider(here), provider(there), ANYWHERE)) {
            String address = ends.at.address();
            assertThat(failure(ends, address.substring(0, address.indexOf("/p2p/")) + "/p2p/" + id(here)))
                    .isEqualTo(ErrorKind.AUTHENTICATION);
            ends.dial();
            ends.accepted(); // the listener goes on
        }
    }

    @Test
    void aDialReachesTheAllowedOnly() throws Exception {
        PrivKey another = Ed25519Kt.generateEd25519KeyPair().getFirst();
        try (Ends ends = new Ends(provider(here, another), provider(there), ANYWHERE)) {
            assertThat(failure(ends, ends.at.address())).isEqualTo(ErrorKind.AUTHENTICATION);
        }
        try (Ends ends = new Ends(provider(here, there), provider(there), ANYWHERE)) {
            ends.dial();
        }
    }

    @Test
    void aListenerTakesTheAllowedOnly() throws Exception {
        PrivKey another = Ed25519Kt.generateEd25519KeyPair().getFirst();
        try (Ends ends = new Ends(provider(here), provider(there, another), ANYWHERE)) {
            assertThat(Set.of(ErrorKind.REFUSED, ErrorKind.DISCONNECTED)).contains(failure(ends, ends.at.address()));
            assertThat(ends.nobodyCame()).isTrue();
        }
    }
}
