package dev.livesync.api.internal.noise;

import java.util.List;

/**
 * Which keys the messages of a handshake bring and mix. Patterns in which a static key is known beforehand have no place here.
 *
 * @param name as it stands in a protocol's name
 * @param messages the tokens of each message; the initiator writes the first one
 */
public record HandshakePattern(String name, List<List<Token>> messages) {
    /** What a message does, in order. */
    public enum Token {
        /** Sends the ephemeral key. */
        E,
        /** Sends the static key. */
        S,
        /** Mixes both ephemeral keys. */
        EE,
        /** Mixes the initiator's ephemeral and the responder's static key. */
        ES,
        /** Mixes the initiator's static and the responder's ephemeral key. */
        SE,
        /** Mixes a key that both had before. */
        PSK
    }

    /** Two messages, no static keys: who knows the pre-shared key is the peer. */
    public static final HandshakePattern NN_PSK0 =
            new HandshakePattern("NNpsk0", List.of(List.of(Token.PSK, Token.E), List.of(Token.E, Token.EE)));

    /** Three messages, in which each end learns the other's static key. */
    public static final HandshakePattern XX = new HandshakePattern(
            "XX", List.of(List.of(Token.E), List.of(Token.E, Token.EE, Token.S, Token.ES), List.of(Token.S, Token.SE)));

    /** Copies the lists. */
    public HandshakePattern {
        messages = messages.stream().map(List::copyOf).toList();
    }

    boolean hasPsk() {
        return messages.stream().anyMatch(tokens -> tokens.contains(Token.PSK));
    }

    /** The protocol's name, with Curve25519 and SHA-256. */
    String protocol(Aead aead) {
        return "Noise_" + name + "_25519_" + aead.noiseName() + "_SHA256";
    }
}
