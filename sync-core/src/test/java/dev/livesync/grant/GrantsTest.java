package dev.livesync.grant;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.replica.Subscription;
import dev.livesync.api.transport.PeerIdentity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GrantsTest {
    private static final String SECRET = "AAAAAAAAAAAAAAAAAAAA-AAAAAAAAAAAA_AAAAAAAAA";
    private static final Instant END = Instant.parse("2030-12-31T18:00:00Z");

    private final Random random = new Random(7);

    @TempDir
    private Path directory;

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void grantsAreAddedListedAndRevoked(boolean inMemory) {
        Grants grants = inMemory ? Grants.inMemory() : Grants.inDirectory(directory);
        assertThat(grants.list()).isEmpty();
        Grant bob = Grant.of("bob", Rights.READ, random).until(END);
        Grant alice = Grant.of("alice", Rights.WRITE, random)
                .onlyFor(Set.of(new PeerIdentity("libp2p", "12D3KooWA"), new PeerIdentity("tls", "b:c")));
        int[] changes = {0};
        Subscription subscription = grants.onChange(() -> changes[0]++);
        grants.add(bob);
        grants.add(alice);
        assertThat(grants.list()).containsExactly(alice, bob);
        assertThat(grants.find("bob")).contains(bob);
        assertThat(grants.revoke("bob")).isTrue();
        assertThat(grants.revoke("bob")).isFalse();
        assertThat(changes[0]).isEqualTo(3);
        subscription.close();
        grants.revoke("alice");
        assertThat(changes[0]).isEqualTo(3);
        assertThat(grants.list()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aNameAndASecretAreThereOnce(boolean inMemory) {
        Grants grants = inMemory ? Grants.inMemory() : Grants.inDirectory(directory);
        Grant one = Grant.of("one", Rights.READ, random);
        grants.add(one);
        Grant twin = new Grant("twin", one.secret(), Rights.READ_WRITE, Optional.empty(), Set.of());
        for (Grant other : List.of(Grant.of("one", Rights.READ, random), twin)) {
            assertThatThrownBy(() -> grants.add(other))
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
                    .hasMessageNotContaining(one.secret());
        }
        assertThat(grants.list()).containsExactly(one);
    }

    /** An earlier build says that it needs a newer one, and reads the file again when that grant is gone. */
    @Test
    void theRightToEraseMakesItAFileOfTheSecondVersion() throws IOException {
        Grants grants = Grants.inDirectory(directory);
        Path file = directory.resolve("livesync.grants");
        grants.add(Grant.of("alice", Rights.READ_WRITE, random));
        assertThat(Files.readString(file)).startsWith("livesync grants 1\n");
        Grant bob = Grant.of("bob", Rights.READ_WRITE_ERASE, random);
        grants.add(bob);
        assertThat(Files.readString(file))
                .startsWith("livesync grants 2\n")
                .endsWith("bob read-write-erase never anybody " + bob.secret() + "\n");
        assertThat(grants.find("bob")).contains(bob);
        assertThat(bob.rights().canRead()).isTrue();
        assertThat(bob.rights().canWrite()).isTrue();
        assertThat(grants.list()).filteredOn(grant -> grant.rights().canErase()).containsExactly(bob);
        grants.revoke("bob");
        assertThat(Files.readString(file)).startsWith("livesync grants 1\n");
    }

    @Test
    void twoThatLookAtOneDirectorySeeEachOthersChanges() {
        Grants here = Grants.inDirectory(directory);
        Grants there = Grants.inDirectory(directory);
        assertThat(there.list()).isEmpty();
        List<Grant> all = new ArrayList<>();
        for (int i = 0; i < 50; i++) {
            Grant grant = Grant.of("g%02d".formatted(i), Rights.READ_WRITE, random);
            (i % 2 == 0 ? here : there).add(grant);
            all.add(grant);
            assertThat(here.list()).isEqualTo(all);
            assertThat(there.list()).isEqualTo(all);
        }
        assertThat(there.revoke("g07")).isTrue();
        assertThat(here.find("g07")).isEmpty();
    }

    @Test
    void changesOfSeveralThreadsAreAllKept() {
        List<Grant> all = IntStream.range(0, 40)
                .mapToObj(i -> Grant.of("g%02d".formatted(i), Rights.READ, random))
                .toList();
        all.parallelStream().forEach(grant -> Grants.inDirectory(directory).add(grant));
        assertThat(Grants.inDirectory(directory).list()).isEqualTo(all);
    }

    @Test
    void onlyTheOwnerCanReadTheFileAndNobodySeesASecretElsewhere() throws IOException {
        Grant grant = Grant.of("alice", Rights.READ, random);
        Grants grants = Grants.inDirectory(directory);
        grants.add(grant);
        Path file = directory.resolve("livesync.grants");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(grant.toString()).doesNotContain(grant.secret());
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
        assertThatThrownBy(() -> Grants.inDirectory(directory).list())
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("chmod 600");
    }

    @Test
    void aSecretWithoutRoomFor128BitsIsNone() {
        assertThatThrownBy(() -> new Grant("alice", "1".repeat(38), Rights.READ, Optional.empty(), Set.of()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
                .hasMessageContaining("secret of grant alice")
                .hasMessageContaining("128");
    }

    @Test
    void whatIsNoFileOfGrantsIsRefusedByFileAndOffset() throws IOException {
        String header = "livesync grants 1\n";
        String good = "alice read-only never anybody " + SECRET + "\n";
        for (String[] bad : new String[][] {
            {"", "offset 0"},
            {"livesync grants 0\n", "offset 0"},
            {"livesync grants 3x\n", "offset 0"},
            {header + "alice read-only\n", "offset 18"},
            {header + good + good, "offset " + (18 + good.length())},
            {header + good.trim(), "breaks off"},
            {header + "alice all never anybody " + SECRET + "\n", "read-only, write-only, read-write"},
            {header + "alice read-only tomorrow anybody " + SECRET + "\n", "third word"},
            {header + "alice read-only never me " + SECRET + "\n", "fourth word"},
            {header + "alice read-only never anybody short\n", "secret of grant alice"},
            {header + "al/ice read-only never anybody " + SECRET + "\n", "name"},
            {header + "\n", "5"},
        }) {
            Path file = directory.resolve("livesync.grants");
            Files.writeString(file, bad[0], StandardCharsets.ISO_8859_1);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
            assertThatThrownBy(() -> Grants.inDirectory(directory).list())
                    .as(bad[0])
                    .isInstanceOfSatisfying(
                            SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT))
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("offset")
                    .hasMessageContaining(bad[1])
                    .hasMessageNotContaining(SECRET);
            assertThatThrownBy(() -> Grants.inDirectory(directory).add(Grant.of("bob", Rights.READ, random)))
                    .isInstanceOf(SyncException.class);
            assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).isEqualTo(bad[0]);
        }
    }

    @Test
    void aFileOfALaterVersionIsLeftToALaterBuild() throws IOException {
        String text = "livesync grants 3\nalice read-only never anybody " + SECRET + "\n";
        Path file = directory.resolve("livesync.grants");
        Files.writeString(file, text, StandardCharsets.ISO_8859_1);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        assertThatThrownBy(() -> Grants.inDirectory(directory).list())
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.UNSUPPORTED))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("offset 0")
                .hasMessageContaining("version 3")
                .hasMessageNotContaining(SECRET);
        assertThatThrownBy(() -> Grants.inDirectory(directory).add(Grant.of("bob", Rights.READ, random)))
                .isInstanceOf(SyncException.class);
        assertThat(Files.readString(file, StandardCharsets.ISO_8859_1)).isEqualTo(text);
    }

    @Test
    void aGrantEndsAtItsTimeAndIsForWhomItNames() {
        Grant grant = Grant.of("alice", Rights.READ, random).until(END);
        assertThat(grant.isExpired(END.minusNanos(1))).isFalse();
        assertThat(grant.isExpired(END)).isTrue();
        assertThat(grant.isFor(Optional.empty())).isTrue();
        PeerIdentity peer = new PeerIdentity("libp2p", "12D3KooWA");
        Grant only = grant.onlyFor(Set.of(peer));
        assertThat(only.isFor(Optional.empty())).isFalse();
        assertThat(only.isFor(Optional.of(peer))).isTrue();
        assertThat(only.isFor(Optional.of(new PeerIdentity("libp2p", "12D3KooWB"))))
                .isFalse();
        assertThat(only.isFor(Optional.of(new PeerIdentity("tls", "12D3KooWA"))))
                .isFalse();
    }

    @Test
    void aNameOfOtherCharactersIsRefused() {
        for (String name : List.of("", "a b", "a/b", "ä", "x".repeat(65), "a\nb")) {
            assertThatThrownBy(() -> Grant.of(name, Rights.READ, random)).isInstanceOf(SyncException.class);
        }
    }
}
