package dev.livesync.core.connect;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.core.session.Introducer;
import dev.livesync.core.transports.Candidate;
import dev.livesync.core.transports.Transports;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** Introduces sessions over the only transport here that signals for itself. Any thread. */
public final class SignalledIntroducer implements Introducer {
    /** How many introductions are under way at a time: each holds a half of a connection, which costs a native transport more than a channel. */
    static final int MOST = 32;

    private final Transports transports;
    private final Optional<Candidate> direct;
    private final Semaphore places = new Semaphore(MOST);

    /**
     * Chooses the transport.
     *
     * @param transports to choose from
     */
    public SignalledIntroducer(Transports transports) {
        this.transports = transports;
        this.direct = transports.signalling();
    }

    @Override
    public boolean introduces(String relayed) {
        return direct.isPresent() && transports.isRelayed(relayed);
    }

    @Override
    public String transport() {
        return direct.orElseThrow().id();
    }

    @Override
    public SignallingTransport open() {
        if (transports.open(direct.orElseThrow()) instanceof SignallingTransport signalling) {
            return signalling;
        }
        throw new SyncException(
                ErrorKind.CONFIGURATION, "the transport " + transport() + " neither has addresses nor signals");
    }

    @Override
    public boolean enter() {
        return places.tryAcquire();
    }

    @Override
    public void leave() {
        places.release();
    }
}
