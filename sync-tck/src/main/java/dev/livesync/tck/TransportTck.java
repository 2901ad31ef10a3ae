package dev.livesync.tck;

import dev.livesync.api.transport.Channel;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Tag;

/**
 * The rules of the transport SPI. Extend it, say which provider to test, and run it:
 *
 * <pre>{@code
 * class MyTransportTest extends TransportTck {
 *     @Override
 *     protected TransportProvider provider() {
 *         return new MyTransportProvider();
 *     }
 * }
 * }</pre>
 *
 * <p>Both shapes are covered; which one it is, {@link TransportProvider#schemes} tells, and what it can do, {@link
 * TransportProvider#features}: each feature has a test for its presence and one for its absence. The other methods here have
 * answers that fit most transports over sockets.
 *
 * <p>The rules are in {@code docs/transport-spec.md}, and every failure says which it is.
 */
@SuppressWarnings("exports") // the groups of rules are nobody's API
public abstract class TransportTck extends Tck
        implements ProviderRules,
                DiallingRules,
                SignallingRules,
                MessageRules,
                FlowRules,
                CallbackRules,
                EndingRules,
                FaultRules,
                IdentityRules,
                ResourceRules,
                ScenarioRules,
                SurroundingRules {
    private TransportFixture fixture = new TransportFixture(this, false);

    /** For subclasses. */
    protected TransportTck() {}

    /**
     * The provider under test. Called a few times in every test; the transports of all of them reach each other.
     *
     * @return a provider
     */
    protected abstract TransportProvider provider();

    /**
     * The provider of the other peer, where a provider has an identity ({@link TransportFeature#PEER_IDENTITY}): one with
     * another identity.
     *
     * @return unless overridden the same instance, with which the kit can't tell one's own identity from the peer's
     */
    protected TransportProvider peerProvider() {
        return fixture.under();
    }

    /**
     * Where to listen.
     *
     * @return an address that asks for a free one; unless overridden {@link TransportProvider#localAddress}
     */
    protected String address() {
        return fixture.under().localAddress();
    }

    /**
     * Whether {@link #address}, or a signalled connection, asks for encryption, where {@link TransportFeature#ENCRYPTED} and
     * {@link TransportFeature#CHANNEL_BINDING} depend on it, as with {@code ws} and {@code wss}.
     *
     * @return unless overridden true
     */
    protected boolean asksForEncryption() {
        return true;
    }

    /**
     * Addresses that this transport cannot use.
     *
     * @return unless overridden some that none can
     */
    protected List<String> unusableAddresses() {
        String scheme = fixture.under().schemes().stream().sorted().findFirst().orElse("");
        return List.of("", "nonsense", scheme, scheme + "://", "no-such-scheme://127.0.0.1:1/", scheme + "://a b:c d/");
    }

    /**
     * How to break the wire.
     *
     * @return unless overridden a {@link LoopbackProxy} for addresses of the form {@code SCHEME://HOST:PORT}; null for
     *     others, which makes the rules fail that need one
     */
    protected @Nullable Faults faults() {
        return LoopbackProxy.understands(fixture.under().localAddress()) ? new LoopbackProxy() : null;
    }

    /**
     * Whether a thread may outlive the transport because a library shares it for the life of the process. Every {@link
     * Channel} and transport is closed when this is asked.
     *
     * @param thread one that was not there before the test
     * @return unless overridden false
     */
    protected boolean isShared(Thread thread) {
        return false;
    }

    final TransportFixture fixture() {
        return fixture;
    }

    @Override
    final String subject() {
        return fixture.subject();
    }

    @Override
    final Map<String, String> facts() {
        return fixture.facts();
    }

    @Override
    final @Nullable String whyNot(Method test) {
        return fixture.whyNot(test);
    }

    @Override
    final void begin() {
        fixture.begin();
    }

    @Override
    final boolean speakTexts(Method test) {
        boolean syncs = Arrays.stream(test.getAnnotationsByType(Tag.class))
                .anyMatch(tag -> tag.value().equals(Scenario.TAG));
        fixture = syncs ? new TransportFixture(this, true) : fixture;
        return syncs;
    }

    @Override
    final List<RuleViolation> finish() throws Exception {
        return fixture.finish();
    }
}
