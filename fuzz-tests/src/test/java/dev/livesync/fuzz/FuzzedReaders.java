package dev.livesync.fuzz;

import dev.livesync.car.CarFuzz;
import dev.livesync.car.pack.PackFuzz;
import dev.livesync.cli.CliFuzz;
import dev.livesync.core.handshake.SignalFuzz;
import dev.livesync.core.message.MessageFuzz;
import dev.livesync.core.multiplex.MuxFuzz;
import dev.livesync.core.protocol.SessionFuzz;
import dev.livesync.core.reconcile.ReconcileFuzz;
import dev.livesync.core.seal.SealFuzz;
import dev.livesync.database.json.JsonFuzz;
import dev.livesync.database.log.LogFuzz;
import dev.livesync.grant.GrantFuzz;
import dev.livesync.transport.libp2p.MultiaddrFuzz;
import dev.livesync.transport.partykit.RoomFuzz;
import dev.livesync.transport.webrtc.SdpFuzz;
import dev.livesync.transport.websocket.WebSocketFuzz;
import java.util.List;
import java.util.stream.Stream;

/** All targets. */
final class FuzzedReaders {
    static final List<FuzzedReader> ALL = Stream.of(
                    CarFuzz.all(),
                    PackFuzz.all(),
                    CliFuzz.all(),
                    SignalFuzz.all(),
                    MessageFuzz.all(),
                    MuxFuzz.all(),
                    SessionFuzz.all(),
                    ReconcileFuzz.all(),
                    SealFuzz.all(),
                    JsonFuzz.all(),
                    LogFuzz.all(),
                    GrantFuzz.all(),
                    MultiaddrFuzz.all(),
                    RoomFuzz.all(),
                    SdpFuzz.all(),
                    WebSocketFuzz.all())
            .flatMap(List::stream)
            .toList();

    private FuzzedReaders() {}

    static FuzzedReader named(String name) {
        return ALL.stream()
                .filter(reader -> reader.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no target " + name));
    }
}
