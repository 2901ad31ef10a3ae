package dev.livesync.database;

import static dev.livesync.database.Replicas.assertKind;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.disk.SimulatedDisk;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A write fails, the next one reads all afresh, and meanwhile the disk has damaged what was acknowledged. That took it for the rest of the write that
 * failed, and cut it off; a simulated world found it, seed 10007026.
 */
@ExtendWith(Quiet.class)
class DamageBehindAFailureTest {
    private static final String SEGMENT = "segment-00000001.log";

    @Test
    void whatWasAcknowledgedIsNeverCutOff() {
        for (int back = 1; back < 400; back += 7) {
            AtomicBoolean fails = new AtomicBoolean();
            SimulatedDisk disk = new SimulatedDisk(new Random(back))
                    .with((operation, kind) ->
                            fails.get() && (kind == SimulatedDisk.Kind.WRITE || kind == SimulatedDisk.Kind.FORCE)
                                    ? SimulatedDisk.Fault.ERROR
                                    : SimulatedDisk.Fault.NONE);
            try (Database database = SimulatedDatabase.open(disk, DatabaseOptions.defaults())) {
                database.put("a", "{\"text\":\"" + "a".repeat(300) + "\"}");
                database.put("b", "{\"text\":\"" + "b".repeat(300) + "\"}");
                List<Cid> clock = database.clock();
                byte[] before = disk.bytes().get(SEGMENT);
                fails.set(true);
                assertKind(ErrorKind.STORAGE, () -> database.put("c", "{}"));
                fails.set(false);
                disk.flip(SEGMENT, before.length - back, back % 8);

                assertThatThrownBy(() -> database.put("d", "{}"))
                        .as("%s bytes before the end", back)
                        .isInstanceOfSatisfying(SyncException.class, e -> {
                            assertThat(e.kind()).isEqualTo(ErrorKind.CORRUPT);
                            assertThat(e.getMessage()).contains(SEGMENT).doesNotContain("\n");
                        });
                assertThat(database.clock()).isEqualTo(clock);
                assertThat(database.summary().documents()).isEqualTo(2);
                assertThat(disk.bytes().get(SEGMENT))
                        .as("%s bytes before the end: nothing is cut", back)
                        .hasSizeGreaterThanOrEqualTo(before.length);
            }
        }
    }
}
