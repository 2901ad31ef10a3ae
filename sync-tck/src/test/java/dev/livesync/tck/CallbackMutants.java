package dev.livesync.tck;

import static dev.livesync.tck.TransportMutants.channel;
import static dev.livesync.tck.TransportMutants.provider;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.ChannelListener;
import dev.livesync.api.transport.CloseReason;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.MutantTransport.Subject;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;

/** Callbacks, and calls that block. */
final class CallbackMutants {
    private CallbackMutants() {}

    private static Channel concurrent(Channel real) {
        return new Wrapped.End(real) {
            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    private int messages;

                    @Override
                    public void onMessage(Message message) {
                        if (++messages > 300 && messages % 2 == 0) {
                            Leaks.own(() -> super.onMessage(message), "mutant").start();
                        } else {
                            super.onMessage(message);
                        }
                    }
                };
            }
        };
    }

    private static Channel reentrant(Channel real) {
        return new Wrapped.End(real) {
            private ChannelListener told;
            private Thread inside;

            @Override
            ChannelListener wrap(ChannelListener listener) {
                told = listener;
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onMessage(Message message) {
                        inside = Thread.currentThread();
                        super.onMessage(message);
                        inside = null;
                    }

                    @Override
                    public void onClosed(CloseReason reason) {
                        if (told != null) {
                            super.onClosed(reason);
                        }
                    }
                };
            }

            @Override
            public CompletionStage<Void> close() {
                CompletionStage<Void> closed = super.close();
                if (inside == Thread.currentThread() && told != null) {
                    ChannelListener listener = told;
                    told = null;
                    listener.onClosed(CloseReason.LOCAL);
                }
                return closed;
            }
        };
    }

    private static TransportProvider domino(TransportProvider real) {
        List<Channel> all = new CopyOnWriteArrayList<>();
        return Wrapped.channels(real, channel -> {
            all.add(channel);
            return Wrapped.delivering(channel, (listener, message) -> {
                try {
                    listener.onMessage(message);
                } catch (IllegalStateException e) {
                    all.forEach(each -> each.abort(new SyncException(ErrorKind.INTERNAL, "threw", e)));
                }
            });
        });
    }

    private static Channel oneLock(Channel real) {
        return new Wrapped.End(real) {
            private volatile CompletableFuture<Void> sending = CompletableFuture.completedFuture(null);

            @Override
            public CompletionStage<Void> send(Message message) {
                sending = super.send(message).toCompletableFuture();
                return sending;
            }

            @Override
            public void request(long messages) {
                sending.handle((done, failure) -> null).join();
                super.request(messages);
            }
        };
    }

    /** Catches what is an Exception, and is not there any more when it is an Error. */
    private static Channel errorProof(Channel real) {
        return Wrapped.delivering(real, (listener, message) -> {
            try {
                listener.onMessage(message);
            } catch (Error e) {
                // On purpose: this is the mistake.
            }
        });
    }

    private static Channel waitingForTheListener(Channel real) {
        return new Wrapped.End(real) {
            private volatile boolean thrown;

            @Override
            ChannelListener wrap(ChannelListener listener) {
                return new Wrapped.Listener(listener) {
                    @Override
                    public void onClosed(CloseReason reason) {
                        try {
                            super.onClosed(reason);
                        } catch (RuntimeException | Error e) {
                            thrown = true;
                            throw e;
                        }
                    }
                };
            }

            @Override
            public CompletionStage<Void> close() {
                return super.close()
                        .thenCompose(done ->
                                thrown ? new CompletableFuture<>() : CompletableFuture.<Void>completedFuture(null));
            }
        };
    }

    static List<Mutant<Subject>> all() {
        return List.of(
                channel("T6.3", "catches exceptions of a listener and no errors", CallbackMutants::errorProof),
                channel(
                        "T6.6",
                        "a close is over when onClosed returns, and only then",
                        CallbackMutants::waitingForTheListener),
                channel("T6.7", "a send clears its thread's interrupt flag", real -> new Wrapped.End(real) {
                    @Override
                    public CompletionStage<Void> send(Message message) {
                        Thread.interrupted();
                        return super.send(message);
                    }
                }),
                channel("T6.1", "concurrent callbacks", CallbackMutants::concurrent),
                channel("T6.2", "a close in a callback calls back at once", CallbackMutants::reentrant),
                channel("T6.3", "swallows what a listener throws", real -> new Wrapped.End(real) {
                    @Override
                    ChannelListener wrap(ChannelListener listener) {
                        return new Wrapped.Listener(listener) {
                            @Override
                            public void onMessage(Message message) {
                                try {
                                    super.onMessage(message);
                                } catch (IllegalStateException e) {
                                    // On purpose: this is the mistake.
                                }
                            }
                        };
                    }
                }),
                provider(
                        "T6.3",
                        "a handler's exception ends the loop",
                        CallbackMutants::domino,
                        // It knows all channels, for good.
                        "T10.6"),
                channel("T6.4", "a request waits for the lock of the send", CallbackMutants::oneLock));
    }
}
