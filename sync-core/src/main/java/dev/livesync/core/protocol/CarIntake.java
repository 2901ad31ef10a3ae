package dev.livesync.core.protocol;

import dev.livesync.api.Block;
import dev.livesync.api.Cid;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.car.CarDecoder;
import dev.livesync.core.message.CidSet;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Decodes one CAR as its bytes arrive. Nothing of it is passed on before the whole CAR has arrived and been checked. */
final class CarIntake implements CarDecoder.Handler {
    private final ProtocolLimits limits;
    private final CarDecoder decoder;
    private final CidSet seen;
    private final List<Block> blocks = new ArrayList<>();
    private final List<Event> events = new ArrayList<>();
    private List<Cid> roots = List.of();

    CarIntake(ProtocolLimits limits, long salt) {
        this.limits = limits;
        seen = new CidSet(salt);
        decoder = new CarDecoder(this, limits.blocks());
    }

    void feed(byte[] bytes) {
        decoder.feed(bytes, 0, bytes.length);
    }

    ReceivedCar finish() {
        decoder.finish();
        for (Cid root : roots) {
            // One of another codec is no event, and names nothing that we would look for.
            if (root.codec() == Cid.DAG_CBOR && !seen.contains(root)) {
                throw new SyncException(ErrorKind.MALFORMED, "CAR: its root " + root + " is not in it");
            }
        }
        return new ReceivedCar(roots, blocks, events, decoder.bytes());
    }

    @Override
    public void roots(List<Cid> named) {
        roots = named;
    }

    @Override
    public void block(Block block) {
        if (decoder.blocks() > limits.carBlocks()) {
            throw new SyncException(
                    ErrorKind.LIMIT_EXCEEDED, "CAR of more than " + limits.carBlocks() + " blocks, which is the limit");
        }
        if (block.cid().codec() == Cid.DAG_CBOR && !seen.add(block.cid())) {
            return;
        }
        Optional<Event> event = decoder.event(block, limits.blocks());
        if (event.isPresent()) {
            events.add(event.get());
        } else {
            blocks.add(block);
        }
    }
}
