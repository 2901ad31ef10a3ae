package dev.livesync.core.seal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Secret;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Sessions with {@code interop/sealed-peer.mjs}, another implementation, in WebCrypto: both ways, both roles. */
class SealedInteropTest {
    private static final int SESSIONS = 8;

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    private String secret(int characters) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < characters; i++) {
            text.append("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".charAt(random.nextInt(64)));
        }
        return text.toString();
    }

    private HandshakePayload payload(int clockBytes) {
        byte[] clock = new byte[random.nextBoolean() ? 0 : clockBytes];
        byte[] binding = new byte[random.nextBoolean() ? 0 : 32];
        byte[] instance = new byte[random.nextBoolean() ? 0 : 8];
        random.nextBytes(instance);
        random.nextBytes(clock);
        random.nextBytes(binding);
        return new HandshakePayload(
                random.nextBoolean() ? 0 : random.nextLong(1L << 53),
                random.nextInt(1 << 20),
                clock,
                instance,
                binding);
    }

    @Test
    void sessionsWithAnotherImplementationWorkInBothRoles() throws IOException {
        System.out.println("seed " + seed);
        try (WebCryptoPeer peer = WebCryptoPeer.start()) {
            for (int i = 0; i < SESSIONS; i++) {
                String secret = secret(22 + random.nextInt(40));
                String answer = random.nextInt(3) == 0 ? secret(22) : "-";
                String database = random.nextBoolean() ? "-" : "notes-" + i;
                Credential credential = new Credential(
                        "grant",
                        PreSharedKey.of(
                                Secret.parse("x", ErrorKind.MALFORMED, secret),
                                answer.equals("-") ? null : Secret.parse("x", ErrorKind.MALFORMED, answer)),
                        Prologue.address(database.equals("-") ? "" : database));
                HandshakePayload ours = payload(32);
                HandshakePayload theirs = payload(ClockTag.BYTES);
                SealedHandshake handshake;
                if (i % 2 == 0) {
                    handshake = SealedHandshake.initiator("node", credential, () -> ours, random);
                    byte[] begin = handshake.begin().get(0).payload();
                    String[] answered = peer.ask(
                            "respond",
                            secret,
                            answer,
                            database,
                            WebCryptoPeer.hex(theirs.write()),
                            WebCryptoPeer.hex(begin));
                    assertThat(answered[0]).isEqualTo(WebCryptoPeer.hex(onTheWire(ours, begin, true)));
                    Message confirmation = handshake
                            .receive(Message.binary(WebCryptoPeer.bytes(answered[1])))
                            .get(0);
                    assertThat(peer.ask("open", WebCryptoPeer.hex(confirmation.payload())))
                            .containsExactly("confirmation", "-");
                } else {
                    handshake =
                            SealedHandshake.responder("node", () -> List.of(credential), (name, said) -> ours, random);
                    handshake.begin();
                    String[] first = peer.ask("initiate", secret, answer, database, WebCryptoPeer.hex(theirs.write()));
                    Message second = handshake
                            .receive(Message.binary(WebCryptoPeer.bytes(first[0])))
                            .get(0);
                    String[] answered = peer.ask("answered", WebCryptoPeer.hex(second.payload()));
                    assertThat(answered[0])
                            .isEqualTo(WebCryptoPeer.hex(onTheWire(ours, WebCryptoPeer.bytes(first[0]), false)));
                    handshake.receive(Message.binary(WebCryptoPeer.bytes(answered[1])));
                }
                assertThat(handshake.done()).as("seed %d, session %d", seed, i).isTrue();
                assertThat(handshake.result().peer().write()).isEqualTo(theirs.write());
                messages(peer, handshake.result());
            }
        }
    }

    /** The tag itself is held against the vectors. */
    private static byte[] onTheWire(HandshakePayload said, byte[] first, boolean initiator) {
        byte[] key = Arrays.copyOfRange(
                first, FirstMessage.EPHEMERAL_AT, FirstMessage.EPHEMERAL_AT + FirstMessage.EPHEMERAL_BYTES);
        byte[] clock = said.clock();
        return (clock.length == 0 ? said : said.withClock(ClockTag.of(key, initiator, clock))).write();
    }

    private void messages(WebCryptoPeer peer, HandshakeResult result) throws IOException {
        if (result.seals().isEmpty()) {
            return; // both drew the same binding, which takes longer than the universe lasts
        }
        Seals seals = result.seals().get();
        for (int i = 0; i < 6; i++) {
            byte[] content = new byte[random.nextInt(2) == 0 ? random.nextInt(20) : random.nextInt(3_000)];
            random.nextBytes(content);
            Message.Kind kind = random.nextBoolean() ? Message.Kind.TEXT : Message.Kind.BINARY;
            String type = kind.name().toLowerCase(Locale.ROOT);
            if (random.nextBoolean()) {
                Message sealed = seals.sealer().seal(new Message(kind, content));
                assertThat(peer.ask("open", WebCryptoPeer.hex(sealed.payload())))
                        .containsExactly(type, WebCryptoPeer.hex(content));
            } else {
                String[] sealed = peer.ask("seal", type, WebCryptoPeer.hex(content));
                Message opened = seals.opener().open(Message.binary(WebCryptoPeer.bytes(sealed[0])));
                assertThat(opened.kind()).isEqualTo(kind);
                assertThat(opened.payload()).isEqualTo(content);
            }
        }
        assertThat(peer.ask("open", WebCryptoPeer.hex(seals.sealer().end().payload())))
                .containsExactly("end", "-");
        assertThat(seals.opener().open(Message.binary(WebCryptoPeer.bytes(peer.ask("seal", "end", "-")[0]))))
                .isNull();
        assertThat(seals.opener().ended()).isTrue();
    }
}
