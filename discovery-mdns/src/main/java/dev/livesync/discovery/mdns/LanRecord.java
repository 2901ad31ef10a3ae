package dev.livesync.discovery.mdns;

import dev.livesync.api.discovery.DiscoveredPeer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a peer says of itself on the network: the strings of a TXT record, {@code v=1}, {@code n=} its name, {@code t=} when it was written in
 * seconds since 1970, {@code a0=} and so on its addresses, and last {@code k=} the group's tag over all the bytes before it. Whoever hasn't the
 * key can't tell whether two records are of one group, or of which. Immutable; any thread.
 *
 * @param peer name and addresses
 * @param written when, in whole seconds
 */
record LanRecord(DiscoveredPeer peer, Instant written) {
    /** The most bytes of a TXT record: with all that belongs to it, it fits in one packet. */
    static final int MAX_BYTES = 1_000;

    private static final int MAX_STRING = 255;
    private static final String VERSION = "v=1";
    private static final String TAG = "k=";
    private static final int TAG_CHARS = (GroupTag.BYTES * 8 + 5) / 6;

    /**
     * The record for the network.
     *
     * @throws IllegalArgumentException if it has no room there, or an address has other characters than ASCII's
     */
    byte[] encode(GroupTag tag) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        add(out, VERSION);
        add(out, "n=" + peer.name());
        add(out, "t=" + written.getEpochSecond());
        for (int i = 0; i < peer.addresses().size(); i++) {
            add(out, "a" + i + "=" + peer.addresses().get(i));
        }
        byte[] bytes = out.toByteArray();
        add(out, TAG + Base64.getUrlEncoder().withoutPadding().encodeToString(tag.of(bytes, bytes.length)));
        if (out.size() > MAX_BYTES) {
            throw new IllegalArgumentException("the addresses are too long for the local network, together "
                    + out.size() + " of " + MAX_BYTES + " bytes");
        }
        return out.toByteArray();
    }

    private static void add(ByteArrayOutputStream out, String string) {
        if (string.length() > MAX_STRING) {
            throw new IllegalArgumentException("an address is too long for the local network");
        }
        if (!string.chars().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw new IllegalArgumentException("an address has characters that the local network doesn't carry");
        }
        out.write(string.length());
        out.writeBytes(string.getBytes(StandardCharsets.US_ASCII));
    }

    /**
     * Reads what anybody may have sent. Until the tag has turned out to be the group's, nothing else of it is looked at.
     *
     * @return empty if it is of no member of the group, or none of these
     */
    static Optional<LanRecord> decode(byte[] text, GroupTag tag) {
        int tagString = text.length - 1 - TAG.length() - TAG_CHARS;
        if (text.length > MAX_BYTES || tagString < 0 || !isTagged(text, tagString, tag)) {
            return Optional.empty();
        }
        try {
            return Optional.ofNullable(read(strings(text, tagString)));
        } catch (IllegalArgumentException | DateTimeException e) {
            return Optional.empty();
        }
    }

    private static boolean isTagged(byte[] text, int tagString, GroupTag tag) {
        String last = new String(text, tagString + 1, text.length - tagString - 1, StandardCharsets.ISO_8859_1);
        if ((text[tagString] & 0xff) != last.length() || !last.startsWith(TAG)) {
            return false;
        }
        try {
            return tag.isOf(Base64.getUrlDecoder().decode(last.substring(TAG.length())), text, tagString);
        } catch (IllegalArgumentException e) {
            return false; // no base64
        }
    }

    private static List<String> strings(byte[] text, int end) {
        List<String> strings = new ArrayList<>();
        int at = 0;
        while (at < end) {
            int length = text[at] & 0xff;
            if (length > end - at - 1) {
                throw new IllegalArgumentException("a string goes on behind the end");
            }
            strings.add(new String(text, at + 1, length, StandardCharsets.US_ASCII));
            at += 1 + length;
        }
        return strings;
    }

    /** What a member wrote; strings that this build doesn't know are left out. */
    private static @Nullable LanRecord read(List<String> strings) {
        if (strings.isEmpty() || !strings.get(0).equals(VERSION)) {
            return null;
        }
        String name = "";
        long written = Long.MIN_VALUE;
        List<String> addresses = new ArrayList<>();
        for (String string : strings) {
            if (string.startsWith("n=")) {
                name = string.substring(2);
            } else if (string.startsWith("t=")) {
                written = Long.parseLong(string.substring(2));
            } else if (string.startsWith("a" + addresses.size() + "=")) {
                addresses.add(string.substring(string.indexOf('=') + 1));
            }
        }
        return new LanRecord(new DiscoveredPeer(name, addresses), Instant.ofEpochSecond(written));
    }
}
