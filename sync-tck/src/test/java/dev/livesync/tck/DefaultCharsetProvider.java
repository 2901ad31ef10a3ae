package dev.livesync.tck;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;
import java.nio.charset.Charset;
import java.util.concurrent.CompletionStage;

/** Makes text of bytes and bytes of text without naming a charset. Public, so that it can be made in another process. */
public final class DefaultCharsetProvider extends Wrapped.Provider {
    /** For another process. */
    public DefaultCharsetProvider() {
        this(new MemoryNetwork().provider(MemoryConfiguration.defaults()));
    }

    DefaultCharsetProvider(TransportProvider real) {
        super(real);
    }

    @Override
    public Transport open(TransportContext context) {
        return new Wrapped.Dialing((DialingTransport) super.open(context)) {
            @Override
            Channel wrap(Channel channel) {
                return new Wrapped.End(channel) {
                    @Override
                    public CompletionStage<Void> send(Message message) {
                        return super.send(
                                message.kind() == Message.Kind.TEXT
                                        ? Message.text(new String(message.payload(), Charset.defaultCharset()))
                                        : message);
                    }
                };
            }
        };
    }
}
