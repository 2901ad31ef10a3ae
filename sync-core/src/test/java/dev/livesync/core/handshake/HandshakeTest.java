package dev.livesync.core.handshake;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class HandshakeTest {
    private static final String WORDS = "the peer at there did not prove that it knows the secret";
    private static final String HANDLE = "AAAAAAAAAAAAAAAAAAAAAA";

    private final Random random = new Random(42);
    private final Secret offerSecret = Secret.generate(random);
    private final AnswerSecret answer = new AnswerSecret(Secret.generate(random), bytes(32));
    private final Exchange exchange = new Exchange(offerSecret, HANDLE, bytes(32));
    private final Exchange address = Exchange.address(offerSecret);
    private final List<Message> wire = new ArrayList<>();

    @Test
    void aDialledAddressIsProvedBothWays() {
        Handshake dialer = acceptor(address, null, new byte[0]);
        Handshake listener = proposer(address, new byte[0]);
        assertThat(run(dialer, listener)).isEqualTo(0);
        assertThat(listener.peerProved()).isTrue();
        assertThat(dialer.done()).isFalse();
        deliver(listener.confirm(null), dialer);
        assertThat(dialer.done()).isTrue();
        assertThat(dialer.agreement()).isEqualTo(new Agreement(java.util.Set.of("hello", "acks"), 2));
        assertThat(listener.agreement()).isEqualTo(new Agreement(java.util.Set.of("hello", "acks"), 1));
    }

    @Test
    void anExchangeIsProvedWithBothSecrets() {
        Handshake acceptor = acceptor(exchange, answer, bytes(20));
        Handshake proposer = proposerOf(exchange, acceptorBinding);
        run(acceptor, proposer);
        assertThat(proposer.exchange()).containsSame(exchange);
        assertThat(proposer.isAnswer(answer.hash())).isTrue();
        assertThat(proposer.isAnswer(bytes(32))).isFalse();
        deliver(proposer.confirm(answer), acceptor);
        assertThat(acceptor.done()).isTrue();
    }

    /** Written from the protocol's text with other means: the JDK's Mac on bytes put together by hand. */
    @Test
    void theProofIsWhatTheProtocolSays() throws Exception {
        Handshake acceptor = acceptor(exchange, answer, new byte[] {1, 2, 3});
        Handshake proposer = proposerOf(exchange, new byte[] {1, 2, 3});
        run(acceptor, proposer);
        deliver(proposer.confirm(answer), acceptor);
        byte[] offerKey = offerSecret.text().getBytes(StandardCharsets.US_ASCII);
        byte[] bothKey = hmac(offerKey, answer.secret().text().getBytes(StandardCharsets.US_ASCII));
        for (String role : List.of("acceptor", "proposer")) {
            java.io.ByteArrayOutputStream items = new java.io.ByteArrayOutputStream();
            java.io.DataOutputStream out = new java.io.DataOutputStream(items);
            for (byte[] item : new byte[][] {
                ("livesync/1 proof " + role).getBytes(StandardCharsets.US_ASCII),
                wire.get(0).payload(),
                wire.get(1).payload(),
                exchange.offerHash(),
                answer.hash(),
                {1, 2, 3}
            }) {
                out.writeInt(item.length);
                out.write(item);
            }
            boolean first = role.equals("acceptor");
            byte[] proof = hmac(first ? offerKey : bothKey, items.toByteArray());
            assertThat(new String(wire.get(first ? 2 : 3).payload(), StandardCharsets.US_ASCII))
                    .isEqualTo("{\"proof\":\""
                            + Base64.getUrlEncoder().withoutPadding().encodeToString(proof) + "\"}");
        }
    }

    @Test
    void aWrongSecretIsRefused() {
        Handshake dialer = acceptor(Exchange.address(Secret.generate(random)), null, new byte[0]);
        Handshake listener = proposer(address, new byte[0]);
        refused(() -> run(dialer, listener));
        assertThat(listener.peerProved()).isFalse();
    }

    @Test
    void whoKnowsTheOfferAloneCannotPassForTheProposer() {
        Handshake acceptor = acceptor(exchange, answer, new byte[0]);
        Handshake thief = proposerOf(exchange, new byte[0]);
        run(acceptor, thief);
        refused(() -> deliver(thief.confirm(new AnswerSecret(Secret.generate(random), answer.hash())), acceptor));
        assertThat(acceptor.done()).isFalse();
    }

    @Test
    void aReplayIsRefused() {
        run(acceptor(address, null, new byte[0]), proposer(address, new byte[0]));
        Handshake again = proposer(address, new byte[0]);
        again.begin();
        again.receive(wire.get(0));
        refused(() -> again.receive(wire.get(2)));
    }

    @Test
    void aReflectionIsRefused() {
        Handshake dialer = acceptor(address, null, new byte[0]);
        Message hello = dialer.begin().get(0);
        refused(() -> dialer.receive(hello));

        Handshake other = acceptor(address, null, new byte[0]);
        other.begin();
        Handshake listener = proposer(address, new byte[0]);
        listener.begin();
        Message proof = other.receive(listener.receive(hello).get(0)).get(0);
        refused(() -> other.receive(proof));
    }

    @Test
    void aMissingProofIsRefused() {
        for (String text : List.of(
                "{\"clock\":[],\"cids\":[]}",
                "{\"ok\":true}",
                "{\"proof\":null}",
                "{\"proof\":\"\"}",
                "{\"proof\":7}",
                "not JSON",
                "",
                "\u0000")) {
            Handshake listener = proposer(address, new byte[0]);
            listener.begin();
            listener.receive(acceptor(address, null, new byte[0]).begin().get(0));
            refused(() -> listener.receive(Message.text(text)));
            refused(() -> listener.receive(Message.text(text)));
        }
    }

    @Test
    void whatIsNoHelloIsRefused() {
        String good =
                new String(acceptor(address, null, new byte[0]).begin().get(0).payload(), StandardCharsets.UTF_8);
        for (Message message : List.of(
                Message.text("{\"clock\":[],\"cids\":[]}"),
                Message.text("null"),
                Message.text("{\"hello\":1}"),
                Message.text("{\"hello\":{}}"),
                Message.text(good.replaceAll("\"nonce\":\"..", "\"nonce\":\"")),
                Message.text(good.replaceAll("\"window\":1", "\"window\":-1")),
                Message.text(good.replaceAll("\"window\":1", "\"window\":1e300")),
                Message.text(good.replaceAll("acceptor", "nobody")),
                Message.text(good.replaceAll("\\[[^]]*]", "\"all\"")),
                Message.text(good.replace("}}", ",\"offer\":\"short\"}}")),
                Message.text(good + " ".repeat(Hello.MAX_BYTES + 1 - good.length())),
                Message.binary(good.getBytes(StandardCharsets.UTF_8)),
                Message.binary(new byte[] {(byte) 0xff}),
                new Message(Message.Kind.TEXT, new byte[] {(byte) 0xff, (byte) 0xfe}))) {
            Handshake listener = proposer(address, new byte[0]);
            listener.begin();
            refused(() -> listener.receive(message));
        }
        Handshake listener = proposer(address, new byte[0]);
        listener.begin();
        String longest = good + " ".repeat(Hello.MAX_BYTES - good.length());
        assertThat(listener.receive(Message.text(longest))).hasSize(1);
    }

    @Test
    void aLaterVersionIsToldApart() {
        Handshake listener = proposer(address, new byte[0]);
        listener.begin();
        assertThatThrownBy(() -> listener.receive(Message.text("{\"hello\":{\"version\":2}}")))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED));
    }

    @Test
    void aStrippedFeatureIsRefused() {
        Handshake dialer = acceptor(address, null, new byte[0]);
        Handshake listener = proposer(address, new byte[0]);
        refused(() -> run(dialer, listener, m -> Message.text(text(m).replace("\"acks\",", ""))));
    }

    @Test
    void encryptionThatEndsInBetweenIsToldFromAWrongSecret() {
        byte[] none = {};
        assertThat(betweenOf(new byte[] {1}, none)).contains("is encrypted here and plain at the peer");
        assertThat(betweenOf(none, new byte[] {1})).contains("is plain here and encrypted at the peer");
        assertThat(betweenOf(new byte[] {1}, new byte[] {2}))
                .contains("is encrypted here and at the peer, but not with");
    }

    /** What the acceptor is told, who has to stop before it shows a proof. */
    private String betweenOf(byte[] acceptors, byte[] proposers) {
        SyncException told = endsInBetween(() -> run(acceptor(address, null, acceptors), proposer(address, proposers)));
        assertThat(wire).as("messages").hasSize(2);
        return told.getMessage();
    }

    @Test
    void theListenerTellsItToo() {
        Handshake dialer = acceptor(address, null, new byte[] {1});
        Handshake listener = proposer(address, new byte[0]);
        Message hello = dialer.begin().get(0);
        listener.begin();
        assertThat(listener.receive(hello))
                .as("its hello, from which the peer learns it")
                .hasSize(1);
        SyncException told =
                endsInBetween(() -> listener.receive(Message.text("{\"proof\":\"" + "A".repeat(43) + "\"}")));
        assertThat(told).hasMessageContaining("is plain here and encrypted at the peer");
    }

    /** Saying that it is the same does not make it so: the proof covers the binding itself. */
    @Test
    void aBindingThatIsOnlyClaimedIsRefused() {
        String one = SeenBinding.of(new byte[] {1});
        String other = SeenBinding.of(new byte[] {2});
        Handshake dialer = acceptor(address, null, new byte[] {1});
        Handshake listener = proposer(address, new byte[] {2});
        refused(() -> run(
                dialer,
                listener,
                m -> Message.text(text(m).contains(one) ? text(m).replace(one, other) : text(m).replace(other, one))));
    }

    @Test
    void aPeerThatSaysNothingOfItsBindingIsJudgedByItsProof() {
        Handshake dialer = acceptor(address, null, new byte[] {1});
        Handshake listener = proposer(address, new byte[] {2});
        refused(() -> run(dialer, listener, m -> Message.text(text(m).replaceAll("\"binding\":\"[^\"]+\",?", ""))));
    }

    @Test
    void aForeignTranscriptIsRefused() {
        Exchange otherOffer = new Exchange(offerSecret, HANDLE, bytes(32));
        refused(() -> run(acceptor(otherOffer, answer, new byte[0]), proposerOf(exchange, new byte[0])));
    }

    @Test
    void anUnknownHandleFailsWhereAWrongProofDoes() {
        Handshake acceptor = acceptor(exchange, answer, new byte[0]);
        Handshake listener = proposer(address, new byte[0]);
        listener.begin();
        List<Message> reply = listener.receive(acceptor.begin().get(0));
        assertThat(reply).hasSize(1);
        refused(() -> listener.receive(acceptor.receive(reply.get(0)).get(0)));
    }

    @Test
    void anOfferWithoutAnAnswerIsRefused() {
        refused(() -> run(acceptor(exchange, null, new byte[0]), proposerOf(exchange, new byte[0])));
    }

    @Test
    void nothingMayFollowTheProof() {
        Handshake listener = proposer(address, new byte[0]);
        run(acceptor(address, null, new byte[0]), listener);
        refused(() -> listener.receive(Message.text("{\"clock\":[],\"cids\":[]}")));
        assertThatThrownBy(() -> listener.confirm(null)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void noMessageHoldsASecretOrIsLong() {
        Handshake acceptor = acceptor(exchange, answer, new byte[0]);
        Handshake proposer = proposerOf(exchange, new byte[0]);
        run(acceptor, proposer);
        deliver(proposer.confirm(answer), acceptor);
        assertThat(wire).hasSize(4);
        for (Message message : wire) {
            assertThat(message.size()).isLessThan(1024);
            for (Secret secret : List.of(offerSecret, answer.secret())) {
                assertThat(text(message))
                        .doesNotContain(secret.text())
                        .doesNotContain(HexFormat.of().formatHex(secret.key()))
                        .doesNotContain(Base64.getEncoder().encodeToString(secret.key()));
            }
        }
    }

    @Test
    void noncesAreFresh() {
        List<String> hellos = new ArrayList<>();
        for (int i = 0; i < 100; i++) {
            hellos.add(text(acceptor(address, null, new byte[0]).begin().get(0)));
        }
        assertThat(hellos).doesNotHaveDuplicates();
        assertThat(Json.read("the hello", hellos.get(0))).containsOnlyKeys("hello");
    }

    private byte[] acceptorBinding = {};

    private Handshake acceptor(Exchange known, AnswerSecret answered, byte[] binding) {
        acceptorBinding = binding;
        return Handshake.acceptor("there", Optional.of(binding), greeting("hello", "acks", "x", 1), known, answered);
    }

    private Handshake proposer(Exchange known, byte[] binding) {
        return Handshake.proposer(
                "there",
                Optional.of(binding),
                greeting("acks", "hello", "y", 2),
                handle -> handle.isEmpty() ? Optional.of(known) : Optional.empty());
    }

    private Handshake proposerOf(Exchange known, byte[] binding) {
        return Handshake.proposer(
                "there",
                Optional.of(binding),
                greeting("acks", "hello", "y", 2),
                handle -> handle.filter(HANDLE::equals).map(h -> known));
    }

    private Greeting greeting(String a, String b, String c, long window) {
        return Greeting.fresh(random, List.of(a, b, c), window);
    }

    private int run(Handshake acceptor, Handshake proposer) {
        return run(acceptor, proposer, UnaryOperator.identity());
    }

    /** Carries messages both ways until nobody has anything to say; answers how many are left over. */
    private int run(Handshake acceptor, Handshake proposer, UnaryOperator<Message> middle) {
        wire.clear();
        List<Message> toProposer = new ArrayList<>(acceptor.begin());
        List<Message> toAcceptor = new ArrayList<>(proposer.begin());
        while (!toProposer.isEmpty() || !toAcceptor.isEmpty()) {
            List<Message> next = new ArrayList<>();
            for (Message m : toProposer) {
                wire.add(m);
                next.addAll(proposer.receive(middle.apply(m)));
            }
            toProposer.clear();
            toAcceptor.addAll(next);
            for (Message m : toAcceptor) {
                wire.add(m);
                toProposer.addAll(acceptor.receive(middle.apply(m)));
            }
            toAcceptor.clear();
        }
        return toProposer.size();
    }

    private void deliver(List<Message> messages, Handshake to) {
        for (Message m : messages) {
            wire.add(m);
            assertThat(to.receive(m)).isEmpty();
        }
    }

    private static void refused(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.AUTHENTICATION))
                .hasMessage(WORDS);
    }

    private static SyncException endsInBetween(ThrowingCallable call) {
        SyncException told = catchThrowableOfType(SyncException.class, call);
        assertThat(told.kind()).isEqualTo(ErrorKind.AUTHENTICATION);
        assertThat(told).hasMessageContaining("TLS ends before the listener").hasMessageNotContaining("secret");
        return told;
    }

    private static String text(Message m) {
        return new String(m.payload(), StandardCharsets.UTF_8);
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] hmac(byte[] key, byte[] data) throws Exception {
        javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA256");
        mac.init(new javax.crypto.spec.SecretKeySpec(key, "HmacSHA256"));
        return mac.doFinal(data);
    }
}
