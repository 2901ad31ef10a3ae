package dev.livesync.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * Translates messages of the other modules for the command line: they name builder methods where the user has options. Also removes secrets
 * that a message may quote from an address.
 */
final class Wording {
    /** The secret at the end of an address. */
    private static final Pattern SECRET = Pattern.compile("#[A-Za-z0-9_-]{22,1024}");

    private static final Map<String, String> TERMS = new LinkedHashMap<>();

    static {
        TERMS.put("set allowPlaintextOffLoopback", "say --plaintext");
        TERMS.put("set serverTls or serverKeyStore", "say --keystore");
        TERMS.put("add it to pinnedCertificates", "trust it by --pin");
        TERMS.put("the option maxDocumentBytes allows", "livesync takes up to");
        TERMS.put(" of the option maxBatchEvents", "");
        TERMS.put(" of the option maxBatchBytes", "");
        TERMS.put(" (headsPerPeer)", "");
        TERMS.put(" (pendingBytesPerPeer)", "");
        TERMS.put("give it more with -Xmx", "LIVESYNC_JAVA_OPTS=-Xmx1g gives more");
        TERMS.put(
                "name another folder with -Djava.io.tmpdir",
                "LIVESYNC_JAVA_OPTS=-Djava.io.tmpdir=FOLDER names another folder");
    }

    private Wording() {}

    /** Translates a message for the user of the command. */
    static String of(String message) {
        String text = message;
        for (Map.Entry<String, String> term : TERMS.entrySet()) {
            text = text.replace(term.getKey(), term.getValue());
        }
        return withoutSecrets(text);
    }

    /** The text with three dots where an address has its secret. */
    static String withoutSecrets(String text) {
        return SECRET.matcher(text).replaceAll("#...");
    }
}
