package dev.livesync.transport.webrtc;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.internal.Digests;
import dev.livesync.api.transport.Signal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a signal's {@code sdp} says (RFC 8866, 8841, 8842), as far as we must know before libwebrtc gets it: that it is about
 * one data channel and nothing else, whose certificate it announces, and how long a message may be.
 *
 * <p>An answer does not say which offer it is to, and one to another offer would fail only after a long time. Our offers
 * therefore carry a {@code mid} of their own, which every answer has to repeat (RFC 8843); libwebrtc itself, which knows it
 * by the name it gave, never sees it. Immutable.
 */
final class SessionDescription {
    /** The largest message that libwebrtc sends and receives. */
    static final int MAX_MESSAGE = 262_144;
    /** The limit of a peer that states none, by RFC 8841. */
    static final int UNSTATED_MAX_MESSAGE = 65_536;
    /** The least limit that the SPI promises. */
    private static final int LEAST_MAX_MESSAGE = 1024;

    private static final String FIELD = "sdp";
    private static final int MAX_CHARS = 64 * 1024;
    private static final int MAX_LINES = 1000;
    private static final Pattern MEDIA =
            Pattern.compile("m=application [0-9]{1,5} (UDP|TCP)/DTLS/SCTP webrtc-datachannel");
    private static final Pattern FINGERPRINT =
            Pattern.compile("a=fingerprint:(sha-(?:1|224|256|384|512)) ((?:[0-9A-Fa-f]{2}:){19,63}[0-9A-Fa-f]{2})");
    private static final Pattern CANDIDATE = Pattern.compile(
            "a=candidate:\\S{1,64} [0-9]{1,5} \\S{1,8} [0-9]{1,10} ([0-9A-Za-z.:-]{1,255}) ([0-9]{1,5}) typ .*");

    private final Signal.Kind kind;
    private final String sdp;
    private final Map<String, String> attributes = new LinkedHashMap<>();
    private final byte[] fingerprint;
    private final @Nullable String firstAddress;
    private final int maxMessageBytes;

    private SessionDescription(Signal.Kind kind, String sdp) {
        this.kind = kind;
        this.sdp = sdp;
        String[] lines = lines();
        byte[] hash = null;
        String address = null;
        boolean media = false;
        for (String line : lines) {
            if (line.startsWith("m=")) {
                if (media || !MEDIA.matcher(line).matches()) {
                    throw malformed("is not for one data channel alone");
                }
                media = true;
            } else if (line.startsWith("a=fingerprint:")) {
                byte[] next = fingerprint(line);
                if (hash != null && !MessageDigest.isEqual(hash, next)) {
                    throw malformed("has two fingerprints");
                }
                hash = next;
            } else if (line.startsWith("a=candidate:")) {
                Matcher candidate = CANDIDATE.matcher(line);
                if (!candidate.matches()) {
                    throw malformed("has a candidate that is none");
                }
                address = address == null ? candidate.group(1) + ":" + candidate.group(2) : address;
            } else if (line.startsWith("a=")) {
                note(line.substring(2));
            }
        }
        if (!media || hash == null) {
            throw malformed(media ? "has no fingerprint" : "is not for a data channel");
        }
        this.fingerprint = hash;
        this.firstAddress = address;
        if (!require("ice-ufrag").matches("[0-9A-Za-z+/]{4,256}")
                || !require("ice-pwd").matches("[0-9A-Za-z+/]{22,256}")) {
            throw malformed("has no usable ICE credentials");
        }
        String setup = require("setup");
        if (kind == Signal.Kind.ANSWER && !setup.equals("active") && !setup.equals("passive")) {
            throw malformed("is no answer to anything, but an offer");
        }
        this.maxMessageBytes = statedMaxMessage();
    }

    /**
     * Reads an offer, ours or a peer's.
     *
     * @throws SyncException {@link ErrorKind#MALFORMED} unless it is one for a data channel
     */
    static SessionDescription offer(Signal signal) {
        return new SessionDescription(Signal.Kind.OFFER, text(signal, Signal.Kind.OFFER));
    }

    /**
     * Reads an answer.
     *
     * @throws SyncException {@link ErrorKind#MALFORMED} unless it is one for a data channel
     */
    static SessionDescription answer(Signal signal) {
        return new SessionDescription(Signal.Kind.ANSWER, text(signal, Signal.Kind.ANSWER));
    }

    /** Reads what libwebrtc wrote. */
    static SessionDescription of(Signal.Kind kind, String sdp) {
        return new SessionDescription(kind, sdp);
    }

