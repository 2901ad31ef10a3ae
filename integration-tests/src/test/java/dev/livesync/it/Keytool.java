package dev.livesync.it;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Key stores of the JDK's own tool, as users would make them. */
public final class Keytool {
    private Keytool() {}

    /**
     * Makes a PKCS #12 file with one key and its certificate.
     *
     * @param name whom the certificate names, such as {@code CN=localhost}
     * @param more further options
     */
    public static Path generate(Path file, String password, String alias, String name, String... more)
            throws IOException, InterruptedException {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair",
                "-keyalg",
                "EC",
                "-storetype",
                "PKCS12",
                "-keystore",
                file.toString(),
                "-storepass",
                password,
                "-alias",
                alias,
                "-dname",
                name));
        line.addAll(List.of(more));
        Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException("keytool: " + said);
        }
        return file;
    }
}
