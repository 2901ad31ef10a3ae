package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.livesync.it.Keytool;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.Key;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A proxy that ends TLS in front of a listener, configured by what {@code docs/transports/websocket.md} shows. */
class NginxTest {
    private static final Path PAGE = Path.of("../docs/transports/websocket.md");
    private static final Pattern BLOCK = Pattern.compile("```nginx\n(.*?)```\n", Pattern.DOTALL);
    private static final String PASSWORD = "changeit";

    @TempDir
    private Path directory;

    private Path secret;
    private Path keyStore;
    private Path passwordFile;

    @BeforeAll
    static void needsNginx() {
        boolean there = Nginx.program().isPresent();
        String otherwise = "NOT TESTED behind a proxy: needs nginx";
        if (!there) {
            System.err.println(otherwise);
        }
        assumeTrue(there, otherwise);
    }

    @BeforeEach
    void makeKeys() throws Exception {
        secret = directory.resolve("secret");
        keyStore = directory.resolve("hub.p12");
        passwordFile = directory.resolve("password");
        confidential(passwordFile, PASSWORD);
        Keytool.generate(keyStore, PASSWORD, "hub", "CN=hub.example", "-ext", "san=dns:hub.example");
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(new ByteArrayInputStream(Files.readAllBytes(keyStore)), PASSWORD.toCharArray());
        Key key = store.getKey("hub", PASSWORD.toCharArray());
        pem("hub.crt", "CERTIFICATE", store.getCertificate("hub").getEncoded());
        pem("hub.key", "PRIVATE KEY", key.getEncoded());
    }

    private void pem(String file, String what, byte[] bytes) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
        Files.writeString(
                directory.resolve(file), "-----BEGIN " + what + "-----\n" + text + "\n-----END " + what + "-----\n");
    }

    private static void confidential(Path file, String line) throws IOException {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(file, line + "\n");
    }

    private String pin() throws Exception {
        KeyStore store = KeyStore.getInstance(keyStore.toFile(), PASSWORD.toCharArray());
        byte[] hash = MessageDigest.getInstance("SHA-256")
                .digest(store.getCertificate("hub").getEncoded());
        return HexFormat.of().formatHex(hash);
    }

    /** The page's configuration, in front of a listener at this address. */
    private Nginx nginx(String listening) throws IOException {
        Matcher block = BLOCK.matcher(Files.readString(PAGE));
        assertThat(block.find()).as("a configuration for nginx in %s", PAGE).isTrue();
        String site = Nginx.substitute(block.group(1), "/etc/livesync/", directory + "/");
        return Nginx.start(
                directory.resolve("nginx"),
                Nginx.substitute(site, "proxy_pass https://127.0.0.1:8443;", "proxy_pass " + listening + ";"));
    }

    private static String without(String address) {
        return address.substring(0, address.indexOf("/#"));
    }

    @Test
    void throughTheProxyToTlsOfTheSameCertificateAllGetInStep() throws Exception {
        Stored.put(directory.resolve("hub"), "a", "{\"n\":1}");
        Stored.put(directory.resolve("b"), "b", "{\"n\":2}");
        try (Command listen = Command.start(
                        "listen",
                        directory.resolve("hub"),
                        "wss://127.0.0.1:0/",
                        "--secret-file",
                        secret,
                        "--keystore",
                        keyStore,
                        "--keystore-password-file",
                        passwordFile);
                Nginx nginx = nginx(without(listen.line(1)).replace("wss:", "https:"));
                Command dial = dial(nginx)) {
            dial.succeeded();
            listen.terminate();
            listen.succeeded();
        }
        Stored.equal(directory.resolve("hub"), directory.resolve("b"), "heads and documents");
        assertThat(Stored.in(directory.resolve("b"))).containsExactly("a {\"n\":1}", "b {\"n\":2}");
    }

    @Test
    void whereTlsEndsAtTheProxyBothSidesSaySo() throws Exception {
        Stored.put(directory.resolve("hub"), "a", "{\"n\":1}");
        try (Command listen = Command.start(
                        "listen", directory.resolve("hub"), "ws://127.0.0.1:0/", "--secret-file", secret);
                Nginx nginx = nginx(without(listen.line(1)).replace("ws:", "http:"));
                Command dial = dial(nginx)) {
            assertThat(dial.failed(1))
                    .contains(
                            "TLS ends before the listener",
                            "is encrypted here and plain at the peer",
                            "same certificate")
                    .doesNotContain("secret");
            assertThat(listen.message(line -> line.contains("TLS")))
                    .contains("TLS ends before the listener", "is plain here and encrypted at the peer")
                    .doesNotContain("secret");
        }
        assertThat(Stored.in(directory.resolve("b"))).isEmpty();
    }

    /** A wrong secret stays one, behind the proxy too. */
    @Test
    void aWrongSecretIsCalledOneBehindTheProxyToo() throws Exception {
        try (Command listen = Command.start(
                        "listen",
                        directory.resolve("hub"),
                        "wss://127.0.0.1:0/",
                        "--keystore",
                        keyStore,
                        "--keystore-password-file",
                        passwordFile);
                Nginx nginx = nginx(without(listen.line(1)).replace("wss:", "https:"))) {
            confidential(secret, "A".repeat(43));
            try (Command dial = dial(nginx)) {
                assertThat(dial.failed(1)).contains("secret").doesNotContain("TLS");
            }
            assertThat(listen.message(line -> line.contains("did not prove")))
                    .contains("secret")
                    .doesNotContain("TLS");
        }
    }

    private Command dial(Nginx nginx) throws Exception {
        return Command.start(
                "dial", directory.resolve("b"), nginx.address(), "--once", "--secret-file", secret, "--pin", pin());
    }
}
