package dev.livesync.bench.bare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.Value;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.bench.channel.Threads;
import dev.livesync.car.Encoded;
import dev.livesync.car.Events;
import dev.livesync.car.Keys;
import dev.livesync.car.pack.PackWriter;
import dev.livesync.transport.memory.MemoryNetwork;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
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
    private final List<byte[]> packs = new ArrayList<>();

    @BeforeEach
    void makePacks() {
        Random random = new Random(5);
        PackWriter writer = new PackWriter();
        List<Cid> parents = List.of();
        for (int pack = 0; pack < 3; pack++) {
            List<Block> of = new ArrayList<>();
            for (int i = 0; i < 700; i++) {
                byte[] note = new byte[random.nextInt(2_000)];
                random.nextBytes(note);
                Value.Mapping value = new Value.Mapping(Map.of("note", new Value.Bytes(note)));
                Block event = Events.put(Keys.ofId("doc" + i), Encoded.of(value), null, parents)
                        .block();
                parents = List.of(event.cid());
                of.add(event);
            }
            blocks.addAll(of);
            packs.add(writer.write(of));
        }
    }

    @AfterEach
    void close() {
        transport.close();
        threads.close();
    }

    @Test
    void everyBlockOfEveryPackIsStored() throws Exception {
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
        packs.get(1)[packs.get(1).length - 1] ^= 1;
        assertThatThrownBy(() -> run(BareStore.inMemory()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.MALFORMED));
    }

    @Test
    void theRecorderPicksPacksOutOfPiecesAndOtherMessages() {
        PackRecorder recorder = new PackRecorder();
        recorder.sent(Message.binary(new byte[] {0x13, 0}));
        recorder.start();
        recorder.sent(Message.binary(new byte[] {0x11, 7}));
        recorder.sent(Message.binary(new byte[] {0x13, 1}));
        recorder.sent(Message.binary(new byte[] {0x09, 3}));
        recorder.sent(Message.binary(new byte[] {0x10, 0x11, 9}));
        recorder.sent(Message.binary(new byte[] {0x01, 5}));
        recorder.sent(Message.binary(new byte[] {0x10, 9}));
        recorder.sent(Message.binary(new byte[] {0x09, 5}));
        recorder.sent(Message.binary(new byte[] {0x10, 0x13, 2, 3}));
        recorder.sent(Message.binary(new byte[] {0x10, 4, 5}));
        recorder.sent(Message.binary(new byte[] {0x13, 6, 7}));
        assertThat(recorder.stop()).containsExactly(new byte[] {1}, new byte[] {2, 3, 4, 5}, new byte[] {6, 7});
    }

    private long run(BareStore store) throws Exception {
        String address = transport
                .listen("memory:", channel -> BareSender.serve(channel, packs))
                .toCompletableFuture()
                .join()
                .address();
        return BareLoop.run(transport, address, store);
    }
}
