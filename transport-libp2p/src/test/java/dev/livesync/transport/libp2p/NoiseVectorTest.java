package dev.livesync.transport.libp2p;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/**
 * The published vector of {@code Noise_XX_25519_ChaChaPoly_SHA256} (the set that cacophony made and others test with): its
 * keys, prologue and payloads give its six messages, here by their common SHA-256.
 */
class NoiseVectorTest {
    private static final String MESSAGES = "520b58894900da16ca23725386258bf27a0c38b5b49caba1ac479837de975349";

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static KeyPair pair(String secret) {
        byte[] base = new byte[Curve25519.BYTES];
        base[0] = 9;
        var key = Curve25519.privateKey(Curve25519.X25519, hex(secret));
        return new KeyPair(Curve25519.publicKey(Curve25519.X25519, Curve25519.agree(key, base)), key);
    }

    @Test
    void theMessagesAreThePublishedOnes() {
        byte[] prologue = ascii("John Galt");
        NoiseHandshake initiator = new NoiseHandshake(
                true,
                pair("e61ef9919cde45dd5f82166404bd08e38bceb5dfdfded0a34c8df7ed542214d1"),
                pair("893e28b9dc6ca8d611ab664754b8ceb7bac5117349a4439a6b0569da977c464a"),
                prologue);
        NoiseHandshake responder = new NoiseHandshake(
                false,
                pair("4a3acbfdb163dec651dfa3194dece676d437029c62a408b4c5ea9114246e4893"),
                pair("bbdb4cdbd309f1a1f2e1456967fe288cadd6f712d65dc7b7793d5e63da6b375b"),
                prologue);
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        handshake(all, initiator, responder, "Ludwig von Mises");
        handshake(all, responder, initiator, "Murray Rothbard");
        handshake(all, initiator, responder, "F. A. Hayek");
        assertThat(initiator.isDone()).isTrue();
        assertThat(responder.isDone()).isTrue();
        NoiseCipher[] ofInitiator = initiator.split();
        NoiseCipher[] ofResponder = responder.split();
        transport(all, ofResponder[0], ofInitiator[1], "Carl Menger");
        transport(all, ofInitiator[0], ofResponder[1], "Jean-Baptiste Say");
        transport(all, ofResponder[0], ofInitiator[1], "Eugen B\u00f6hm von Bawerk");
        assertThat(HexFormat.of().formatHex(PeerId.sha256(all.toByteArray()))).isEqualTo(MESSAGES);
    }

    private static void handshake(ByteArrayOutputStream all, NoiseHandshake from, NoiseHandshake to, String payload) {
        byte[] message = from.write(ascii(payload));
        all.writeBytes(message);
        assertThat(to.read(message)).isEqualTo(ascii(payload));
    }

    private static void transport(ByteArrayOutputStream all, NoiseCipher from, NoiseCipher to, String payload) {
        byte[] plain = payload.getBytes(StandardCharsets.ISO_8859_1); // as the vector has it
        byte[] message = from.encrypt(new byte[0], plain);
        all.writeBytes(message);
        assertThat(to.decrypt(new byte[0], message)).isEqualTo(plain);
    }
}
