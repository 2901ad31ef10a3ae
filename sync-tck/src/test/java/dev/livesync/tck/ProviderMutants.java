package dev.livesync.tck;

import static dev.livesync.tck.TransportMutants.as;
import static dev.livesync.tck.TransportMutants.context;
import static dev.livesync.tck.TransportMutants.is;
import static dev.livesync.tck.TransportMutants.provider;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelAcceptor;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Listening;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import dev.livesync.transport.memory.MemoryConfiguration;
import dev.livesync.transport.memory.MemoryNetwork;
import dev.livesync.transport.memory.MemoryTransportProvider;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Providers and dialling. */
final class ProviderMutants {
    private ProviderMutants() {}

    /** Announced, but nobody can make it. */
    public static final class Unmakeable extends Wrapped.Provider {
        Unmakeable(TransportProvider real) {
            super(real);
        }
    }

    /** Starts a thread when it is made. */
    public static final class StartsThread extends Wrapped.Provider {
        public StartsThread() {
            this(new MemoryTransportProvider());
            Leaks.own(() -> sleep(60_000), "eager").start();
        }

        StartsThread(TransportProvider real) {
            super(real);
        }
    }

    /** Loads a native library as soon as its class is used. */
    public static final class LoadsNatives extends Wrapped.Provider {
        public LoadsNatives() {
            this(new MemoryTransportProvider());
        }

        LoadsNatives(TransportProvider real) {
            super(real);
        }

        @Override
        public Set<TransportFeature> features() {
            // In the process that lists the provider only: a library stays loaded.
            if (!MutantRun.isRunning()) {
                System.load(library());
            }
            return super.features();
        }

        private static String library() {
            try (Stream<Path> files = Files.walk(Path.of("/usr/lib"), 2)) {
                return files.filter(file -> file.getFileName().toString().matches("lib(anl|util|rt|nsl)\\.so\\.\\d"))
                        .findFirst()
                        .orElseThrow()
                        .toString();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Mutant<Subject> made(String rule, String name, UnaryOperator<TransportProvider> broken) {
        return provider(rule, name, broken);
    }

    private static TransportProvider announced(TransportProvider real) {
        try {
            Path directory = Path.of("target", "unmakeable");
            Path services = Files.createDirectories(directory.resolve("META-INF/services"));
            Files.writeString(services.resolve(TransportProvider.class.getName()), Unmakeable.class.getName() + "\n");
            Thread.currentThread()
                    .setContextClassLoader(new URLClassLoader(
                            new URL[] {directory.toUri().toURL()}, ProviderMutants.class.getClassLoader()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Unmakeable(real);
    }

    private static TransportProvider sociable(TransportProvider real) {
        List<Transport> all = new CopyOnWriteArrayList<>();
        return Wrapped.dialing(real, transport -> {
            all.add(transport);
            return new Wrapped.Dialing(transport) {
                @Override
                public void close() {
                    all.forEach(Transport::close);
                }
            };
        });
    }

    private static Wrapped.Dialing failing(DialingTransport transport, UnaryOperator<Throwable> change) {
        return new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Channel> dial(String address) {
                return Wrapped.failing(super.dial(address), change);
            }

            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return Wrapped.failing(super.listen(address, acceptor), change);
            }
        };
    }

    private static Wrapped.Dialing sameAddress(DialingTransport transport) {
        return new Wrapped.Dialing(transport) {
            private String first;

            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return Wrapped.passed(super.listen(address, acceptor), listening -> {
                    first = first == null ? listening.address() : first;
                    return named(first, listening);
                });
            }
        };
    }

    private static Listening named(String address, Listening listening) {
        return new Listening() {
            @Override
            public String address() {
                return address;
            }

            @Override
            public void close() {
                listening.close();
            }
        };
    }

    private static Wrapped.Dialing possessive(DialingTransport transport) {
        return new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                List<Channel> accepted = new CopyOnWriteArrayList<>();
                CompletionStage<Listening> real = super.listen(address, channel -> {
                    accepted.add(channel);
                    acceptor.accept(channel);
                });
                return Wrapped.passed(real, listening -> new Listening() {
                    @Override
                    public String address() {
                        return listening.address();
                    }

                    @Override
                    public void close() {
                        listening.close();
                        accepted.forEach(
                                channel -> channel.abort(new SyncException(ErrorKind.CLOSED, "the listener went")));
                    }
                });
            }
        };
    }

