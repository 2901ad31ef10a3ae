package dev.livesync.core.protocol.livesync;

import dev.livesync.api.Cid;
import dev.livesync.api.Event;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.core.message.Section;
import dev.livesync.core.message.WireMessage;
import dev.livesync.core.protocol.Deadlines;
import dev.livesync.core.protocol.Dialect;
import dev.livesync.core.protocol.ReceivedCar;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** What the dialects of LiveSync peers have in common: control messages, a goodbye, and nothing to heal. */
abstract class ProvedDialect implements Dialect {
    @Override
    public Message.Kind kind(Message message) {
        return message.kind();
    }

    @Override
    public boolean hears(WireMessage control) {
        return true;
    }

    @Override
    public boolean interruptsPieces() {
        return true;
    }

    @Override
    public void stated(WireMessage.Diff diff) {}

    @Override
    public void ok() {}

    @Override
    public void received(ReceivedCar car) {}

    @Override
    public boolean mergesFirst(Supplier<List<Cid>> heads) {
        return false;
    }

    @Override
    public boolean speaksByItself() {
        return false;
    }

    @Override
    public @Nullable Section first() {
        return null;
    }

    @Override
    public @Nullable Section heal() {
        return null;
    }

    @Override
    public List<Event> tips(Section section) {
        return section.tips();
    }

    @Override
    public void sent(Section section) {}

    @Override
    public void changed() {}

    @Override
    public void look() {}

    @Override
    public void watch() {}

    @Override
    public void passed(Deadlines.What what) {}

    @Override
    public void parting() {}

    @Override
    public @Nullable Message lastWord(@Nullable WireMessage word) {
        return word == null ? null : encoding().control(word);
    }

    @Override
    public SyncException withoutGoodbye(SyncException failure) {
        return failure;
    }

    @Override
    public boolean hasParted(boolean byeSent, boolean peerLeaves) {
        return byeSent && peerLeaves;
    }

    @Override
    public String undelivered() {
        return "is not known to have";
    }

    @Override
    public String likelyCause(boolean owes) {
        return "";
    }
}
