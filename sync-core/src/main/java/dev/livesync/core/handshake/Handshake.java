package dev.livesync.core.handshake;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.json.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One end of the mutual proof, sans I/O: messages go in, messages to send come out. One thread at a time.
 *
 * <p>The acceptor speaks first and proves first. The proposer proves when it is told to ({@link #confirm}): at once where it
 * listens, or when {@code connect(answer)} has named this very channel.
 *
 * <p>Whatever a peer does wrong fails with the same words, {@link ErrorKind#AUTHENTICATION}; only a later version of the
 * protocol and encryption that ends in between are told apart, because the one who can do something about it sits here. A
 * peer that gives up may say why with a {@link Refusal}. A handshake that has failed stays so.
 */
public final class Handshake {
    private enum Step {
        BEGIN,
        HELLO,
        PROOF,
        CONFIRM,
        DONE,
        FAILED
    }

    private final Role role;
    private final String remote;
    private final byte[] binding;
    private final Hello mine;
    private final byte[] myBytes;
    private final Function<Optional<String>, Optional<Exchange>> exchanges;
    private @Nullable Exchange exchange;
    private @Nullable AnswerSecret answer;
    private @Nullable Hello theirs;
    private byte[] theirBytes = {};
    private Step step = Step.BEGIN;
    private boolean later;
    private boolean toldByPeer;

    private Handshake(
            Role role,
            String remote,
            Optional<byte[]> binding,
            Hello mine,
            Function<Optional<String>, Optional<Exchange>> exchanges) {
        this.role = role;
        this.remote = remote;
        this.binding = binding.orElseGet(() -> new byte[0]).clone();
        this.mine = mine;
        this.myBytes = mine.write();
        this.exchanges = exchanges;
    }

    /**
     * Creates the handshake of the end that dialled an address or accepted an offer.
     *
     * @param remote names the peer in messages
     * @param binding the channel's
     * @param greeting what this side brings
     * @param exchange the secret it was given
     * @param answer what it answered; null where it dialled an address
     * @return a handshake that {@link #begin begins} with a hello
     */
    public static Handshake acceptor(
            String remote,
            Optional<byte[]> binding,
            Greeting greeting,
            Exchange exchange,
            @Nullable AnswerSecret answer) {
        Hello hello = new Hello(
                Role.ACCEPTOR,
                greeting.nonce(),
                greeting.features(),
                greeting.window(),
                SeenBinding.of(binding.orElseGet(() -> new byte[0])),
                exchange.offer(),
                answer == null ? null : token(answer.hash()));
        Handshake handshake = new Handshake(Role.ACCEPTOR, remote, binding, hello, handle -> Optional.of(exchange));
        handshake.exchange = exchange;
        handshake.answer = answer;
        return handshake;
    }

    /**
     * Creates the handshake of the end that listens or made the offer.
     *
     * @param remote names the peer in messages
     * @param binding the channel's
     * @param greeting what this side brings
     * @param exchanges finds what the peer's hello names: an offer's handle, or nothing for the listening address itself.
     *     Called at most once
     * @return a handshake that waits for a hello
     */
    public static Handshake proposer(
            String remote,
            Optional<byte[]> binding,
            Greeting greeting,
            Function<Optional<String>, Optional<Exchange>> exchanges) {
        Hello hello = new Hello(
                Role.PROPOSER,
                greeting.nonce(),
                greeting.features(),
                greeting.window(),
                SeenBinding.of(binding.orElseGet(() -> new byte[0])),
                null,
                null);
        return new Handshake(Role.PROPOSER, remote, binding, hello, exchanges);
    }

    /**
     * Starts the handshake. Called once, first.
     *
     * @return what to send, in order
     */
    public List<Message> begin() {
        step = Step.HELLO;
        return role == Role.ACCEPTOR ? List.of(text(myBytes)) : List.of();
    }

    /**
     * Takes the peer's next message.
     *
     * @param message what came
     * @return what to send, in order
     * @throws SyncException {@link ErrorKind#AUTHENTICATION}, {@link ErrorKind#UNSUPPORTED} for a later version, or what the
     *     peer's {@link Refusal} says: nothing more may be sent but such a word of our own, the channel has to end. An acceptor
     *     that learns that it isn't connected to the proposer shows no proof
     */
    public List<Message> receive(Message message) {
        Step now = step;
        step = Step.FAILED;
        SyncException told = metPeer() || role == Role.ACCEPTOR ? Refusal.read(remote, message) : null;
        if (told != null) {
            toldByPeer = true;
            // What can be seen from here says more than what the peer takes for a wrong secret.
            throw told.kind() == ErrorKind.AUTHENTICATION ? endsInBetween().orElse(told) : told;
        }
        if (message.kind() != Message.Kind.TEXT) {
            throw refused();
        }
        return switch (now) {
            case HELLO -> hello(message.payload());
            case PROOF -> proof(message.payload());
            default -> throw refused();
        };
    }

    /**
     * Whether the peer has said a hello, and so would understand a {@link Refusal}.
     *
     * @return true if it has
     */
    public boolean metPeer() {
        return theirs != null || later;
    }

    /**
     * Whether it was the peer who ended the handshake, with a {@link Refusal}.
     *
     * @return true if so
     */
    public boolean toldByPeer() {
        return toldByPeer;
    }

    /**
     * Whether the acceptor has proved itself to this proposer, which may now {@link #confirm}.
     *
     * @return false before, and after it has confirmed
     */
    public boolean peerProved() {
        return step == Step.CONFIRM;
    }

    /**
     * The exchange that the acceptor's hello named.
     *
     * @return the exchange; empty before the hello and where it named none that is known
     */
    public Optional<Exchange> exchange() {
        return Optional.ofNullable(exchange);
    }

    /**
     * Whether a text is the answer that the acceptor's hello named.
     *
     * @param hash SHA-256 of the answer's text
     * @return true if it is
     */
    public boolean isAnswer(byte[] hash) {
        return theirs != null && token(hash).equals(theirs.answer());
    }

    /**
     * Proves the proposer to the acceptor, which ends the handshake.
     *
     * @param confirmed the answer that named this channel; null where an address was dialled
     * @return what to send, in order
     * @throws IllegalStateException unless {@link #peerProved}
     */
    public List<Message> confirm(@Nullable AnswerSecret confirmed) {
        if (step != Step.CONFIRM) {
            throw new IllegalStateException("the acceptor has not proved itself");
        }
        answer = confirmed;
        step = Step.DONE;
        return List.of(prove(Role.PROPOSER));
    }

    /**
     * Whether both ends have proved the secret.
     *
     * @return true when protocol messages may pass
     */
    public boolean done() {
        return step == Step.DONE;
    }

    /**
     * Why no handshake can succeed on this channel, if the hellos show that the two ends see different bindings. For whoever has
     * to say why it came to nothing: the peer, which learns the same, just leaves.
     *
     * @return {@link ErrorKind#AUTHENTICATION}, with the words for it; empty if the bindings are the same, or not known yet
     */
    public Optional<SyncException> endsInBetween() {
        return Optional.ofNullable(theirs)
                .flatMap(hello -> SeenBinding.difference(SeenBinding.of(binding), hello.binding()))
                .map(difference -> new SyncException(
                        ErrorKind.AUTHENTICATION,
                        "the connection to the peer at " + remote + " " + difference
                                + ": TLS ends before the listener, at a proxy or at somebody who listens in. A proxy has to pass"
                                + " on encrypted, to a listener that has the same certificate as the proxy"));
    }

    /**
     * What was agreed on.
     *
     * @return the agreement
     * @throws IllegalStateException unless {@link #done}
     */
    public Agreement agreement() {
        if (step != Step.DONE || theirs == null) {
            throw new IllegalStateException("the handshake is not done");
        }
        Set<String> common = new LinkedHashSet<>(mine.features());
        common.retainAll(theirs.features());
        return new Agreement(common, theirs.window());
    }

    private List<Message> hello(byte[] message) {
        Hello hello;
        try {
            hello = Hello.read(message);
        } catch (SyncException e) {
            later = e.kind() == ErrorKind.UNSUPPORTED;
            throw later ? e : refused();
        }
        if (hello.role() == role) {
            throw refused();
        }
        theirs = hello;
        theirBytes = message;
        step = Step.PROOF;
        if (role == Role.ACCEPTOR) {
            Optional<SyncException> between = endsInBetween();
            if (between.isPresent()) {
                step = Step.FAILED;
                throw between.get(); // a proof would be for whoever is in between
            }
            return List.of(prove(Role.ACCEPTOR));
        }
        // An unknown handle fails where a wrong proof does, so that nobody learns which handles exist.
        exchange = exchanges.apply(Optional.ofNullable(hello.offer())).orElse(null);
        return List.of(text(myBytes));
    }

    private List<Message> proof(byte[] message) {
        byte[] proof = readProof(message);
        if (exchange == null || !MessageDigest.isEqual(proof, compute(role.other()))) {
            throw endsInBetween().orElseGet(this::refused);
        }
        if (theirs != null && role == Role.PROPOSER && (theirs.offer() == null) != (theirs.answer() == null)) {
            throw refused();
        }
        step = role == Role.PROPOSER ? Step.CONFIRM : Step.DONE;
        return List.of();
    }

    private Message prove(Role prover) {
        return text(Json.write(Map.of("proof", token(compute(prover)))).getBytes(StandardCharsets.US_ASCII));
    }

    private byte[] compute(Role prover) {
        if (exchange == null || theirs == null) {
            throw new IllegalStateException("no hello yet");
        }
        byte[] key = prover == Role.PROPOSER && answer != null
                ? Proof.proposerKey(exchange.secret(), answer.secret())
                : exchange.secret().key();
        Hello acceptors = role == Role.ACCEPTOR ? mine : theirs;
        byte[] answerHash = acceptors.answer() == null
                ? new byte[0]
                : Base64.getUrlDecoder().decode(acceptors.answer());
        return Proof.of(
                key,
                prover,
                List.of(
                        role == Role.ACCEPTOR ? myBytes : theirBytes,
                        role == Role.ACCEPTOR ? theirBytes : myBytes,
                        exchange.offerHash(),
                        answerHash,
                        binding));
    }

    private byte[] readProof(byte[] message) {
        try {
            if (message.length <= Hello.MAX_BYTES
                    && Json.read("the proof", Hello.utf8(message)).get("proof") instanceof String proof
                    && Tokens.isToken(proof, Tokens.BYTES)) {
                return Base64.getUrlDecoder().decode(proof);
            }
        } catch (SyncException e) {
            throw refused();
        }
        throw refused();
    }

    private SyncException refused() {
        return new SyncException(
                ErrorKind.AUTHENTICATION, "the peer at " + remote + " did not prove that it knows the secret");
    }

    private static String token(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    private static Message text(byte[] ascii) {
        return new Message(Message.Kind.TEXT, ascii);
    }
}
