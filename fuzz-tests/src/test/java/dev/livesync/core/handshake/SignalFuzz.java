package dev.livesync.core.handshake;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.fuzz.Choices;
import dev.livesync.fuzz.FuzzedReader;
import dev.livesync.fuzz.Seeds;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Offers and answers, introductions, and refusals. */
public final class SignalFuzz {
    private static final int MAX_CHARS = 6_000;
    private static final String SECRET = "fuzzfuzzfuzzfuzzfuzzfuzz";

    private SignalFuzz() {}

    /**
     * The targets.
     *
     * @return in any order
     */
    public static List<FuzzedReader> all() {
        return List.of(
                FuzzedReader.small(
                                "offer",
                                Set.of(ErrorKind.MALFORMED, ErrorKind.UNSUPPORTED),
                                SignalFuzz::offer,
                                SignalFuzz::offers)
                        .allocating(400),
                FuzzedReader.small(
                                "introduction",
                                Set.of(ErrorKind.MALFORMED, ErrorKind.LIMIT_EXCEEDED),
                                SignalFuzz::introduction,
                                SignalFuzz::introductions)
                        .allocating(400),
                FuzzedReader.small(
                                "refusal",
                                Set.of(),
                                SignalFuzz::refusal,
                                () -> List.of(
                                        Refusal.write(ErrorKind.REFUSED).payload(),
                                        Refusal.write(ErrorKind.TIMEOUT).payload()))
                        .allocating(400));
    }

    /** As somebody pasted it, or its JSON, which we wrap. */
    private static void offer(byte[] input) {
        Choices choices = new Choices(input);
        Signal.Kind kind = choices.flag() ? Signal.Kind.ANSWER : Signal.Kind.OFFER;
        boolean wrapped = choices.flag();
        byte[] rest = choices.rest();
        String text = wrapped ? Base64.getEncoder().encodeToString(rest) : new String(rest, StandardCharsets.UTF_8);
        SignalText read = SignalText.read(kind, text, MAX_CHARS);
        assertThat(SignalText.read(kind, read.text(), 2 * MAX_CHARS).text()).isEqualTo(read.text());
        SignalText written = SignalText.write(read.signal(), read.extension());
        SignalText again = SignalText.read(kind, written.text(), 20 * MAX_CHARS);
        assertThat(again.signal()).isEqualTo(read.signal());
        assertThat(again.extension()).isEqualTo(read.extension());
        assertThat(again.text()).isEqualTo(written.text());
        assertThat(read.toString()).doesNotContain(SECRET);
    }

    private static List<byte[]> offers() {
        Secret secret = Secret.parse("the secret", ErrorKind.MALFORMED, SECRET);
        Extension extension = new Extension(
                "AAAAAAAAAAAAAAAAAAAAAA", "websocket", secret, List.of("hello", "events"), "ws://127.0.0.1:9000/");
        SignalText offer = SignalText.write(new Signal(Signal.Kind.OFFER, Map.of()), extension);
        SignalText answer = SignalText.write(
                new Signal(Signal.Kind.ANSWER, Map.of("sdp", "v=0\r\n")),
                new Extension("AAAAAAAAAAAAAAAAAAAAAA", "webrtc", secret, List.of(), null));
        return List.of(
                Seeds.of(0, 0, offer.text()),
                Seeds.of(1, 0, answer.text()),
                Seeds.of(0, 1, json(offer)),
                Seeds.of(1, 1, json(answer)),
                Seeds.of(0, 1, "{\"type\":\"offer\",\"sdp\":\"v=0\"}"));
    }

    private static String json(SignalText text) {
        return new String(Base64.getDecoder().decode(text.text()), StandardCharsets.ISO_8859_1);
    }

    private static void introduction(byte[] input) {
        IntroductionMessage message = IntroductionMessage.read("fuzz", Message.binary(input));
        Message written = message.write();
        assertThat(written.payload()[0]).isEqualTo(input[0]);
        if (message instanceof IntroductionMessage.Stay) {
            assertThat(written.size()).isLessThanOrEqualTo(513);
        } else {
            assertThat(IntroductionMessage.read("fuzz", written)).isEqualTo(message);
        }
    }

    private static List<byte[]> introductions() {
        return List.of(
                new IntroductionMessage.Offer("webrtc", new Signal(Signal.Kind.OFFER, Map.of("sdp", "v=0\r\n")))
                        .write()
                        .payload(),
                new IntroductionMessage.Answer(new Signal(Signal.Kind.ANSWER, Map.of("sdp", "v=0\r\n")))
                        .write()
                        .payload(),
                new IntroductionMessage.Direct().write().payload(),
                new IntroductionMessage.Stay("no such transport").write().payload());
    }

    private static void refusal(byte[] input) {
        SyncException refusal = Refusal.read("fuzz", new Message(Message.Kind.TEXT, input));
        if (refusal != null) {
            assertThat(refusal.kind() == ErrorKind.DISCONNECTED || Refusal.isSaid(refusal.kind()))
                    .isTrue();
            assertThat(refusal.getMessage()).hasSizeLessThan(400).doesNotContain("\n", "\r", "\u001b");
        }
    }
}
