package dev.livesync.it.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Grants between processes: one listens, others grant and revoke beside it, and whoever dials is told what it may do. */
class GrantProcessesTest {
    @TempDir
    private Path directory;

    @Test
    void aReadOnlyPeerIsToldAndRevokingEndsItsSession() {
        Path hub = directory.resolve("hub");
        Path peer = directory.resolve("peer");
        Stored.put(hub, "theirs", "{}");
        Stored.put(peer, "mine", "{}");
        Grant old = Grant.of("old", Rights.READ_WRITE, new SecureRandom())
                .until(Instant.now().minus(Duration.ofDays(1)));
        Grants.inDirectory(hub).add(old);
        try (Command listen = Command.start("listen", hub, "ws://127.0.0.1:0/");
                Command grant = Command.start("grant", hub, "dashboard", "--read-only")) {
            String address = listen.line(1);
            assertThat(address)
                    .as("nobody needs a secret that opens everything")
                    .doesNotContain("#");
            String secret = grant.succeeded().line(1);

            try (Command late =
                            Command.start("dial", directory.resolve("late"), address + "#" + old.secret(), "--once");
                    Command once = Command.start("dial", peer, address + "#" + secret, "--once")) {
                assertThat(late.failed(1)).contains("the secret is not the one of this side");
                assertThat(once.failed(1)).contains("gives read access only").contains("stays in this database");
            }
            listen.message(line -> line.startsWith("refused "));
            listen.message(line -> line.endsWith(", grant dashboard (read)"));

            try (Command dial = Command.start("dial", peer, address + "#" + secret)) {
                dial.message(line -> line.contains("gives read access only"));
                assertThat(Command.run("revoke", hub, "dashboard").lines()).containsExactly("revoked dashboard");
                assertThat(dial.failed(3))
                        .as("a supervisor need not try again")
                        .contains("grant dashboard was revoked");
            }
            listen.message(line -> line.endsWith(" was ended: grant dashboard was revoked"));
            listen.terminate();
            listen.succeeded();
        }
        assertThat(Stored.in(hub)).containsExactly("theirs {}");
        assertThat(Stored.in(peer)).containsExactly("mine {}", "theirs {}");
        assertThat(Stored.in(directory.resolve("late"))).isEmpty();
    }

    /** Whoever accepts needs no more than the offer, and has no more than the grant. */
    @Test
    void whoAcceptsAnOfferHasTheRightsOfItsGrantAsLongAsThatLasts() throws IOException {
        Path hub = directory.resolve("hub");
        Path peer = directory.resolve("peer");
        Stored.put(hub, "theirs", "{}");
        Command.run("grant", hub, "dashboard", "--read-only");
        try (Command offer = Command.start("offer", hub, "--transport", "websocket", "--grant", "dashboard");
                Command accept = Command.start("accept", peer)) {
            accept.type(offer.line(1));
            offer.type(accept.line(1));
            assertThat(offer.message(line -> line.contains("grant dashboard"))).endsWith(", grant dashboard (read)");
            accept.message(line -> line.contains("in step"));
            Command.run("revoke", hub, "dashboard");
            assertThat(accept.failed(1, accept.line(1))).contains("grant dashboard was revoked");
            assertThat(offer.failed(1, offer.line(1))).contains("grant dashboard was revoked");
        }
        assertThat(Stored.in(peer)).containsExactly("theirs {}");
    }
}
