package dev.livesync.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.database.attachments.Attachment;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Attachments between programs that sync, with the threads that there are. */
@Timeout(120)
class AttachmentSyncTest {
    private final Database here = Database.inMemory();
    private final Database there = Database.inMemory();

    private static byte[] content(long seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static Attachment put(Database db, String id, byte[] content) throws IOException {
        Attachment photo = db.attachments().put(new ByteArrayInputStream(content), "image/jpeg");
        db.put(id, Map.of("photo", photo.stub()));
        return photo;
    }

    /** Joins two databases; the session of the one that accepts. */
    private static Session join(Sync offering, Sync accepting) {
        String offer = offering.offer("memory").join();
        Session session = offering.connect(accepting.accept(offer).join()).join();
        offering.backlog().join();
        accepting.backlog().join();
        return session;
    }

    private static void refused(ErrorKind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(kind));
    }

    @Test
    void whatIsOpenedComesWhileItIsRead() throws IOException {
        byte[] content = content(1, 5_000_000);
        Attachment photo = put(here, "p", content);
        try (Sync a = new Sync(here);
                Sync b = new Sync(there)) {
            join(a, b);
            assertThat(there.attachments().bytes()).isZero();
            Attachment named =
                    Attachment.in(there.get("p").orElseThrow().value(), "photo").orElseThrow();
            assertThat(named).isEqualTo(photo);
            try (InputStream in = there.attachments().open(named)) {
                assertThat(in.skip(4_000_000)).isEqualTo(4_000_000);
                assertThat(in.readNBytes(1_000)).isEqualTo(Arrays.copyOfRange(content, 4_000_000, 4_001_000));
            }
            there.attachments().fetch(named);
            assertThat(there.attachments().missing(named)).isZero();
            try (InputStream in = there.attachments().open(named)) {
                assertThat(in.readAllBytes()).isEqualTo(content);
            }
        }
    }

    @Test
    void whatIsWantedWithDocumentsComesAsTheyDo() throws IOException {
        try (Sync a = new Sync(here);
                Sync b = Sync.builder(there)
                        .listener(new SyncListener() {
                            @Override
                            public void sessionOpened(Session session) {
                                session.fetchAttachments(true);
                            }
                        })
                        .build()) {
            Attachment before = put(here, "before", content(2, 400_000));
            join(a, b);
            Attachment after = put(here, "after", content(3, 400_000));
            await().until(() -> there.attachments().missing(before) == 0);
            await().until(() -> there.attachments().missing(after) == 0);
            here.attachments().collect();
            there.attachments().collect();
            assertThat(there.attachments().missing(after)).isZero();
        }
    }

    @Test
    void nobodyWaitsForWhatNobodyHas() throws IOException {
        Attachment lost;
        try (Database gone = Database.inMemory()) {
            lost = put(gone, "p", content(4, 300_000));
        }
        here.put("p", Map.of("photo", lost.stub()));
        refused(ErrorKind.NOT_FOUND, () -> here.attachments().fetch(lost));
        try (Sync a = new Sync(here);
                Sync b = new Sync(there)) {
            join(a, b);
            refused(ErrorKind.NOT_FOUND, () -> there.attachments().fetch(lost));
            try (InputStream in = there.attachments().open(lost)) {
                refused(ErrorKind.NOT_FOUND, in::read);
            }
        }
    }

    @Test
    void whoWaitsIsToldWhenTheSessionOrTheDatabaseEnds() throws IOException {
        Attachment photo = put(here, "p", content(5, 300_000));
        try (Sync a = new Sync(here)) {
            try (Sync b = new Sync(there)) {
                join(a, b);
            }
            refused(ErrorKind.NOT_FOUND, () -> there.attachments().fetch(photo));
        }
        there.close();
        refused(ErrorKind.CLOSED, () -> there.attachments().fetch(photo));
    }
}
