package dev.livesync.tck;

import static dev.livesync.tck.TransportMutants.channel;
import static dev.livesync.tck.TransportMutants.context;
import static dev.livesync.tck.TransportMutants.provider;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.PeerIdentity;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What travels, and who is at the other end. */
final class MessageMutants {
    private MessageMutants() {}

    private static Channel repeating(Channel real) {
        return new Wrapped.End(real) {
            private int sent;

            @Override
            public CompletionStage<Void> send(Message message) {
                CompletionStage<Void> done = super.send(message);
                return ++sent % 150 == 0 ? done.thenCompose(done1 -> super.send(message)) : done;
            }
        };
    }

    private static Channel overtaking(Channel real) {
        return new Wrapped.End(real) {
            private int sent;
            private Message held;

            @Override
            public CompletionStage<Void> send(Message message) {
                if (++sent % 100 == 51) {
                    held = message;
                    return CompletableFuture.completedFuture(null);
                }
                CompletionStage<Void> done = super.send(message);
                Message late = held;
                held = null;
                return late == null ? done : done.thenCompose(done1 -> super.send(late));
            }
        };
    }

    private static Channel merging(Channel real) {
        return new Wrapped.End(real) {
            private byte[] held;

            @Override
            public CompletionStage<Void> send(Message message) {
                byte[] before = held;
                held = null;
                if (before != null) {
                    byte[] both = Arrays.copyOf(before, before.length + message.size());
                    System.arraycopy(message.payload(), 0, both, before.length, message.size());
                    return super.send(new Message(message.kind(), both));
                }
                if (message.size() == 20) {
                    held = message.payload();
                    return CompletableFuture.completedFuture(null);
                }
                return super.send(message);
            }
        };
    }

    private static Message truncated(Message message) {
        return message.size() < 2_000 || message.size() > 50_000
                ? message
                : new Message(message.kind(), Arrays.copyOf(message.payload(), message.size() - 1));
    }

    private static Channel pooling(Channel real) {
        return new Wrapped.End(real) {
            private byte[] kept = {};

            @Override
            public CompletionStage<Void> send(Message message) {
                CompletionStage<Void> done =
                        super.send(new Message(message.kind(), message.payload().clone()));
                if (message.size() >= 1000 && message.size() < 1100) {
                    System.arraycopy(message.payload(), 0, kept, 0, Math.min(kept.length, message.size()));
                    kept = message.payload();
                }
                return done;
            }
        };
    }

    private static Channel oneBuffer(Channel real) {
        return new Wrapped.End(real) {
            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    private final Map<Integer, byte[]> buffers = new HashMap<>();

                    @Override
                    public void onMessage(Message message) {
                        byte[] buffer = buffers.computeIfAbsent(message.size(), byte[]::new);
                        System.arraycopy(message.payload(), 0, buffer, 0, buffer.length);
                        super.onMessage(
                                new Message(message.kind(), message.size() == 1000 ? buffer : message.payload()));
                    }
                };
            }
        };
    }

    private static Channel withMaximum(Channel real) {
        return new Wrapped.End(real) {
            private boolean closed;

            @Override
            public int maxMessageBytes() {
                return closed ? 1024 : super.maxMessageBytes();
            }

            @Override
            public CompletionStage<Void> close() {
                closed = true;
                return super.close();
            }
        };
    }

    static List<Mutant<Subject>> all() {
        MemoryConfiguration defaults = MemoryConfiguration.defaults();
        return List.of(
                channel("T4.1", "truncates", real -> Wrapped.sending(real, MessageMutants::truncated)),
                channel("T4.2", "duplicates", MessageMutants::repeating),
                channel("T4.3", "reorders", MessageMutants::overtaking),
                channel("T4.4", "merges", MessageMutants::merging),
                channel(
                        "T4.5",
                        "an empty message loses its kind",
                        real -> Wrapped.sending(
                                real, message -> message.size() == 0 ? Message.binary(new byte[0]) : message)),
                channel(
                        "T4.6",
                        "a length field that ends at 65,534",
                        real -> Wrapped.sending(
                                real, message -> message.size() == 65_535 ? Message.binary(new byte[0]) : message)),
                channel(
                        "T4.6",
                        "a buffer of 8,192 bytes, header and all",
                        real -> Wrapped.sending(
                                real,
                                message -> message.size() > 8_190 && message.size() <= 8_192
                                        ? Message.binary(Arrays.copyOf(message.payload(), 8_190))
                                        : message)),
                channel("T4.7", "one message too large ends the channel", real -> new Wrapped.End(real) {
                    @Override
                    public CompletionStage<Void> send(Message message) {
                        CompletionStage<Void> done = super.send(message);
                        if (message.size() > maxMessageBytes()) {
                            super.abort(new SyncException(ErrorKind.LIMIT_EXCEEDED, "too large"));
                        }
                        return done;
                    }
                }),
                channel(
                        "T4.7",
                        "accepts oversize and cuts it",
                        real -> Wrapped.sending(
                                real,
                                message -> message.size() > real.maxMessageBytes()
                                        ? Message.binary(new byte[real.maxMessageBytes()])
                                        : message)),
                context("T4.8", "takes whatever a peer sends", defaults, context -> new Wrapped.Context(context) {
                    @Override
                    public int maxMessageBytes() {
                        return Math.max(super.maxMessageBytes(), TransportFixture.MAX);
                    }
                }),
                channel("T4.9", "a maximum that changes", MessageMutants::withMaximum),
                channel("T4.10", "keeps the caller's buffer and uses it again", MessageMutants::pooling),
                channel("T4.11", "receives into one buffer", MessageMutants::oneBuffer),
                ProviderMutants.identities("T9.1", "shows its own identity for the peer's", real -> {
                    PeerIdentity own = new PeerIdentity("memory", real.toString());
                    return Wrapped.channels(real, channel -> new Wrapped.End(channel) {
                        @Override
                        public Optional<PeerIdentity> peer() {
                            return Optional.of(own);
                        }
                    });
                }),
                channel("T9.2", "an identity that nobody claimed", real -> new Wrapped.End(real) {
                    @Override
                    public Optional<PeerIdentity> peer() {
                        return Optional.of(new PeerIdentity("memory", "somebody"));
                    }
                }),
                provider("T9.3", "claims a binding and has none", defaults, real -> new Wrapped.Provider(real) {
                    @Override
                    public Set<TransportFeature> features() {
                        Set<TransportFeature> features = new HashSet<>(super.features());
                        features.add(TransportFeature.CHANNEL_BINDING);
                        return features;
                    }
                }),
                channel("T9.4", "a binding that nobody claimed", real -> new Wrapped.End(real) {
                    @Override
                    public Optional<byte[]> binding() {
                        return Optional.of(new byte[32]);
                    }
                }),
                channel("T9.6", "a nameless peer", real -> new Wrapped.End(real) {
                    @Override
                    public String remote() {
                        return " ";
                    }
                }));
    }
}
