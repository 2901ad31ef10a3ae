package dev.livesync.transport.memory;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Writes and reads the signals of the memory transport in the field {@code sdp}. */
final class MemorySignals {
    private static final Pattern OFFER = Pattern.compile("memory-signal offer ([0-9]{1,18})");
    private static final Pattern ANSWER = Pattern.compile("memory-signal answer ([0-9]{1,18}) to ([0-9]{1,18})");

    private MemorySignals() {}

    static boolean isOffer(Signal signal) {
        return signal.kind() == Signal.Kind.OFFER && OFFER.matcher(sdp(signal)).matches();
    }

    static Signal offer(long offer) {
        return new Signal(Signal.Kind.OFFER, Map.of("sdp", "memory-signal offer " + offer));
    }

    static Signal answer(long answer, long offer) {
        return new Signal(Signal.Kind.ANSWER, Map.of("sdp", "memory-signal answer " + answer + " to " + offer));
    }

    /** The number of an offer. */
    static long offerIn(Signal signal) {
        Matcher matcher = OFFER.matcher(sdp(signal));
        if (signal.kind() != Signal.Kind.OFFER || !matcher.matches()) {
            throw new SyncException(ErrorKind.MALFORMED, "this is no offer of the memory transport's");
        }
        return Long.parseLong(matcher.group(1));
    }

    /** The number of an answer to a certain offer. */
    static long answerIn(Signal signal, long offer) {
        Matcher matcher = ANSWER.matcher(sdp(signal));
        if (signal.kind() != Signal.Kind.ANSWER || !matcher.matches()) {
            throw new SyncException(ErrorKind.MALFORMED, "this is no answer of the memory transport's");
        }
        if (Long.parseLong(matcher.group(2)) != offer) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "this answer is to offer " + Long.parseLong(matcher.group(2)) + ", not to offer " + offer);
        }
        return Long.parseLong(matcher.group(1));
    }

    private static String sdp(Signal signal) {
        String sdp = signal.field("sdp");
        return sdp == null ? "" : sdp;
    }
}
