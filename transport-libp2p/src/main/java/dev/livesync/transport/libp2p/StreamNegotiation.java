package dev.livesync.transport.libp2p;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.TransportContext;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The beginning of a stream, in which both sides agree on its protocol. Afterwards another reader takes over. On the event loop. */
final class StreamNegotiation implements YamuxStream.Reader {
    private final Libp2pConnection connection;
    private final YamuxStream stream;
    private final Function<String, YamuxStream.Reader> next;
    private final Consumer<SyncException> onFailure;
    private final Multistream multistream;
    private final TransportContext.Cancellable timer;
    private YamuxStream.@Nullable Reader successor;

    private StreamNegotiation(
            Libp2pConnection connection,
            YamuxStream stream,
            Function<Consumer<byte[]>, Multistream> side,
            Function<String, YamuxStream.Reader> next,
            Consumer<SyncException> onFailure) {
        this.connection = connection;
        this.stream = stream;
        this.next = next;
        this.onFailure = onFailure;
        this.multistream = side.apply(bytes -> {
            stream.write(ByteBuffer.wrap(bytes));
            connection.requestFlush();
        });
        this.timer = connection.later(connection.context().connectTimeout(), () -> {
            if (successor == null) {
                fail(new SyncException(ErrorKind.TIMEOUT, "it did not agree on a protocol in time"));
            }
        });
    }

    /** Proposes a protocol; the successor reads what follows. */
    static StreamNegotiation propose(
            Libp2pConnection connection,
            YamuxStream stream,
            String protocol,
            Function<String, YamuxStream.Reader> next,
            Consumer<SyncException> onFailure) {
        return new StreamNegotiation(connection, stream, out -> Multistream.propose(protocol, out), next, onFailure);
    }

    /** Answers proposals. */
    static StreamNegotiation answer(
            Libp2pConnection connection,
            YamuxStream stream,
            List<String> supported,
            Function<String, YamuxStream.Reader> next) {
        return new StreamNegotiation(
                connection, stream, out -> Multistream.answer(supported, out), next, failure -> {});
    }

    @Override
    public void onBytes(byte[] bytes, int offset, int count) {
        int taken;
        try {
            taken = multistream.receive(bytes, offset, count);
        } catch (SyncException e) {
            fail(e);
            return;
        }
        stream.consumed(taken);
        String selected = multistream.selected();
        if (selected != null) {
            timer.cancel();
            YamuxStream.Reader reader = next.apply(selected);
            successor = reader;
            stream.reader(reader);
            if (taken < count) {
                reader.onBytes(bytes, offset + taken, count - taken);
            }
        }
    }

    private void fail(SyncException failure) {
        timer.cancel();
        if (!stream.isOver()) {
            stream.reset();
            connection.requestFlush();
            onFailure.accept(failure);
        }
    }

    @Override
    public void onFinished() {
        fail(new SyncException(ErrorKind.REFUSED, "it closed the stream before it agreed on a protocol"));
    }

    @Override
    public void onBroken(SyncException reason) {
        timer.cancel();
        onFailure.accept(reason);
    }
}