    private static Wrapped.Dialing touchy(DialingTransport transport) {
        return new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                CompletableFuture<Listening> mine = new CompletableFuture<>();
                return Wrapped.passed(
                        super.listen(address, channel -> {
                            try {
                                acceptor.accept(channel);
                            } catch (RuntimeException e) {
                                channel.abort(new SyncException(ErrorKind.INTERNAL, "threw"));
                                var unused = mine.thenAccept(Listening::close);
                            }
                        }),
                        listening -> {
                            mine.complete(listening);
                            return listening;
                        });
            }
        };
    }

    /** A future of one's own for what somebody else makes, completed in a way of its own. */
    private static <T> CompletableFuture<T> own(
            CompletionStage<T> made, BiConsumer<T, CompletableFuture<T>> completion) {
        CompletableFuture<T> out = new CompletableFuture<>();
        var unused = made.whenComplete((value, failure) -> {
            if (failure != null) {
                out.completeExceptionally(failure);
            } else {
                completion.accept(value, out);
            }
        });
        return out;
    }

    private static TransportProvider lateDials(TransportProvider real) {
        return Wrapped.opening(real, (context, transport) -> new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Channel> dial(String address) {
                return own(
                        super.dial(address),
                        (channel, out) ->
                                context.scheduler().schedule(Duration.ofMillis(30), () -> out.complete(channel)));
            }
        });
    }

    /** Asks whether a dial is cancelled, and takes a moment before it completes it. */
    private static TransportProvider asksTooEarly(TransportProvider real) {
        return Wrapped.opening(real, (context, transport) -> new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Channel> dial(String address) {
                return own(
                        super.dial(address),
                        (channel, out) -> context.scheduler().schedule(Duration.ofMillis(2), () -> {
                            if (out.isCancelled()) {
                                channel.abort(new SyncException(ErrorKind.CANCELLED, "nobody waits"));
                            } else {
                                context.scheduler().schedule(Duration.ofMillis(2), () -> out.complete(channel));
                            }
                        }));
            }
        });
    }

    private static TransportProvider forgetsListenings(TransportProvider real) {
        return Wrapped.opening(real, (context, transport) -> new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return own(
                        super.listen(address, acceptor),
                        (listening, out) ->
                                context.scheduler().schedule(Duration.ofMillis(1), () -> out.complete(listening)));
            }
        });
    }

    /** A timer that only an end of the dial's own cancels. */
    private static TransportProvider keepsTheTimer(TransportProvider real) {
        return Wrapped.opening(real, (context, transport) -> new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Channel> dial(String address) {
                CompletableFuture<Channel> out = Wrapped.passed(super.dial(address), channel -> channel);
                var timer = context.scheduler()
                        .schedule(
                                context.connectTimeout(),
                                () -> out.completeExceptionally(new SyncException(ErrorKind.TIMEOUT, address)));
                var unused = out.whenComplete((channel, failure) -> {
                    if (!out.isCancelled()) {
                        timer.cancel();
                    }
                });
                return out;
            }
        });
    }

    /** A close by address. */
    private static TransportProvider byAddress(TransportProvider real) {
        Map<String, Listening> bound = new ConcurrentHashMap<>();
        return Wrapped.dialing(real, transport -> new Wrapped.Dialing(transport) {
            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return Wrapped.passed(super.listen(address, acceptor), listening -> {
                    bound.put(listening.address(), listening);
                    return new Listening() {
                        @Override
                        public String address() {
                            return listening.address();
                        }

                        @Override
                        public void close() {
                            bound.getOrDefault(address(), listening).close();
                        }
                    };
                });
            }
        });
    }

    /** What listened when the transport was closed goes on listening. */
    private static TransportProvider keepsListening(TransportProvider provider) {
        return Wrapped.opening(provider, (context, transport) -> new Wrapped.Dialing(transport) {
            private final Set<String> bound = ConcurrentHashMap.newKeySet();

            @Override
            public CompletionStage<Listening> listen(String address, ChannelAcceptor acceptor) {
                return Wrapped.passed(super.listen(address, acceptor), listening -> {
                    bound.add(listening.address());
                    return new Listening() {
                        @Override
                        public String address() {
                            return listening.address();
                        }

                        @Override
                        public void close() {
                            bound.remove(address());
                            listening.close();
                        }
                    };
                });
            }

            @Override
            public void close() {
                super.close();
                DialingTransport other = (DialingTransport) provider.open(context);
                for (String address : bound) {
                    var unused = other.listen(address, channel -> {});
                }
                bound.clear();
            }
        });
    }

    static List<Mutant<Subject>> all() {
        List<Mutant<Subject>> all = new ArrayList<>();
        all.add(made("T1.1", "an id in capitals", real -> new Wrapped.Provider(real) {
            @Override
            public String id() {
                return "Memory Transport";
            }
        }));
        all.add(made("T1.2", "announced without a public constructor", ProviderMutants::announced));
        all.add(made("T1.3", "starts a thread when it is made", StartsThread::new));
        all.add(made("T1.3", "touches natives when it is asked for its features", LoadsNatives::new));
        all.add(made("T1.4", "a scheme in capitals", real -> new Wrapped.Provider(real) {
            @Override
            public Set<String> schemes() {
                return Set.of("memory", "MEMORY");
            }
        }));
        all.add(made("T1.5", "knows its features only when it is open", real -> new Wrapped.Provider(real) {
            private boolean open;

            @Override
            public Set<TransportFeature> features() {
                Set<TransportFeature> features = new HashSet<>(super.features());
                if (open) {
                    features.add(TransportFeature.ENCRYPTED);
                }
                return features;
            }

            @Override
            public Transport open(TransportContext context) {
                open = true;
                return super.open(context);
            }
        }));
        all.add(made("T1.6", "recognizes everybody's offer", real -> new Wrapped.Provider(real) {
            @Override
            public boolean recognizes(Signal offer) {
                return true;
            }
        }));
        all.add(made("T1.7", "closes with one transport all of its kind", ProviderMutants::sociable));
        all.add(made("T1.8", "a local address that cannot be used", real -> new Wrapped.Provider(real) {
            @Override
            public String localAddress() {
                return "memory://localhost/";
            }
        }));
        all.add(provider(
                "T2.1", "two listeners, one address", real -> Wrapped.dialing(real, ProviderMutants::sameAddress)));
        all.add(provider(
                "T2.2",
                "throws at an address that it can't read",
                real -> Wrapped.dialing(real, transport -> new Wrapped.Dialing(transport) {
                    @Override
                    public CompletionStage<Channel> dial(String address) {
                        if (!address.matches("memory:[\\w.-]*")) {
                            throw new IllegalArgumentException(address);
                        }
                        return super.dial(address);
                    }
                })));
        all.add(provider(
                "T2.3",
                "a failed dial that doesn't say where",
                real -> Wrapped.dialing(
                        real,
                        transport -> failing(
                                transport,
                                e -> is(ErrorKind.UNREACHABLE, e)
                                        ? new SyncException(ErrorKind.UNREACHABLE, "connection refused")
                                        : e))));
        all.add(provider(
                "T2.4",
                "calls a taken address unusable",
                real -> Wrapped.dialing(
                        real,
                        transport -> failing(
                                transport, e -> is(ErrorKind.IN_USE, e) ? as(ErrorKind.CONFIGURATION, e) : e))));
        all.add(provider(
                "T2.5",
                "a closed listener takes its channels along",
                real -> Wrapped.dialing(real, ProviderMutants::possessive),
                // It knows all that it has accepted, for good.
                "T10.6"));
        all.add(provider(
                "T2.6",
                "an acceptor's exception ends the listener",
                real -> Wrapped.dialing(real, ProviderMutants::touchy)));
        all.add(provider("T2.7", "forgets the channel of a cancelled dial", ProviderMutants::lateDials));
        all.add(provider("T2.7", "asks too early whether a dial was cancelled", ProviderMutants::asksTooEarly));
        all.add(provider("T2.15", "forgets the listening of a cancelled listen", ProviderMutants::forgetsListenings));
        all.add(provider("T2.7", "leaves the timer of a cancelled dial", ProviderMutants::keepsTheTimer));
        all.add(context(
                "T2.8",
                "waits for an answer for ever",
                MemoryConfiguration.defaults(),
                context -> new Wrapped.Context(context) {
                    @Override
                    public Duration connectTimeout() {
                        return Duration.ofHours(1);
                    }
                }));
        all.add(provider(
                "T2.9",
                "calls itself unreachable when it is closed",
                real -> Wrapped.dialing(
                        real,
                        transport ->
                                failing(transport, e -> is(ErrorKind.CLOSED, e) ? as(ErrorKind.UNREACHABLE, e) : e))));
        all.add(provider(
                "T8.6",
                "messages of several lines",
                real -> Wrapped.dialing(
                        real,
                        transport -> failing(
                                transport,
                                e -> new SyncException(((SyncException) e).kind(), "failed:\n" + e.getMessage())))));
        all.add(provider("T2.10", "closes whoever listens at its address", ProviderMutants::byAddress));
        all.add(provider("T2.11", "a closed transport listens on", ProviderMutants::keepsListening));
        return all;
    }

    /** Two peers with names. */
    static Mutant<Subject> identities(String rule, String name, UnaryOperator<TransportProvider> broken) {
        return Mutant.of(rule, name, () -> {
            MemoryNetwork network = new MemoryNetwork();
            return new Subject(
                    broken.apply(named(network, "alice")),
                    broken.apply(named(network, "bob")),
                    new MemoryWire(network));
        });
    }

    private static TransportProvider named(MemoryNetwork network, String name) {
        return network.provider(MemoryConfiguration.builder().identity(name).build());
    }
}
