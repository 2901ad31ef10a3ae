package dev.livesync.core.seal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.noise.Aead;
import dev.livesync.api.internal.noise.HandshakePattern;
import dev.livesync.api.internal.noise.HandshakeState;
import dev.livesync.api.internal.noise.X25519;
import dev.livesync.api.transport.Message;
import dev.livesync.core.handshake.Refusal;
import dev.livesync.core.handshake.Secret;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SealedHandshakeTest {
    private static final PreSharedKey KEY = key("An-address-with_a_secret-0000000");
    private static final byte[] NONE = {};

    private final Random random = new Random(1);
    private int answers;

    private static PreSharedKey key(String secret) {
        return PreSharedKey.of(Secret.parse("the secret", ErrorKind.MALFORMED, secret), null);
    }

    private static Credential credential(String database) {
        return new Credential("a grant", KEY, Prologue.address(database));
    }

    private static HandshakePayload payload(long window, byte[] binding) {
        return new HandshakePayload(0x25, window, new byte[32], NONE, binding);
    }

    private SealedHandshake initiator(Credential credential, HandshakePayload payload) {
        return SealedHandshake.initiator("the hub", credential, () -> payload, random);
    }

    private SealedHandshake responder(List<Credential> credentials, HandshakePayload payload) {
        return SealedHandshake.responder(
                "the caller",
                () -> credentials,
                (name, theirs) -> {
                    answers++;
                    return payload;
                },
                random);
    }

    private SealedHandshake dialler() {
        return initiator(credential("notes"), HandshakePayload.EMPTY);
    }

    private SealedHandshake hub() {
        SealedHandshake hub = responder(List.of(credential("notes")), HandshakePayload.EMPTY);
        hub.begin();
        return hub;
    }

    private static Message only(List<Message> messages) {
        assertThat(messages).hasSize(1);
        return messages.get(0);
    }

    private static SyncException failure(SealedHandshake handshake, Message message) {
        SyncException failure = catchThrowableOfType(SyncException.class, () -> handshake.receive(message));
        assertThat(failure).isNotNull();
        assertThat(handshake.done()).isFalse();
        assertThatThrownBy(handshake::result).isInstanceOf(IllegalStateException.class);
        // It stays so.
        assertThat(catchThrowableOfType(SyncException.class, () -> handshake.receive(message))
                        .kind())
                .isEqualTo(ErrorKind.AUTHENTICATION);
        return failure;
    }

    private static void refuses(SealedHandshake handshake, Message message, String description) {
        SyncException failure = failure(handshake, message);
        assertThat(failure.kind()).as(description).isEqualTo(ErrorKind.AUTHENTICATION);
        assertThat(failure.getMessage()).contains("did not prove that it knows the secret");
    }

    @Test
    void bothEndsLearnWhatTheOtherSaidAndSealForEachOther() {
        List<Credential> grants = new ArrayList<>(IntStream.range(0, 200)
                .mapToObj(i ->
                        new Credential("grant " + i, key("A_grants-secret-000000000000" + i), Prologue.address("")))
                .toList());
        SealedHandshake initiator =
                initiator(new Credential("mine", grants.get(137).key(), Prologue.address("")), payload(5, NONE));
        SealedHandshake responder = responder(grants, payload(7, NONE));
        assertThat(responder.begin()).isEmpty();
        Message first = only(initiator.begin());
        Message second = only(responder.receive(first));
        Message confirmation = only(initiator.receive(second));
        assertThat(responder.done()).isFalse();
        assertThat(responder.receive(confirmation)).isEmpty();
        assertThat(initiator.done()).isTrue();
        assertThat(responder.done()).isTrue();
        assertThat(responder.result().credential()).isEqualTo("grant 137");
        assertThat(responder.result().peer().window()).isEqualTo(5);
        assertThat(initiator.result().credential()).isEqualTo("mine");
        assertThat(initiator.result().peer().window()).isEqualTo(7);
        assertThat(initiator.result().peer().features()).isEqualTo(0x25);
        Seals ours = initiator.result().seals().orElseThrow();
        Seals theirs = responder.result().seals().orElseThrow();
        for (Message message : List.of(Message.text("there"), Message.binary(new byte[] {1, 2}))) {
            Message there = theirs.opener().open(ours.sealer().seal(message));
            assertThat(there.kind()).isEqualTo(message.kind());
            assertThat(there.payload()).isEqualTo(message.payload());
            Message back = ours.opener().open(theirs.sealer().seal(message));
            assertThat(back.kind()).isEqualTo(message.kind());
            assertThat(back.payload()).isEqualTo(message.payload());
        }
    }

    private static HandshakePayload clock(int digest) {
        byte[] bytes = new byte[digest == 0 ? 0 : 32];
        Arrays.fill(bytes, (byte) digest);
        return new HandshakePayload(0, 0, bytes, NONE, NONE);
    }

    @Test
    void bothEndsKnowWhetherTheySaidTheSameClock() {
        for (int here = 0; here < 3; here++) {
            for (int there = 0; there < 3; there++) {
                SealedHandshake initiator = initiator(credential("notes"), clock(here));
                SealedHandshake responder = responder(List.of(credential("notes")), clock(there));
                responder.begin();
                responder.receive(only(initiator.receive(only(responder.receive(only(initiator.begin()))))));
                assertThat(initiator.result().sameClock()).isEqualTo(here == there && here > 0);
                assertThat(responder.result().sameClock()).isEqualTo(here == there && here > 0);
            }
        }
    }

    /** Otherwise whoever knows the secret could have us believe that it holds what it doesn't even know. */
    @Test
    void aClockIsNotHeldByWhoeverRepeatsWhatTheOtherEndSaidOfIt() {
        SealedHandshake initiator = initiator(credential("notes"), clock(1));
        HandshakeState echo = credential("notes").state(false, X25519.pair(new byte[32]));
        byte[] first = only(initiator.begin()).payload();
        byte[] said = echo.read(Arrays.copyOfRange(first, FirstMessage.EPHEMERAL_AT, first.length));
        assertThat(HandshakePayload.read(said).clock()).hasSize(ClockTag.BYTES);
        initiator.receive(Message.binary(echo.write(said)));
        assertThat(initiator.done()).isTrue();
        assertThat(initiator.result().sameClock()).isFalse();
    }

    /** What docs/sealed-sessions.md says of sizes. */
    @Test
    void theMessagesAreAsShortAsTheDocumentSays() {
        SealedHandshake initiator = dialler();
        SealedHandshake responder = hub();
        int payload = HandshakePayload.EMPTY.write().length;
        assertThat(payload).isEqualTo(1);
        Message first = only(initiator.begin());
        assertThat(first.size()).isEqualTo(57 + payload);
        Message second = only(responder.receive(first));
        assertThat(second.size()).isEqualTo(48 + payload);
        assertThat(only(initiator.receive(second)).size()).isEqualTo(17);
    }

    @Test
    void aRepeatedFirstMessageGetsAnAnswerAndNothingElse() {
        SealedHandshake initiator = dialler();
        SealedHandshake responder = hub();
        Message first = only(initiator.begin());
        Message second = only(responder.receive(first));
        Message confirmation = only(initiator.receive(second));
        responder.receive(confirmation);
        assertThat(responder.done()).isTrue();

        SealedHandshake again = hub();
        Message other = only(again.receive(first));
        assertThat(other.payload()).isNotEqualTo(second.payload());
        assertThat(again.done()).isFalse();
        assertThatThrownBy(again::result).isInstanceOf(IllegalStateException.class);
        refuses(again, confirmation, "the confirmation of another handshake");
        assertThat(answers).isEqualTo(2);
    }

    @Test
    void aRepeatedAnswerIsRefused() {
        SealedHandshake initiator = dialler();
        Message second = only(hub().receive(only(initiator.begin())));
        SealedHandshake later = dialler();
        later.begin();
        refuses(later, second, "the answer to another first message");
    }

    @Test
    void anotherSecretIsRefusedAndTheDiallerIsToldWhy() {
        SealedHandshake initiator = initiator(
                new Credential("x", key("Another-secret_000000000000"), Prologue.address("notes")),
                HandshakePayload.EMPTY);
        SealedHandshake responder = hub();
        refuses(responder, only(initiator.begin()), "another secret");
        assertThat(responder.metPeer()).isTrue();
        SyncException told = failure(initiator, Refusal.write(ErrorKind.AUTHENTICATION));
        assertThat(told.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        assertThat(told.getMessage()).contains("turned us away");
    }

    /** Somebody leads a dialler to another hub that has the same secret. */
    @Test
    void aSwappedHubIsRefused() {
        for (List<String> names : List.of(List.of("notes", "letters"), List.of("notes", ""), List.of("", "notes"))) {
            SealedHandshake initiator = initiator(credential(names.get(0)), HandshakePayload.EMPTY);
            SealedHandshake other = responder(List.of(credential(names.get(1))), HandshakePayload.EMPTY);
            other.begin();
            refuses(other, only(initiator.begin()), names.toString());
        }
    }

    @Test
    void anExchangeNeedsBothTextsAndBothSecrets() {
        Secret offer = Secret.parse("x", ErrorKind.MALFORMED, "The-secret-of-the-offer-0000");
        Secret answer = Secret.parse("x", ErrorKind.MALFORMED, "The-secret-of-the-answer-000");
        Prologue texts = new Prologue(new byte[32], new byte[] {1}, "");
        Credential both = new Credential("x", PreSharedKey.of(offer, answer), texts);
        Message first = only(initiator(both, HandshakePayload.EMPTY).begin());
        // The offer is found before its answer is known.
        Credential offered = new Credential("x", PreSharedKey.of(offer, null), texts);
        assertThat(offered.isNamedBy(first.payload())).isTrue();
        List<Credential> wrong = List.of(
                offered,
                new Credential("x", PreSharedKey.of(answer, offer), texts),
                new Credential("x", both.key(), new Prologue(new byte[] {1}, new byte[32], "")),
                new Credential("x", both.key(), new Prologue(new byte[32], new byte[0], "")),
                new Credential("x", both.key(), Prologue.address("")));
        for (Credential one : wrong) {
            SealedHandshake responder = responder(List.of(one), HandshakePayload.EMPTY);
            responder.begin();
            refuses(responder, first, one.toString());
        }
        SealedHandshake responder = responder(List.of(wrong.get(0), both), HandshakePayload.EMPTY);
        responder.begin();
        assertThat(responder.receive(first)).hasSize(1);
    }

    @Test
    void aHintTellsStrangersNothingThatComesAgain() {
        byte[] one = only(dialler().begin()).payload();
        byte[] other = only(dialler().begin()).payload();
        assertThat(Arrays.copyOfRange(one, 1, 9)).isNotEqualTo(Arrays.copyOfRange(other, 1, 9));
        // Somebody else's key under a hint that was seen names nothing.
        System.arraycopy(one, 1, other, 1, 8);
        assertThat(credential("notes").isNamedBy(other)).isFalse();
        refuses(hub(), Message.binary(other), "a hint that was seen");
    }

    @Test
    void aBitFlippedAnywhereIsNoticedByWhomItIsSentTo() {
        Message first = only(dialler().begin());
        for (int bit = 0; bit < first.size() * 8; bit++) {
            SyncException failure = failure(hub(), flip(first, bit));
            assertThat(failure.kind())
                    .as("bit %d of the first message", bit)
                    .isEqualTo(bit < 8 ? ErrorKind.UNSUPPORTED : ErrorKind.AUTHENTICATION);
        }
        // Agreeing on keys costs most of the time; HandshakeStateTest and SealerTest try every bit.
        for (int bit = 0; bit < (48 + 1) * 8; bit += 7) { // each byte at least once
            random.setSeed(2);
            SealedHandshake initiator = dialler();
            Message second = only(hub().receive(only(initiator.begin())));
            refuses(initiator, flip(second, bit), "bit " + bit + " of the second message");
        }
        for (int bit = 0; bit < 17 * 8; bit += 7) {
            random.setSeed(2);
            SealedHandshake initiator = dialler();
            SealedHandshake responder = hub();
            Message confirmation = only(initiator.receive(only(responder.receive(only(initiator.begin())))));
            refuses(responder, flip(confirmation, bit), "bit " + bit + " of the confirmation");
        }
    }

    private static Message flip(Message message, int bit) {
        byte[] bytes = message.payload().clone();
        bytes[bit / 8] ^= (byte) (1 << bit % 8);
        return Message.binary(bytes);
    }

    @Test
    void aMessageOfAnyOtherLengthIsNoticed() {
        Message first = only(dialler().begin());
        for (int length = 0; length <= first.size() + 1; length++) {
            if (length != first.size()) {
                refuses(hub(), Message.binary(Arrays.copyOf(first.payload(), length)), length + " bytes");
            }
        }
        refuses(hub(), Message.binary(Arrays.copyOf(first.payload(), FirstMessage.MAX_BYTES + 1)), "too long");
        for (int length = 0; length <= 50; length++) {
            random.setSeed(2);
            SealedHandshake initiator = dialler();
            SealedHandshake responder = hub();
            Message second = only(responder.receive(only(initiator.begin())));
            if (length != second.size()) {
                refuses(initiator, Message.binary(Arrays.copyOf(second.payload(), length)), length + " bytes");
            } else {
                Message confirmation = only(initiator.receive(second));
                refuses(
                        responder,
                        Message.binary(Arrays.copyOf(confirmation.payload(), length % confirmation.size())),
                        "a part of the confirmation");
            }
        }
        SealedHandshake initiator = dialler();
        initiator.begin();
        refuses(initiator, Message.binary(new byte[10_000]), "too long");
    }

    @Test
    void whatIsReflectedOrInTheWrongPlaceIsNoticed() {
        SealedHandshake initiator = dialler();
        Message first = only(initiator.begin());
        refuses(initiator, first, "the first message, reflected");
        // With the header off, as the second message stands.
        SealedHandshake other = dialler();
        byte[] sent = only(other.begin()).payload();
        refuses(
                other,
                Message.binary(Arrays.copyOfRange(sent, FirstMessage.EPHEMERAL_AT, sent.length)),
                "Noise's part");
        SealedHandshake responder = hub();
        Message answer = only(responder.receive(only(dialler().begin())));
        refuses(responder, answer, "the answer, reflected");
        SealedHandshake twice = hub();
        twice.receive(first);
        refuses(twice, first, "the first message, twice");
        refuses(hub(), Message.text("{\"hello\":{}}"), "a hello");
        SealedHandshake told = dialler();
        told.begin();
        refuses(told, Message.text("{\"ok\":true}"), "a text");
    }

    @Test
    void anotherVersionIsToldApart() {
        byte[] first = only(dialler().begin()).payload();
        first[0] = 2;
        SealedHandshake responder = hub();
        SyncException failure = failure(responder, Message.binary(first));
        assertThat(failure.kind()).isEqualTo(ErrorKind.UNSUPPORTED);
        assertThat(failure.getMessage()).contains("version 2").contains("the caller");
        assertThat(responder.metPeer()).isTrue();
    }

    /** Strangers cost a few MACs: no key is generated for them. */
    @Test
    void aStrangerCostsNoKey() {
        int[] asked = {0};
        RandomGenerator counted = () -> {
            asked[0]++;
            return 4;
        };
        SealedHandshake responder = SealedHandshake.responder(
                "a stranger", () -> List.of(credential("notes")), (name, theirs) -> theirs, counted);
        responder.begin();
        byte[] first = only(dialler().begin()).payload();
        first[1] ^= 1;
        refuses(responder, Message.binary(first), "a stranger");
        assertThat(asked[0]).isZero();
        assertThat(answers).isZero();
    }

    @Test
    void messagesAreNotSealedTwiceWhereBothEndsAreThoseOfOneEncryptedChannel() {
        byte[] binding = new byte[32];
        byte[] other = new byte[32];
        other[31] = 1;
        assertThat(areSealed(binding, binding)).isFalse();
        assertThat(areSealed(binding, other)).isTrue();
        assertThat(areSealed(binding, NONE)).isTrue();
        assertThat(areSealed(NONE, binding)).isTrue();
        assertThat(areSealed(NONE, NONE)).isTrue();
    }

    private boolean areSealed(byte[] ours, byte[] theirs) {
        SealedHandshake initiator = initiator(credential(""), payload(1, ours));
        SealedHandshake responder = responder(List.of(credential("")), payload(1, theirs));
        responder.begin();
        Message second = only(responder.receive(only(initiator.begin())));
        Message confirmation = only(initiator.receive(second));
        // The confirmation is sealed in any case: a repeated first message must not open an unsealed session.
        assertThat(responder.done()).isFalse();
        responder.receive(confirmation);
        assertThat(initiator.result().seals().isPresent())
                .isEqualTo(responder.result().seals().isPresent());
        return initiator.result().seals().isPresent();
    }

    @Test
    void aBadPayloadOfAPeerThatKnowsTheSecretIsSaidToBeBad() {
        String[] bad = {
            "80",
            "00",
            "a161661b0020000000000001",
            "a1616620",
            "a16166816161",
            "a161771b0020000000000001",
            "a1617720",
            "a16163430102ff",
            "a1616300",
            "a1616244",
            "ff",
            "a0a0",
            ""
        };
        for (String hex : bad) {
            byte[] payload = HexFormat.of().parseHex(hex);
            SyncException failure = failure(hub(), said(payload));
            assertThat(failure.kind()).as(hex).isEqualTo(ErrorKind.MALFORMED);
            assertThat(failure.getMessage()).contains("the caller");
        }
        byte[] deep = new byte[100];
        Arrays.fill(deep, (byte) 0x81);
        deep[99] = 0;
        assertThat(failure(hub(), said(deep)).kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED);
        assertThat(answers).isZero();
    }

    /** An initiator that does as it likes. */
    private static HandshakeState stranger() {
        byte[] ephemeral = new byte[X25519.BYTES];
        ephemeral[7] = 7;
        return new HandshakeState(
                HandshakePattern.NN_PSK0,
                Aead.AES_GCM,
                true,
                Prologue.address("notes").bytes(),
                null,
                X25519.pair(ephemeral),
                KEY.bytes());
    }

    private static Message first(byte[] noise) {
        return Message.binary(FirstMessage.join(KEY.hint(Arrays.copyOf(noise, X25519.BYTES)), noise));
    }

    private static Message said(byte[] payload) {
        return first(stranger().write(payload));
    }

    @Test
    void nothingButTheConfirmationConfirms() {
        for (SealedType type : SealedType.values()) {
            for (byte[] content : new byte[][] {{}, {1}}) {
                HandshakeState noise = stranger();
                SealedHandshake responder = hub();
                Message second = only(responder.receive(first(noise.write(HandshakePayload.EMPTY.write()))));
                noise.read(second.payload());
                Message third = Message.binary(noise.split()[0].encrypt(content, type.code()));
                if (type == SealedType.CONFIRMATION && content.length == 0) {
                    assertThat(responder.receive(third)).isEmpty();
                    assertThat(responder.done()).isTrue();
                } else {
                    refuses(responder, third, type + " with " + content.length + " bytes");
                }
            }
        }
    }

    /** Somebody who knows the secret wants the session to have no secret of its own. */
    @Test
    void aKeyOfSmallOrderIsRefused() {
        SealedHandshake initiator = dialler();
        initiator.begin();
        refuses(initiator, Message.binary(new byte[48 + 1]), "a key of zeros");
    }

    @Test
    void thePayloadHasALimitThatIsTheSameForBothEnds() {
        HandshakePayload largest = new HandshakePayload(1L << 53, 1L << 53, new byte[32], new byte[8], new byte[32]);
        SealedHandshake responder = hub();
        SealedHandshake initiator = initiator(credential("notes"), largest);
        assertThat(responder.receive(only(initiator.begin()))).hasSize(1);
        HandshakePayload tooLong = new HandshakePayload(1, 1, new byte[32], NONE, new byte[HandshakePayload.MAX_BYTES]);
        SealedHandshake cant = initiator(credential("notes"), tooLong);
        assertThat(catchThrowableOfType(SyncException.class, cant::begin).kind())
                .isEqualTo(ErrorKind.LIMIT_EXCEEDED);
    }

    @Test
    void whatIsLongerThanAMessageCanBeIsNotEvenDecrypted() {
        byte[] tooLong = new byte[HandshakePayload.MAX_BYTES + 1];
        refuses(hub(), said(tooLong), "a first message that knows the secret");
        SealedHandshake initiator = dialler();
        byte[] first = only(initiator.begin()).payload();
        HandshakeState responder = new HandshakeState(
                HandshakePattern.NN_PSK0,
                Aead.AES_GCM,
                false,
                Prologue.address("notes").bytes(),
                null,
                X25519.pair(new byte[X25519.BYTES]),
                KEY.bytes());
        responder.read(Arrays.copyOfRange(first, FirstMessage.EPHEMERAL_AT, first.length));
        refuses(initiator, Message.binary(responder.write(tooLong)), "an answer that knows the secret");
    }

    @Test
    void nothingTellsASecret() {
        String shown = credential("notes") + " " + new Credential("x", KEY, Prologue.address("")).key();
        assertThat(shown).doesNotContain("An-address-with");
        assertThat(KEY.bytes()).isNotEqualTo("An-address-with_a_secret-0000000".getBytes(StandardCharsets.US_ASCII));
    }
}
