package dev.livesync.api.internal.noise;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.internal.noise.HandshakePattern.Token;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The published vectors; {@code noise/README.md} says whose. */
class CacophonyTest {
    private static final Map<String, HandshakePattern> PATTERNS = Stream.of(
                    HandshakePattern.NN_PSK0,
                    HandshakePattern.XX,
                    new HandshakePattern("NN", List.of(List.of(Token.E), List.of(Token.E, Token.EE))),
                    new HandshakePattern("NNpsk2", List.of(List.of(Token.E), List.of(Token.E, Token.EE, Token.PSK))),
                    new HandshakePattern(
                            "XXpsk3",
                            List.of(
                                    List.of(Token.E),
                                    List.of(Token.E, Token.EE, Token.S, Token.ES),
                                    List.of(Token.S, Token.SE, Token.PSK))))
            .collect(Collectors.toMap(HandshakePattern::name, Function.identity()));

    /** The lines of one vector. */
    record Vector(List<String> lines) {
        List<String> all(String name) {
            return lines.stream()
                    .filter(line -> line.startsWith(name + " "))
                    .map(line -> line.substring(name.length() + 1))
                    .toList();
        }

        String one(String name) {
            return all(name).get(0);
        }

        HandshakeState end(boolean initiator) {
            String side = initiator ? "init_" : "resp_";
            String[] protocol = one("protocol_name").split("_", -1);
            KeyPair ours = all(side + "static").stream()
                    .map(key -> X25519.pair(hex(key)))
                    .findFirst()
                    .orElse(null);
            return new HandshakeState(
                    PATTERNS.get(protocol[1]),
                    protocol[3].equals("AESGCM") ? Aead.AES_GCM : Aead.CHACHA20_POLY1305,
                    initiator,
                    hex(one(side + "prologue")),
                    ours,
                    X25519.pair(hex(one(side + "ephemeral"))),
                    all(side + "psks").stream().map(CacophonyTest::hex).toArray(byte[][]::new));
        }

        @Override
        public String toString() {
            return one("protocol_name");
        }
    }

    private static byte[] hex(String text) {
        return text.equals("-") ? new byte[0] : HexFormat.of().parseHex(text);
    }

    static List<Vector> vectors() throws IOException {
        try (InputStream in = CacophonyTest.class.getResourceAsStream("/noise/cacophony.txt")) {
            List<Vector> vectors = new ArrayList<>();
            for (String text : new String(in.readAllBytes(), StandardCharsets.US_ASCII).split("\n\n", -1)) {
                vectors.add(new Vector(text.lines().toList()));
            }
            assertThat(vectors).hasSize(10);
            return vectors;
        }
    }

    @ParameterizedTest
    @MethodSource("vectors")
    void theMessagesAreThePublishedOnes(Vector vector) {
        HandshakeState initiator = vector.end(true);
        HandshakeState responder = vector.end(false);
        CipherState[] ofInitiator = null;
        CipherState[] ofResponder = null;
        boolean initiators = true;
        for (String message : vector.all("message")) {
            String[] parts = message.split(" ", -1);
            byte[] payload = hex(parts[0]);
            byte[] expected = hex(parts[1]);
            if (!initiator.isDone()) {
                HandshakeState from = initiators ? initiator : responder;
                assertThat(from.isOurTurn()).isTrue();
                assertThat(from.write(payload)).isEqualTo(expected);
                assertThat((initiators ? responder : initiator).read(expected)).isEqualTo(payload);
            } else {
                if (ofInitiator == null) {
                    assertThat(initiator.hash()).isEqualTo(hex(vector.one("handshake_hash")));
                    assertThat(responder.hash()).isEqualTo(initiator.hash());
                    ofInitiator = initiator.split();
                    ofResponder = responder.split();
                }
                CipherState from = (initiators ? ofInitiator : ofResponder)[0];
                CipherState to = (initiators ? ofResponder : ofInitiator)[1];
                assertThat(from.encrypt(new byte[0], payload)).isEqualTo(expected);
                assertThat(to.decrypt(new byte[0], expected)).isEqualTo(payload);
            }
            initiators = !initiators;
        }
        assertThat(ofInitiator).isNotNull();
    }
}
