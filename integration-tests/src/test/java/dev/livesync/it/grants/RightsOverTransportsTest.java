package dev.livesync.it.grants;

import static dev.livesync.it.grants.Granting.START;
import static dev.livesync.it.grants.Granting.failure;
import static dev.livesync.it.grants.Granting.get;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.BinaryType;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Rights;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rights, over everything that carries a session: what a peer may not write is never stored, and what it may not read never reaches it. */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class RightsOverTransportsTest {
    @TempDir
    private static Path scratch;

    private static Grant grant(Rights rights) {
        return Grant.of("alice", rights, new SecureRandom());
    }

    private static void assertAuthentication(SyncException failure, String words) {
        assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(ErrorKind.AUTHENTICATION);
        assertThat(failure).hasMessageContaining(words);
    }

    @ParameterizedTest
    @EnumSource
    void aReadOnlyPeerReadsAndIsToldThatNothingOfItsOwnIsTaken(Way way) throws Exception {
        try (Granting ends = new Granting(way, scratch)) {
            Grant grant = grant(Rights.READ);
            ends.grants.add(grant);
            Set<Cid> before = Granting.stored(ends.hub);
            Session session = ends.connect(grant);
            get(session.backlog());
            assertThat(session.rights()).isEqualTo(Rights.READ);
            assertThat(ends.mine.get("the-hubs-id")).isPresent();
            assertThat(ends.heard()).as("what a tap hears").contains("the-hubs-id", "what the hub knows");
            assertThat(failure(session.delivered()).kind()).isEqualTo(ErrorKind.REFUSED);
            assertThat(ends.refused).hasSize(1);
            assertThat(ends.refused.get(0)).hasMessageContaining("read access only");
            assertThat(Granting.stored(ends.hub)).isEqualTo(before);
            assertThat(ends.atHub.sessions().get(0).peer().grant()).contains("alice");
            assertThat(ends.atHub.sessions().get(0).statistics().carsReceived()).isZero();
        }
    }

    /** A build that doesn't heed what it may do: the word of it never arrives, so it sends. */
    @ParameterizedTest
    @EnumSource
    void whatAReadOnlyPeerSendsAllTheSameIsRefusedBeforeItIsStored(Way way) throws Exception {
        try (Granting ends =
                new Granting(way, scratch, write -> Optional.empty(), RightsOverTransportsTest::isRights)) {
            Grant grant = grant(Rights.READ);
            ends.grants.add(grant);
            Set<Cid> before = Granting.stored(ends.hub);
            Session session = ends.connect(grant);
            SyncException why = failure(session.delivered());
            assertThat(why.kind()).isEqualTo(ErrorKind.REFUSED);
            assertThat(why).hasMessageContaining("read access only");
            Session there = ends.atHub.sessions().get(0);
            await("it was sent").until(() -> there.statistics().carsReceived() > 0);
            assertThat(Granting.stored(ends.hub)).isEqualTo(before);
            assertThat(ends.hub.get("the-peers-id")).isEmpty();
            assertThat(session.closed()).isNotDone();
        }
    }

    private static boolean isRights(Message message) {
        return message.size() == 2 && message.payload()[0] == BinaryType.RIGHTS;
    }

    @ParameterizedTest
    @EnumSource
    void aWriteOnlyPeerWritesAndLearnsNothing(Way way) throws Exception {
        try (Granting ends = new Granting(way, scratch)) {
            Grant grant = grant(Rights.WRITE);
            ends.grants.add(grant);
            Session session = ends.connect(grant);
            get(session.delivered());
            assertThat(ends.hub.get("the-peers-id")).isPresent();
            ends.hub.put("later-at-the-hub", "{}");
            get(ends.atHub.sessions().get(0).delivered().handle((nothing, thrown) -> ""));
            ends.mine.put("later-at-the-peer", "{}");
            get(session.delivered());
            session.close();
            get(session.closed());
            assertThat(ends.hub.all()).hasSize(4);
            assertThat(ends.mine.all()).hasSize(2);
            ends.assertNothingLearned();
        }
    }

    @ParameterizedTest
    @EnumSource
    void anExpiredGrantOpensNothing(Way way) throws Exception {
        try (Granting ends = new Granting(way, scratch)) {
            Grant grant = grant(Rights.READ_WRITE).until(START.plusSeconds(60));
            ends.grants.add(grant);
            Throwable thrown = catchThrowable(() -> ends.connect(grant, () -> ends.now = START.plusSeconds(60)));
            assertThat(thrown).isNotNull();
            assertAuthentication((SyncException) thrown.getCause(), "the secret is not the one of this side");
            assertThat(ends.heard().lines())
                    .as("one refusal, the same as for a wrong secret")
                    .hasSizeLessThanOrEqualTo(1);
            ends.assertNothingLearned();
            assertThat(ends.hub.all()).hasSize(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGrantThatExpiresEndsItsSession(Way way) throws Exception {
        try (Granting ends = new Granting(way, scratch)) {
            Grant grant = grant(Rights.WRITE).until(START.plusSeconds(60));
            ends.grants.add(grant);
            Session session = ends.connect(grant);
            get(session.backlog());
            ends.now = START.plusSeconds(60);
            assertAuthentication(failure(session.closed()), "grant alice expired at 2030-01-01T00:01:00Z");
            ends.mine.put("too-late", "{}");
            assertThat(ends.hub.get("too-late")).isEmpty();
            ends.assertNothingLearned();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aGrantThatIsRevokedEndsItsSessionAndOpensNoOther(Way way) throws Exception {
        try (Granting ends = new Granting(way, scratch)) {
            Grant grant = grant(Rights.READ);
            ends.grants.add(grant);
            Session session = ends.connect(grant);
            get(session.backlog());
            Session there = ends.atHub.sessions().get(0);
            assertThat(ends.grants.revoke("alice")).isTrue();
            assertAuthentication(failure(session.closed()), "grant alice was revoked");
            assertAuthentication(failure(there.closed()), "grant alice was revoked");
            ends.hub.put("later-at-the-hub", "{}");
            int heard = ends.heard().length();
            ends.grants.add(grant);
            Throwable thrown = catchThrowable(() -> ends.connect(grant, () -> ends.grants.revoke("alice")));
            assertAuthentication((SyncException) thrown.getCause(), "the secret is not the one of this side");
            assertThat(ends.heard().substring(heard).lines()).hasSizeLessThanOrEqualTo(1);
            assertThat(ends.heard()).doesNotContain("later-at-the-hub");
            assertThat(ends.mine.get("later-at-the-hub")).isEmpty();
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatAnAuthorizerRefusesIsNotStoredAndTheSessionGoesOn(Way way) throws Exception {
        try (Granting ends = new Granting(
                way,
                scratch,
                write -> write.id().startsWith("locked") ? Optional.of("it is somebody else's") : Optional.empty(),
                message -> false)) {
            Grant grant = grant(Rights.WRITE);
            ends.grants.add(grant);
            Session session = ends.connect(grant);
            get(session.delivered());
            Set<Cid> before = Granting.stored(ends.hub);
            Cid refused = ends.mine.put("locked/1", "{}");
            assertThat(failure(session.delivered()).kind()).isEqualTo(ErrorKind.REFUSED);
            await().until(() -> !ends.refused.isEmpty());
            assertThat(ends.refused.get(0))
                    .hasMessageContaining("document \"locked/1\" was refused: it is somebody else's")
                    .hasMessageContaining(refused.toString());
            assertThat(Granting.stored(ends.hub)).isEqualTo(before);
            assertThat(session.closed()).isNotDone();
            ends.assertNothingLearned();
        }
    }
}
