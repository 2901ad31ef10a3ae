package dev.livesync.core.session;

import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportProvider;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A peer that says what a test wants it to say. */
public final class ScriptedPeer implements ChannelListener, AutoCloseable {
    private final World world;
    private final Transport transport;
    public final List<Message> received = new ArrayList<>();
    public CloseReason closed;
    public Channel channel;

    public ScriptedPeer(World world, TransportProvider provider) {
        this.world = world;
        this.transport = provider.open(world.context());
    }

    public static ScriptedPeer dial(World world, String address) {
        return dial(world, world.network.provider(), address);
    }

    static ScriptedPeer dial(World world, TransportProvider provider, String address) {
        ScriptedPeer peer = new ScriptedPeer(world, provider);
        peer.take(world.get(((DialingTransport) peer.transport).dial(address)));
        return peer;
    }

    public static ScriptedPeer listen(World world, String address) {
        ScriptedPeer peer = new ScriptedPeer(world, world.network.provider());
        world.get(((DialingTransport) peer.transport).listen(address, peer::take));
        return peer;
    }

    public Transport transport() {
        return transport;
    }

    public void take(Channel opened) {
        channel = opened;
        opened.start(this);
        opened.request(Long.MAX_VALUE);
    }

    public ScriptedPeer say(String text) {
        return say(Message.text(text));
    }

    public ScriptedPeer say(Message message) {
        world.get(channel.send(message));
        world.settle();
        return this;
    }

    public List<String> heard() {
        world.settle();
        return received.stream()
                .map(m -> new String(m.payload(), StandardCharsets.UTF_8))
                .toList();
    }

    public void hangUp() {
        channel.abort(new SyncException(dev.livesync.api.ErrorKind.CANCELLED, "the test hangs up"));
        world.settle();
    }

    @Override
    public void onMessage(Message message) {
        received.add(message);
    }

    @Override
    public void onClosed(CloseReason reason) {
        closed = reason;
    }

    @Override
    public void close() {
        transport.close();
    }
}
