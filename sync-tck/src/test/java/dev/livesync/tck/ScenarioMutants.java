package dev.livesync.tck;

import static dev.livesync.tck.TransportMutants.channel;
import static dev.livesync.tck.TransportMutants.is;
import static dev.livesync.tck.TransportMutants.provider;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryConfiguration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** Transports that pass all small tests and fail when a database is synchronized: what only a scenario can catch. */
final class ScenarioMutants {
    private static final CompletionStage<Void> DONE = CompletableFuture.completedStage(null);

    private ScenarioMutants() {}

    private static boolean begins(Message message, int... bytes) {
        byte[] payload = message.payload();
        boolean same = message.kind() == Message.Kind.BINARY && payload.length >= bytes.length;
        for (int i = 0; same && i < bytes.length; i++) {
            same = payload[i] == bytes[i];
        }
        return same;
    }

    private static boolean isData(Message message, int atLeast) {
        return message.kind() == Message.Kind.BINARY && message.size() >= atLeast;
    }

    /** Data as the protocol has it: a pack, by its type and its form. */
    private static boolean isPack(Message message) {
        return begins(message, 0x13, 0x00);
    }

    /** A pack of one event, which is a delete: behind its size, of two bytes, by the event's first byte. */
    private static boolean isDelete(Message message) {
        return begins(message, 0x13, 0x00, 0x01) && message.size() > 5 && (message.payload()[5] & 3) == 1;
    }

    /** Loses some messages, and says that they were sent. */
    private static Channel losing(Channel real, Predicate<Message> lost) {
        return new Wrapped.End(real) {
            @Override
            public CompletionStage<Void> send(Message message) {
                return lost.test(message) ? DONE : super.send(message);
            }
        };
    }

    /** Who sends data first may send data; what the other sends is lost. */
    private static TransportProvider halfDuplex(TransportProvider real) {
        Map<String, Channel> senders = new ConcurrentHashMap<>();
        return Wrapped.channels(
                real,
                channel -> losing(
                        channel,
                        message -> isData(message, 500)
                                && isPack(message)
                                && senders.computeIfAbsent(channel.remote(), remote -> channel) != channel));
    }

    /** After a farewell, no data on the channels that come later. */
    private static TransportProvider resentful(TransportProvider real) {
        AtomicBoolean parted = new AtomicBoolean();
        return Wrapped.channels(real, channel -> {
            boolean late = parted.get();
            return new Wrapped.End(losing(channel, message -> late && isData(message, 100))) {
                @Override
                public CompletionStage<Void> close() {
                    parted.set(true);
                    return super.close();
                }
            };
        });
    }

    /** Once it has said that it has sent all, whoever dialled keeps data until there is more. */
    private static Channel waitingForMore(Channel real) {
        return new Wrapped.End(real) {
            private boolean live;
            private Message held;

            @Override
            public CompletionStage<Void> send(Message message) {
                live |= message.size() == 1 && begins(message, 0x12);
                if (!live || !isPack(message)) {
                    return super.send(message);
                }
                Message before = held;
                held = message;
                return before == null ? DONE : super.send(before);
            }
        };
    }

