package dev.livesync.bench.bare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.bench.channel.Threads;
import dev.livesync.car.CarWriter;
import dev.livesync.transport.memory.MemoryNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BareLoopTest {
    @TempDir
    Path scratch;

    private final Threads threads = new Threads();
    private final DialingTransport transport =
            (DialingTransport) new MemoryNetwork().provider().open(threads);
    private final List<Block> blocks = new ArrayList<>();
    private final List<byte[]> cars = new ArrayList<>();

    @BeforeEach
    void makeCars() {
        Random random = new Random(5);
        for (int car = 0; car < 3; car++) {
            List<Block> of = new ArrayList<>();
            for (int i = 0; i < 700; i++) {
                byte[] bytes = new byte[random.nextInt(2_000)];
                random.nextBytes(bytes);
                of.add(Block.of(Cid.DAG_CBOR, bytes));
            }
            blocks.addAll(of);
            cars.add(CarWriter.encode(List.of(of.get(0).cid()), of));
        }
    }

    @AfterEach
    void close() {
        transport.close();
        threads.close();
    }

    @Test
    void everyBlockOfEveryCarIsStored() throws Exception {
        try (BareStore store = BareStore.inMemory()) {
            assertThat(run(store)).isPositive();
            assertThat(store.blocks()).isEqualTo(blocks.size());
        }
    }

    @Test
    void theFileHoldsWhatWasSent() throws Exception {
        Path file = scratch.resolve("blocks");
        try (BareStore store = BareStore.inFile(file)) {
            run(store);
            assertThat(store.blocks()).isEqualTo(blocks.size());
        }
        byte[] bytes = Files.readAllBytes(file);
        int at = 0;
        for (Block block : blocks) {
            assertThat(Cid.fromBytes(bytes, at)).isEqualTo(block.cid());
            at += Cid.BYTES + Integer.BYTES;
            assertThat(Arrays.copyOfRange(bytes, at, at + block.size())).isEqualTo(block.toByteArray());
            at += block.size();
        }
        assertThat(at).isEqualTo(bytes.length);
    }

    @Test
    void aFlippedBitIsNoticed() {
        cars.get(1)[cars.get(1).length - 1] ^= 1;
        assertThatThrownBy(() -> run(BareStore.inMemory()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.HASH_MISMATCH));
    }

    @Test
    void theRecorderPicksCarsOutOfPiecesAndTexts() {
        CarRecorder recorder = new CarRecorder();
        recorder.sent(Message.binary(new byte[] {0}));
        recorder.start();
        recorder.sent(Message.text("{\"hello\":{}}"));
        recorder.sent(Message.binary(new byte[] {1}));
        recorder.sent(Message.text("{\"begin\":{\"kind\":\"text\",\"bytes\":3}}"));
        recorder.sent(Message.binary(new byte[] {9, 9}));
        recorder.sent(Message.text("{\"credit\":5}"));
        recorder.sent(Message.binary(new byte[] {9}));
        recorder.sent(Message.text("{\"begin\":{\"kind\":\"binary\",\"bytes\":4}}"));
        recorder.sent(Message.binary(new byte[] {2, 3}));
        recorder.sent(Message.binary(new byte[] {4, 5}));
        recorder.sent(Message.binary(new byte[] {6, 7}));
        assertThat(recorder.stop()).containsExactly(new byte[] {1}, new byte[] {2, 3, 4, 5}, new byte[] {6, 7});
    }

    private long run(BareStore store) throws Exception {
        String address = transport
                .listen("memory:", channel -> BareSender.serve(channel, cars))
                .toCompletableFuture()
                .join()
                .address();
        return BareLoop.run(transport, address, store);
    }
}
