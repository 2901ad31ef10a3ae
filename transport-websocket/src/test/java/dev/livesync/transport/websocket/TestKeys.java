package dev.livesync.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.security.cert.X509Certificate;

/** A self-signed certificate for localhost, made by the JDK's own tool for each run of the tests. */
record TestKeys(Path file, X509Certificate certificate) {
    static final char[] PASSWORD = "not a secret".toCharArray();

    private static TestKeys shared;

    static synchronized TestKeys shared() throws Exception {
        if (shared == null) {
            shared = generate("san=dns:localhost,ip:127.0.0.1");
        }
        return shared;
    }

    static TestKeys generate(String extension) throws Exception {
        Path directory = Files.createTempDirectory("livesync-keys");
        Path file = directory.resolve("keys.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-alias",
                        "test",
                        "-keyalg",
                        "EC",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        new String(PASSWORD),
                        "-dname",
                        "CN=LiveSync test",
                        "-validity",
                        "2",
                        "-ext",
                        extension)
                .redirectErrorStream(true)
                .start();
        String said = new String(keytool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(keytool.waitFor()).as("keytool: %s", said).isZero();
        KeyStore store = KeyStore.getInstance(file.toFile(), PASSWORD);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> delete(file, directory)));
        return new TestKeys(file, (X509Certificate) store.getCertificate("test"));
    }

    private static void delete(Path... paths) {
        for (Path path : paths) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException e) {
                System.err.println("left behind: " + path);
            }
        }
    }

    String hash() {
        return WebSocketConfiguration.certificateHash(certificate);
    }
}
