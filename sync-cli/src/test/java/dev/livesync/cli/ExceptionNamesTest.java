package dev.livesync.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the file system refuses is said in words, never by the name of an exception; and options by the command's names. */
class ExceptionNamesTest {
    @TempDir
    private Path directory;

    private final Shell shell = new Shell();
    private Path db;

    @BeforeEach
    void fill() {
        db = directory.resolve("db");
        shell.lines("put", db, "a", "{}");
    }

    private String failure(Object... args) {
        return failureWith(1, args);
    }

    private String failureWith(int exitCode, Object... args) {
        assertThat(shell.run(args)).isEqualTo(exitCode);
        assertThat(shell.err()).startsWith("livesync: ").hasLineCount(1);
        assertThat(shell.err()).doesNotContainPattern("[a-z]Exception");
        assertThat(shell.out()).isEmpty();
        return shell.err();
    }

    @Test
    void aLinkThatLeadsNowhere() throws IOException {
        Path dangling = Files.createSymbolicLink(directory.resolve("dangling"), Path.of("nowhere"));
        assertThat(failure("put", dangling, "x", "{}"))
                .contains("cannot open database " + dangling + ": the link " + dangling + " leads nowhere");
        assertThat(failure("backup", db, dangling.resolve("b.car")))
                .contains("the link " + dangling + " leads nowhere");
        assertThat(directory.resolve("nowhere")).doesNotExist();
    }

    @Test
    void aLoopOfLinks() throws IOException {
        Path a = Files.createSymbolicLink(directory.resolve("a"), Path.of("b"));
        Files.createSymbolicLink(directory.resolve("b"), Path.of("a"));
        assertThat(failure("put", a, "x", "{}")).contains("cannot open database " + a + ": too many links");
        assertThat(failure("import", db, a)).contains("too many links");
        assertThat(failure("restore", a, directory.resolve("new"))).contains("too many links");
        assertThat(failure("listen", db, "ws://127.0.0.1:0/", "--secret-file", a))
                .contains("too many links");
        assertThat(failure("listen", db, "libp2p:/ip4/127.0.0.1/tcp/0", "--identity", a))
                .contains("too many links");
    }

    @Test
    void aFolderThatIsNotThere() {
        Path none = directory.resolve("no/such/folder");
        Path missing = directory.resolve("no");
        assertThat(failure("backup", db, none.resolve("b.car")))
                .contains("cannot write " + none.resolve("b.car") + ": there is no folder " + missing);
        assertThat(failure("export", db, "--car", none.resolve("b.car"))).contains("there is no folder " + missing);
        assertThat(failure("listen", db, "ws://127.0.0.1:0/", "--secret-file", none.resolve("s")))
                .contains("there is no folder " + missing);
        assertThat(failure("listen", db, "libp2p:/ip4/127.0.0.1/tcp/0", "--identity", none.resolve("i")))
                .contains("there is no folder " + missing);
        assertThat(failure("import", db, none.resolve("f"))).contains("there is no folder " + missing);
        assertThat(failure("restore", none.resolve("f"), directory.resolve("new")))
                .contains("there is no folder " + missing);
    }

    @Test
    void aFileWhereAFolderShouldBe() throws IOException {
        Path file = Files.writeString(directory.resolve("file"), "precious");
        assertThat(failure("put", file.resolve("db"), "x", "{}")).contains(file + " is no folder");
        assertThat(failure("backup", db, file.resolve("b.car"))).contains(file + " is no folder");
        assertThat(failure("web", db, file)).contains("no page at");
        assertThat(file).hasContent("precious");
    }

    @Test
    void aKeyStoreThatCannotBeHad() throws IOException {
        Path password = secret("password", new byte[] {'x'});
        for (String name : new String[] {"none.p12", "password"}) {
            assertThat(failure(
                            "listen",
                            db,
                            "wss://127.0.0.1:0/",
                            "--keystore",
                            directory.resolve(name),
                            "--keystore-password-file",
                            password))
                    .contains(name);
        }
        Path none = directory.resolve("none");
        assertThat(failure(
                        "listen", db, "wss://127.0.0.1:0/", "--keystore", password, "--keystore-password-file", none))
                .contains("no such file: " + none);
        Path latin = secret("latin", new byte[] {(byte) 0xe4, '\n'});
        assertThat(failure(
                        "listen", db, "wss://127.0.0.1:0/", "--keystore", password, "--keystore-password-file", latin))
                .contains(latin.toString());
    }

    private Path secret(String name, byte[] bytes) throws IOException {
        Path file = Files.write(directory.resolve(name), bytes);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @Test
    void optionsGoByTheNamesThatTheCommandHas() {
        assertThat(failure("listen", db, "ws://0.0.0.0:0/"))
                .contains("--plaintext")
                .doesNotContain("allowPlaintext");
        assertThat(failureWith(DialCommand.GAVE_UP, "dial", db, "ws://192.0.2.1:9/#" + "A".repeat(43)))
                .contains("--plaintext")
                .doesNotContain("allowPlaintext");
        assertThat(failure("listen", db, "wss://127.0.0.1:0/"))
                .contains("--keystore")
                .doesNotContain("serverTls")
                .doesNotContain("serverKeyStore");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "put @ x {}",
                "get @ x",
                "delete @ x",
                "status @",
                "verify @",
                "export @",
                "import @ f",
                "import db @",
                "export db --car @",
                "backup @ f",
                "backup db @",
                "restore @ new",
                "restore f @",
                "listen @ ws://127.0.0.1:0/",
                "listen db ws://127.0.0.1:0/ --secret-file @",
                "dial @ ws://127.0.0.1:1/",
                "offer @ --transport websocket",
                "accept @",
                "web @ page",
                "web db @"
            })
    void anEmptyNameNamesNothing(String line) throws IOException {
        Path before = Path.of("").toAbsolutePath();
        long files = count(before);
        String[] args = line.split(" ");
        for (int i = 0; i < args.length; i++) {
            args[i] = args[i].equals("@") ? "" : args[i].equals("db") ? db.toString() : args[i];
        }
        assertThat(shell.run((Object[]) args)).isEqualTo(2);
        assertThat(shell.err()).startsWith("livesync: ").contains("is empty").hasLineCount(1);
        assertThat(shell.out()).isEmpty();
        assertThat(count(before)).isEqualTo(files);
    }

    private static long count(Path folder) throws IOException {
        try (var files = Files.list(folder)) {
            return files.count();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"listen", "dial"})
    void directoryAndAddressTheOtherWayRound(String command) {
        String secret = "S".repeat(43);
        for (String address : new String[] {"ws://127.0.0.1:1/#" + secret, "libp2p:/ip4/127.0.0.1/tcp/1#" + secret}) {
            assertThat(shell.run(command, address, db)).isEqualTo(2);
            assertThat(shell.err())
                    .startsWith("livesync: ")
                    .hasLineCount(1)
                    .contains("DIR ADDRESS")
                    .doesNotContain("SSSS");
            assertThat(Path.of(address.substring(0, address.indexOf(':') + 1))).doesNotExist();
        }
        assertThat(shell.run(command, db, "ws://127.0.0.1:1/#" + secret, "more"))
                .isEqualTo(2);
        assertThat(shell.err()).doesNotContain("SSSS");
    }
}
