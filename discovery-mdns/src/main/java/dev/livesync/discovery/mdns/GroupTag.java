package dev.livesync.discovery.mdns;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Makes and checks the tags of one group. Any thread. */
final class GroupTag {
    /** Bytes of a tag. */
    static final int BYTES = 16;

    private static final String ALGORITHM = "HmacSHA256";
    private static final String PURPOSE = "livesync/mdns/1/";

    private final byte[] key;

    /**
     * Derives the group's key for tags.
     *
     * @param groupKey of the group's secret
     * @param group which of the groups with that secret
     */
    GroupTag(byte[] groupKey, String group) {
        key = hmac(groupKey, (PURPOSE + group).getBytes(StandardCharsets.UTF_8));
    }

    /** The tag of the first bytes of an array. */
    byte[] of(byte[] bytes, int length) {
        return Arrays.copyOf(hmac(key, Arrays.copyOf(bytes, length)), BYTES);
    }

    /** Whether a tag is that of the first bytes of an array. */
    boolean isOf(byte[] tag, byte[] bytes, int length) {
        return MessageDigest.isEqual(tag, of(bytes, length));
    }

    private static byte[] hmac(byte[] key, byte[] bytes) {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(key, ALGORITHM));
            return mac.doFinal(bytes);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }
}
