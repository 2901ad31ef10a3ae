package dev.livesync.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.Disks;
import dev.livesync.database.disk.FailingDisk;
import dev.livesync.database.disk.FailingDisk.Fault;
import dev.livesync.database.disk.MemoryDisk;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** A JVM without memory: the disk is where tests take it away. */
@ExtendWith(Quiet.class)
class MemoryTest {
    private static final DatabaseOptions NO_CACHE =
            DatabaseOptions.builder().cacheBytes(0).build();

    private final MemoryDisk memory = new MemoryDisk();
    private final FailingDisk disk = new FailingDisk(memory);

    private void refused(Fault fault, ThrowingCallable call) {
        disk.fail(fault);
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.LIMIT_EXCEEDED))
                .hasMessageContaining("memory")
                .hasMessageContaining("-Xmx");
        disk.fail(Fault.NONE);
    }

    @Test
    void aWriteThatFindsNoneHasChangedNothing() {
        try (Database db = SimulatedDatabase.open(disk, NO_CACHE)) {
            db.put("a", "{}");
            for (Fault fault : new Fault[] {Fault.WRITE_MEMORY, Fault.READ_MEMORY}) {
                refused(fault, () -> db.put("b", "{}"));
                assertThat(db.all()).as("after %s", fault).hasSize(1);
                refused(fault, () -> db.write(batch -> batch.put("b", "{}").put("c", "{}")));
                assertThat(db.summary().events()).isEqualTo(1);
            }
            db.put("b", "{}");
            assertThat(db.verify().problems()).isEmpty();
        }
        try (Database again = SimulatedDatabase.open(Disks.of(Disks.bytes(memory)), NO_CACHE)) {
            assertThat(again.all()).hasSize(2);
        }
    }

    @Test
    void openingAndCompactingSayIt() {
        try (Database db = SimulatedDatabase.open(disk, NO_CACHE)) {
            for (int i = 0; i < 50; i++) {
                db.put("a" + i % 7, "{\"i\":" + i + "}");
            }
            for (Fault fault : new Fault[] {Fault.WRITE_MEMORY, Fault.READ_MEMORY}) {
                refused(fault, db::compact);
                assertThat(db.all()).as("after %s", fault).hasSize(7);
                db.put("b", "{}");
                db.delete("b");
            }
            db.compact();
            assertThat(db.verify().problems()).isEmpty();
        }
        FailingDisk other = new FailingDisk(Disks.of(Disks.bytes(memory)));
        other.fail(Fault.READ_MEMORY);
        assertThatThrownBy(() -> SimulatedDatabase.open(other, NO_CACHE))
                .isInstanceOf(SyncException.class)
                .hasMessageContaining("-Xmx");
        try (Database again = SimulatedDatabase.open(Disks.of(Disks.bytes(memory)), NO_CACHE)) {
            assertThat(again.all()).hasSize(7);
        }
    }
}
