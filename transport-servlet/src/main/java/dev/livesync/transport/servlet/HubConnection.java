package dev.livesync.transport.servlet;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.transport.support.BufferedChannel;
import dev.livesync.transport.support.Handover;
import dev.livesync.transport.support.MessageLink;
import jakarta.websocket.CloseReason;
import jakarta.websocket.CloseReason.CloseCode;
import jakarta.websocket.CloseReason.CloseCodes;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.SendHandler;
import jakarta.websocket.SendResult;
import jakarta.websocket.Session;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One WebSocket of the container's beneath a channel. Messages go out one after the other, asynchronously; what might block, the goodbye, goes to the
 * core's executor. Messages come in by parts, so that their size is checked before there is memory for them. Any thread; the container
 * calls {@code on…} one at a time.
 */
final class HubConnection extends Endpoint implements MessageLink {
    private final ServletListening listening;
    private final TransportContext context;
    private final String remote;

    private volatile @Nullable Session session;
    private volatile @Nullable BufferedChannel channel;
    private @Nullable IncomingMessage incoming;
    private volatile boolean reading = true;

    private final Deque<Message> queue = new ArrayDeque<>();
    private long queuedBytes;
    private boolean writing;
    private boolean closing;
    /** Nothing is sent any more. */
    private boolean over;

    private boolean released;

    HubConnection(ServletListening listening, TransportContext context, String remote) {
        this.listening = listening;
        this.context = context;
        this.remote = remote;
    }

    @Override
    public void onOpen(Session opened, EndpointConfig configuration) {
        session = opened;
        opened.setMaxIdleTimeout(0); // the core knows when a peer has gone
        opened.getAsyncRemote().setSendTimeout(0);
        BufferedChannel made = listening.channel(this, remote);
        channel = made;
        incoming = new IncomingMessage(made.maxMessageBytes());
        // Not lambdas: the container asks a handler for its type.
        opened.addMessageHandler(new MessageHandler.Partial<ByteBuffer>() {
            @Override
            public void onMessage(ByteBuffer part, boolean last) {
                arrived(incoming().add(part, last));
            }
        });
        opened.addMessageHandler(new MessageHandler.Partial<String>() {
            @Override
            public void onMessage(String part, boolean last) {
                arrived(incoming().add(part, last));
            }
        });
        listening.opened(made);
    }

    private void arrived(IncomingMessage.State state) {
        BufferedChannel to = channel();
        switch (state) {
            case UNFINISHED -> {}
            case TOO_LARGE -> {
                end(CloseCodes.TOO_BIG);
                to.failed(new SyncException(
                        ErrorKind.LIMIT_EXCEEDED,
                        remote + " sent a message over the limit of " + to.maxMessageBytes() + " bytes"));
            }
            case COMPLETE -> {
                to.arrived(incoming().take());
                if (!to.wantsMore()) {
                    pauseOrOverflow(to);
                }
            }
        }
    }

    private void pauseOrOverflow(BufferedChannel to) {
        if (ContainerReading.suspend(session())) {
            reading = false;
            if (to.wantsMore()) { // meanwhile
                resumeReading();
            }
        } else if (to.holdsMoreThan(context.inboundQueueBytes())) {
            end(CloseCodes.TRY_AGAIN_LATER);
            to.failed(new SyncException(ErrorKind.OVERFLOW, remote + " sends faster than its messages are read"));
        }
    }

    @Override
    public void resumeReading() {
        if (!reading) {
            reading = true;
            ContainerReading.resume(session());
        }
    }

    @Override
    public void send(Message message) {
        synchronized (this) {
            if (over) {
                return;
            }
            queue.add(message);
            queuedBytes += message.size();
            if (writing) {
                return;
            }
            writing = true;
        }
        write();
    }

    /** Hands the first message of the queue to the container. By whoever has set {@code writing}. */
    private void write() {
        Message next;
        boolean last;
        synchronized (this) {
            next = over ? null : queue.peek();
            writing = next != null;
            last = next == null && closing && !over;
            over |= last;
        }
        if (last) {
            Handover.to(context.executor(), this::sayGoodbye);
        }
        if (next == null) {
            return;
        }
        Handing handing = new Handing(next);
        try {
            var remoteEnd = session().getAsyncRemote();
            if (next.kind() == Message.Kind.BINARY) {
                remoteEnd.sendBinary(ByteBuffer.wrap(next.payload()), handing);
            } else {
                remoteEnd.sendText(new String(next.payload(), StandardCharsets.UTF_8), handing);
            }
        } catch (RuntimeException e) { // the connection has ended
            broken(e);
            return;
        }
        handing.returned();
    }