    private static String text(Signal signal, Signal.Kind expected) {
        String sdp = signal.field(FIELD);
        if (signal.kind() != expected || sdp == null) {
            throw new SyncException(
                    ErrorKind.MALFORMED,
                    "this is no " + name(expected) + " of WebRTC's: it has no session description");
        }
        return sdp;
    }

    private static String name(Signal.Kind kind) {
        return kind.name().toLowerCase(Locale.ROOT);
    }

    private SyncException malformed(String problem) {
        return new SyncException(ErrorKind.MALFORMED, "the session description of the " + name(kind) + " " + problem);
    }

    private String[] lines() {
        if (sdp.length() > MAX_CHARS) {
            throw malformed("has " + sdp.length() + " characters; at most " + MAX_CHARS + " are read");
        }
        if (!sdp.chars().allMatch(c -> c >= 0x20 && c < 0x7f || c == '\r' || c == '\n')) {
            throw malformed("has characters that do not belong there");
        }
        String[] lines = sdp.split("\r?\n", MAX_LINES + 1);
        if (lines.length > MAX_LINES) {
            throw malformed("has more than " + MAX_LINES + " lines");
        }
        if (!lines[0].equals("v=0")) {
            throw malformed("does not begin like one");
        }
        return lines;
    }

    private void note(String attribute) {
        int colon = attribute.indexOf(':');
        String name = colon < 0 ? attribute : attribute.substring(0, colon);
        String value = colon < 0 ? "" : attribute.substring(colon + 1);
        String before = attributes.put(name, value);
        if (before != null && !before.equals(value) && (name.equals("mid") || name.equals("max-message-size"))) {
            throw malformed("says two things about " + name);
        }
    }

    private String require(String attribute) {
        String value = attributes.get(attribute);
        if (value == null || value.isEmpty()) {
            throw malformed("has no " + attribute);
        }
        return value;
    }

    private byte[] fingerprint(String line) {
        Matcher matcher = FINGERPRINT.matcher(line);
        if (!matcher.matches()) {
            throw malformed("has a fingerprint that is none");
        }
        return HexFormat.of().parseHex(matcher.group(2).replace(":", ""));
    }

    private int statedMaxMessage() {
        String stated = attributes.get("max-message-size");
        if (stated == null) {
            return UNSTATED_MAX_MESSAGE;
        }
        if (!stated.matches("[0-9]{1,18}")) {
            throw malformed("has a max-message-size that is none");
        }
        long bytes = Long.parseLong(stated);
        if (bytes == 0) { // no limit
            return MAX_MESSAGE;
        }
        if (bytes < LEAST_MAX_MESSAGE) {
            throw malformed("allows messages of " + bytes + " bytes; it takes at least " + LEAST_MAX_MESSAGE);
        }
        return (int) Math.min(MAX_MESSAGE, bytes);
    }

    /** The text for libwebrtc. */
    String sdp() {
        return sdp;
    }

    /** The largest message that its writer receives and libwebrtc can send. */
    int maxMessageBytes() {
        return maxMessageBytes;
    }

    /** The hash of its writer's certificate. */
    byte[] fingerprint() {
        return fingerprint.clone();
    }

    /** Whether there is an address to try. */
    boolean hasAddress() {
        return firstAddress != null;
    }

    /** Its writer, for messages to people. */
    String remote() {
        return "webrtc:" + (firstAddress == null ? "unknown" : firstAddress);
    }

    String mid() {
        String mid = attributes.get("mid");
        return mid == null ? "" : mid;
    }

    /** The name of our offer's one section, which tells an answer to it from others; nobody chooses it. */
    String ownMid() {
        byte[] hash = Digests.sha256(fingerprint, require("ice-ufrag").getBytes(StandardCharsets.US_ASCII));
        return HexFormat.of().formatHex(hash, 0, 6);
    }

    /** Copies it with another name of its section. */
    SessionDescription withMid(String mid) {
        String old = mid();
        StringBuilder text = new StringBuilder();
        for (String line : lines()) {
            String changed = line;
            if (line.equals("a=mid:" + old)) {
                changed = "a=mid:" + mid;
            } else if (line.equals("a=group:BUNDLE " + old)) {
                changed = "a=group:BUNDLE " + mid;
            }
            if (!changed.isEmpty()) {
                text.append(changed).append("\r\n");
            }
        }
        return new SessionDescription(kind, text.toString());
    }

    /** Copies it with a limit for messages to its writer. */
    SessionDescription withMaxMessage(int bytes) {
        if (bytes >= maxMessageBytes) {
            return this;
        }
        return new SessionDescription(kind, sdp.replaceAll("a=max-message-size:[0-9]+", "a=max-message-size:" + bytes));
    }

    Signal signal() {
        return new Signal(kind, Map.of(FIELD, sdp));
    }
}
