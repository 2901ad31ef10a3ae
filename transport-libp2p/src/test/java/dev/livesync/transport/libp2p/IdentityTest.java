package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.transport.support.libp2p.Multiaddr;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IdentityTest {
    @TempDir
    Path directory;

    @Test
    void anIdentityFileKeepsThePeerId() throws Exception {
        Path file = directory.resolve("peer.key");
        String first = Libp2pConfiguration.builder().identityFile(file).build().peerId();
        assertThat(first).startsWith("12D3KooW");
        assertThat(Libp2pConfiguration.builder().identityFile(file).build().peerId())
                .isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(directory)) {
            assertThat(files).containsExactly(file);
        }
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length - 1] ^= 1;
        Files.write(file, bytes);
        assertUnusable(file);
        Files.write(file, new byte[] {1, 2, 3});
        assertUnusable(file);
        Files.write(file, new byte[0]);
        assertUnusable(file);
        assertUnusable(directory.resolve("none").resolve("peer.key"));
    }

    private static void assertUnusable(Path file) {
        assertThatThrownBy(() -> Libp2pConfiguration.builder().identityFile(file))
                .hasMessageContaining(file.toString())
                .extracting(e -> ((SyncException) e).kind())
                .isEqualTo(ErrorKind.CONFIGURATION);
    }

    @Test
    void otherTypesOfIdentitiesAreVerified() throws Exception {
        KeyPairGenerator rsa = KeyPairGenerator.getInstance("RSA");
        rsa.initialize(2048);
        verifies(IdentityKey.RSA, rsa.generateKeyPair(), "SHA256withRSA");
        KeyPairGenerator ec = KeyPairGenerator.getInstance("EC");
        ec.initialize(new ECGenParameterSpec("secp256r1"));
        verifies(IdentityKey.ECDSA, ec.generateKeyPair(), "SHA256withECDSA");
        rsa.initialize(1024);
        assertThatThrownBy(() -> verifies(IdentityKey.RSA, rsa.generateKeyPair(), "SHA256withRSA"))
                .hasMessageContaining("1024 bits");
    }

    private static void verifies(long type, KeyPair pair, String algorithm) throws Exception {
        byte[] noiseKey = new byte[32];
        ByteArrayOutputStream key = new ByteArrayOutputStream();
        Protobuf.write(key, 1, type);
        Protobuf.write(key, 2, pair.getPublic().getEncoded());
        Signature signer = Signature.getInstance(algorithm);
        signer.initSign(pair.getPrivate());
        signer.update(StaticKey.signed(noiseKey));
        ByteArrayOutputStream payload = new ByteArrayOutputStream();
        Protobuf.write(payload, 1, key.toByteArray());
        Protobuf.write(payload, 2, signer.sign());
        PeerId peer = StaticKey.verify(payload.toByteArray(), noiseKey);
        assertThat(peer.toString()).startsWith("Qm");
        noiseKey[0] = 1;
        assertThatThrownBy(() -> StaticKey.verify(payload.toByteArray(), noiseKey))
                .hasMessageContaining("does not prove that it is " + peer);
    }

    @Test
    void peerIdsAreReadInBothForms() {
        String text = "12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";
        PeerId id = PeerId.parse(text);
        assertThat(id).hasToString(text).isEqualTo(PeerId.parse(text));
        assertThat(Libp2pConfiguration.builder()
                        .allowedPeers(Set.of(text))
                        .build()
                        .allowedPeers())
                .containsExactly(text);
        assertThat(Multiaddr.parse("/dns4/example.org/tcp/4001/p2p/" + text, PeerId::parse))
                .hasToString("libp2p:/dns4/example.org/tcp/4001/p2p/" + text);
        assertThat(Multiaddr.parse("libp2p:/ip6/::1/tcp/4001", PeerId::parse)).hasToString("libp2p:/ip6/::1/tcp/4001");
    }
}