    private static Wrapped.Dialing onlyDialled(DialingTransport transport, UnaryOperator<Channel> broken) {
        return new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Channel> dial(String address) {
                return Wrapped.passed(real.dial(address), broken);
            }
        };
    }

    /** What accepted channels send goes to the newest of them. */
    private static Wrapped.Dialing misrouting(DialingTransport transport) {
        return new Wrapped.Dialing(transport) {
            private volatile Channel newest;

            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return real.listen(address, accepted -> {
                    newest = accepted;
                    acceptor.accept(new Wrapped.End(accepted) {
                        @Override
                        public CompletionStage<Void> send(Message message) {
                            return newest.send(message);
                        }
                    });
                });
            }
        };
    }

    private static Channel counting(Channel real) {
        return new Wrapped.End(real) {
            private long bytes;

            @Override
            public CompletionStage<Void> send(Message message) {
                bytes += message.size();
                return bytes >> 22 > 0 ? DONE : super.send(message);
            }
        };
    }

    /** Takes a peer whose wire broke for dead. */
    private static TransportProvider unforgiving(TransportProvider real) {
        AtomicBoolean broken = new AtomicBoolean();
        return Wrapped.dialing(real, transport -> new Wrapped.Dialing(transport) {
            @Override
            Channel wrap(Channel channel) {
                return new Wrapped.End(channel) {
                    @Override
                    ChannelListener wrap(ChannelListener listener) {
                        return new Wrapped.Listener(listener) {
                            @Override
                            public void onClosed(CloseReason reason) {
                                broken.compareAndSet(false, isBreak(reason));
                                super.onClosed(reason);
                            }
                        };
                    }
                };
            }

            @Override
            public CompletionStage<Channel> dial(String address) {
                return broken.get()
                        ? CompletableFuture.failedFuture(
                                new SyncException(ErrorKind.UNREACHABLE, address + " was found dead"))
                        : super.dial(address);
            }
        });
    }

    /** Does not end a channel whose peer has begun a handshake and got no answer. */
    private static Channel unanswering(Channel real) {
        return new Wrapped.End(real) {
            private volatile boolean asked;
            private volatile boolean answered;

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onMessage(Message message) {
                        asked |= isData(message, 1);
                        super.onMessage(message);
                    }
                };
            }

            @Override
            public CompletionStage<Void> send(Message message) {
                answered |= isData(message, 1);
                // What a stranger is sent in the place of an answer says why he is turned away.
                return asked && !answered ? DONE : super.send(message);
            }

            @Override
            public CompletionStage<Void> close() {
                return asked && !answered ? DONE : super.close();
            }

            @Override
            public void abort(SyncException reason) {
                if (!asked || answered) {
                    super.abort(reason);
                }
            }
        };
    }

    private static boolean isBreak(CloseReason reason) {
        return is(ErrorKind.DISCONNECTED, reason.failure())
                && !reason.failure().getMessage().contains("the peer");
    }

    /** With a binding, so that messages are not sealed and can be told apart. */
    private static Mutant<Subject> bound(
            String rule, String name, UnaryOperator<TransportProvider> broken, String... collateral) {
        return provider(rule, name, MemoryConfiguration.builder().binding(true).build(), broken, collateral);
    }

    static List<Mutant<Subject>> all() {
        return List.of(
                bound(
                        "T11.1",
                        "takes what begins with XON for a signal of its own",
                        real -> Wrapped.channels(
                                real, channel -> losing(channel, message -> begins(message, 0x11, 0x01)))),
                bound(
                        "T11.2",
                        "data goes in one direction only",
                        ScenarioMutants::halfDuplex,
                        // Many changes at once, from both sides, may be as much.
                        "T11.5"),
                provider(
                        "T11.3",
                        "carries no data after a farewell",
                        ScenarioMutants::resentful,
                        // It connects again, too.
                        "T11.8"),
                bound(
                        "T11.4",
                        "filters what it dislikes in a message",
                        real -> Wrapped.channels(real, channel -> losing(channel, ScenarioMutants::isDelete)),
                        // It deletes, too.
                        "T11.6"),
                bound(
                        "T11.5",
                        "the last change waits for another",
                        real -> Wrapped.dialing(
                                real, transport -> onlyDialled(transport, ScenarioMutants::waitingForMore))),
                provider(
                        "T11.6",
                        "answers whoever came last",
                        real -> Wrapped.dialing(real, ScenarioMutants::misrouting),
                        "T10.5"),
                channel("T11.7", "a counter of 22 bits runs over", ScenarioMutants::counting),
                provider("T11.8", "takes a peer whose wire broke for dead", ScenarioMutants::unforgiving),
                channel("T11.9", "does not tell a stranger that he was refused", ScenarioMutants::unanswering),
                channel(
                        "T11.10",
                        "one binding for everybody, who then needs no seal",
                        real -> new Wrapped.End(real) {
                            @Override
                            public Optional<byte[]> binding() {
                                return Optional.of(new byte[32]);
                            }
                        },
                        // It has not claimed one.
                        "T9.4"));
    }
}