    /**
     * One message in the container's hands. The next one follows when this is written and the call that sent it has returned: Jetty notes only then that the
     * message is complete, and refuses another one before. On another thread, since the container may be done before it returns.
     */
    private final class Handing implements SendHandler {
        private final Message message;
        private @Nullable SendResult result;
        private boolean returned;

        Handing(Message message) {
            this.message = message;
        }

        @Override
        public void onResult(SendResult told) {
            boolean both;
            synchronized (this) {
                result = told;
                both = returned;
            }
            if (both) {
                next(told);
            }
        }

        void returned() {
            SendResult told;
            synchronized (this) {
                returned = true;
                told = result;
            }
            if (told != null) {
                next(told);
            }
        }

        private void next(SendResult told) {
            Handover.to(context.executor(), () -> written(message, told));
        }
    }

    private void written(Message message, SendResult result) {
        if (!result.isOK()) {
            broken(result.getException());
            return;
        }
        synchronized (this) {
            if (queue.poll() != null) { // else dropped meanwhile
                queuedBytes -= message.size();
            }
        }
        channel().roomMade();
        write();
    }

    private void broken(Throwable cause) {
        stopSending();
        channel().outputBroken(disconnected(cause));
    }

    private SyncException disconnected(@Nullable Throwable cause) {
        return new SyncException(
                ErrorKind.DISCONNECTED,
                cause == null
                        ? remote + " closed the connection without saying goodbye"
                        : "the connection to " + remote + " broke: " + cause,
                cause);
    }

    @Override
    public synchronized long buffered() {
        return queuedBytes;
    }

    @Override
    public void closeInOrder() {
        synchronized (this) {
            closing = true;
            if (writing || over) {
                return;
            }
            writing = true;
        }
        resumeReading(); // the peer's goodbye is behind what nobody will read
        write();
    }

    private void sayGoodbye() {
        closeSession(CloseCodes.NORMAL_CLOSURE);
        channel().closedByUs();
    }

    @Override
    public void closeTimedOut(SyncException failure) {
        channel().abort(failure);
    }

    @Override
    public void abort() {
        end(CloseCodes.UNEXPECTED_CONDITION);
    }

    @Override
    public void giveUp() {
        end(CloseCodes.UNEXPECTED_CONDITION);
    }

    private void end(CloseCode code) {
        if (stopSending()) {
            Handover.to(context.executor(), () -> closeSession(code));
        }
    }

    /** False if that was so before. */
    private synchronized boolean stopSending() {
        boolean first = !over;
        over = true;
        queue.clear();
        queuedBytes = 0;
        return first;
    }

    private void closeSession(CloseCode code) {
        try {
            session().close(new CloseReason(code, ""));
        } catch (IOException | RuntimeException e) {
            System.getLogger(HubConnection.class.getName())
                    .log(System.Logger.Level.TRACE, "closing a connection failed", e);
        }
    }

    @Override
    public void onError(Session failed, Throwable cause) {
        if (channel == null) {
            return; // it never opened
        }
        stopSending();
        channel().failed(disconnected(cause));
    }

    @Override
    public void onClose(Session closed, CloseReason reason) {
        release();
        if (!stopSending()) {
            return; // our own
        }
        int code = reason.getCloseCode().getCode();
        if (code == CloseCodes.NORMAL_CLOSURE.getCode()
                || code == CloseCodes.GOING_AWAY.getCode()
                || code == CloseCodes.NO_STATUS_CODE.getCode()) {
            channel().closedByPeer(null);
        } else if (code == CloseCodes.TOO_BIG.getCode()) {
            channel()
                    .closedByPeer(new SyncException(
                            ErrorKind.LIMIT_EXCEEDED, remote + " takes no messages of that size (close code 1009)"));
        } else if (code == CloseCodes.CLOSED_ABNORMALLY.getCode()) {
            channel().failed(disconnected(null));
        } else {
            channel()
                    .closedByPeer(new SyncException(
                            ErrorKind.DISCONNECTED, remote + " gave the connection up with close code " + code));
        }
    }

    /** Gives the place back, once. */
    synchronized void release() {
        if (!released) {
            released = true;
            listening.release();
        }
    }

    private Session session() {
        return Objects.requireNonNull(session, "open before use");
    }

    private BufferedChannel channel() {
        return Objects.requireNonNull(channel, "open before use");
    }

    private IncomingMessage incoming() {
        return Objects.requireNonNull(incoming, "open before use");
    }
}
