package dev.livesync.transport.partykit;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One attempt to reach a seat: enters the room, looks for who sits there, and calls. For the loop. */
final class RoomDial implements Room.Guest, RoomChannels.Caller {
    private final RoomAddress address;
    private final Room room;
    private final RoomServices services;
    private final CompletableFuture<Channel> attempt;
    private @Nullable ChannelKey call;
    private boolean over;

    RoomDial(RoomAddress address, Room room, RoomServices services, CompletableFuture<Channel> attempt) {
        this.address = address;
        this.room = room;
        this.services = services;
        this.attempt = attempt;
    }

    void begin() {
        // However it ends without a channel, by failure, timeout or cancelling: nothing stays open.
        var unused = attempt.whenComplete((channel, failure) -> {
            if (channel == null) {
                services.loop().execute(this::giveUp);
            }
        });
        if (!attempt.isDone()) {
            room.enter(this);
        }
    }

    private void giveUp() {
        if (!over) {
            over = true;
            if (call != null) {
                room.channels().hangUp(call);
            }
            room.leave(this);
        }
    }

    @Override
    public void entered() {
        room.find(address.seat(), member -> {
            if (over) {
                return;
            }
            if (member == null) {
                refused(new SyncException(ErrorKind.UNREACHABLE, "nobody listens at " + address));
            } else {
                call = room.channels().call(member, address.seat(), address.toString(), this);
            }
        });
    }

    @Override
    public void lost(SyncException why) {
        fail(RoomFailures.at(address, why));
    }

    @Override
    public void opened(BufferedChannel channel) {
        over = true;
        room.leave(this);
        // Not on this thread: what depends on the dial is somebody else's code.
        Handover.to(services.context().executor(), () -> {
            if (!attempt.complete(channel)) {
                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits for " + address));
            }
        });
    }

    @Override
    public void refused(SyncException why) {
        fail(why.kind() == ErrorKind.DISCONNECTED ? RoomFailures.at(address, why) : why);
    }

    private void fail(SyncException failure) {
        if (!over) {
            over = true;
            room.leave(this);
            Handover.to(services.context().executor(), () -> attempt.completeExceptionally(failure));
        }
    }
}
