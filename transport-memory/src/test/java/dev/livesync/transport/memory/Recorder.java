package dev.livesync.transport.memory;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes down what a channel calls back; for use in one thread. */
final class Recorder implements ChannelListener {
    final List<String> messages = new ArrayList<>();
    final List<CloseReason> closes = new ArrayList<>();

    static Recorder on(Channel channel, long demand) {
        Recorder recorder = new Recorder();
        channel.start(recorder);
        if (demand > 0) {
            channel.request(demand);
        }
        return recorder;
    }

    @Override
    public void onMessage(Message message) {
        messages.add(new String(message.payload(), StandardCharsets.UTF_8));
    }

    @Override
    public void onClosed(CloseReason reason) {
        closes.add(reason);
    }

    @Nullable
    CloseReason closed() {
        return closes.isEmpty() ? null : closes.get(0);
    }
}
