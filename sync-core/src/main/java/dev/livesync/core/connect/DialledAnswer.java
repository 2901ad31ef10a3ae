package dev.livesync.core.connect;

import dev.livesync.OpenAnswer;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Signal;
import dev.livesync.core.handshake.Extension;
import dev.livesync.core.handshake.Secret;
import dev.livesync.core.handshake.SignalText;
import dev.livesync.core.seal.Credential;
import dev.livesync.core.session.Attempt;
import dev.livesync.core.session.HandshakeRunner;
import dev.livesync.core.session.SyncContext;
import dev.livesync.core.transports.Candidate;
import dev.livesync.core.transports.Transports;
import java.lang.System.Logger.Level;
import java.util.Map;

/**
 * Takes up an offer over a dialling transport: dials the address in it, sends the first message of the handshake, and waits
 * for the proposer to prove that it got the answer.
 *
 * <p>The address comes from the other end and isn't trusted. A policy decides whether it is dialled at all, and every failure to connect
 * has the same message, so that an offer can't be used to find out what this machine can reach.
 */
final class DialledAnswer extends PendingAnswer {
    private static final System.Logger LOG = System.getLogger(DialledAnswer.class.getName());

    private final Attempt<OpenAnswer> accepting;

    private DialledAnswer(SyncContext context, SignalText answer, Attempt<OpenAnswer> accepting) {
        super(context, answer);
        this.accepting = accepting;
    }

    /** Begins; on the executor. */
    static void begin(
            SyncContext context,
            Candidate candidate,
            DialingTransport transport,
            SignalText offer,
            Attempt<OpenAnswer> accepting) {
        Extension extension = offer.extension();
        String address = extension == null ? null : extension.address();
        if (extension == null || address == null) {
            throw new SyncException(
                    ErrorKind.MALFORMED, "the offer has no address, which one over " + candidate.id() + " needs");
        }
        String scheme = Transports.scheme(address);
        if (scheme == null || !candidate.schemes().contains(scheme)) {
            throw new SyncException(ErrorKind.MALFORMED, "the offer's address is none of " + candidate.id());
        }
        if (!context.policy().permits(address)) {
            throw new SyncException(
                    ErrorKind.REFUSED, "the address policy forbids to dial what the offer names, " + address);
        }
        Secret secret = context.random(Secret::generate);
        SignalText answer = SignalText.write(
                new Signal(Signal.Kind.ANSWER, Map.of()),
                new Extension(extension.id(), candidate.id(), secret, context.featureNames(), null));
        DialledAnswer acceptance = new DialledAnswer(context, answer, accepting);
        accepting.deadline(context.limits().connectTime().plus(context.proofTime()), DialledAnswer::unreachable);
        accepting.holds(acceptance.session::fail);
        acceptance.session.holds(acceptance::release);
        AddressDial.channel(transport, address, acceptance.session, acceptance::release, channel -> {
            HandshakeRunner runner = HandshakeRunner.initiator(
                    context,
                    candidate.id(),
                    channel,
                    Credential.offer(extension.secret(), offer.hash(), secret, answer.hash(), context.database()),
                    acceptance);
            acceptance.session.holds(reason -> {
                runner.abandon(reason);
                acceptance.release(reason);
            });
            runner.begin();
        });
    }

    /** Gives up the reserved place in the registry and fails the calls that wait for the answer. */
    private void release(SyncException reason) {
        context.registry().release(registration, reason);
        LOG.log(Level.DEBUG, "an accepted offer came to nothing", reason);
        accepting.fail(
                reason.kind() == ErrorKind.CLOSED || reason.kind() == ErrorKind.CANCELLED ? reason : unreachable());
    }

    @Override
    public void asked(HandshakeRunner runner) {
        runner.waitForUs();
        startClock();
        accepting.holds(reason -> close());
        accepting.succeed(this);
    }

    @Override
    public void failed(HandshakeRunner runner, SyncException failure) {
        if (runner.hasAsked() && runner.serial().closeReason() != null) {
            session.fail(new SyncException(
                    ErrorKind.DISCONNECTED,
                    "the proposer at " + runner.remote() + " went away before it connected the answer",
                    failure));
        } else {
            session.fail(failure);
        }
    }

    private static SyncException unreachable() {
        return new SyncException(
                ErrorKind.UNREACHABLE, "the offer's author cannot be reached at the address in the offer");
    }
}
