package dev.livesync.tck;

import static dev.livesync.tck.Messages.assertMessages;
import static dev.livesync.tck.TransportFixture.dialing;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.livesync.api.transport.DialingTransport;
import dev.livesync.api.transport.Message;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.SignallingTransport;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.tck.Where.Shape;
import dev.livesync.tck.internal.Probe;
import java.util.List;
import java.util.Map;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;

/** T1: the provider. */
interface ProviderRules {
    private TransportFixture kit() {
        return TransportFixture.of(this);
    }

    @Rule(value = "T1.1", check = "TransportProvider.id(): a constant")
    default void theIdIsANameAndStaysTheSame() {
        String id = kit().under().id();
        assertTrue(id.matches("[a-z0-9-]+"), "'" + id + "' is not of [a-z0-9-]");
        assertEquals(id, kit().under().id(), "the id, asked again");
        assertEquals(id, kit().provider().id(), "the id of another instance");
    }

    @Rule(
            value = "T1.2",
            check = "META-INF/services/"
                    + "dev.livesync.api.transport.TransportProvider, the provides of module-info, and"
                    + " the constructor without parameters")
    default void whoIsAnnouncedCanBeMade() throws Exception {
        Class<? extends TransportProvider> type = kit().under().getClass();
        ServiceLoader<TransportProvider> loader = ServiceLoader.load(TransportProvider.class);
        for (var found = loader.stream().iterator(); ; ) {
            try {
                if (!found.hasNext()) {
                    break;
                }
                ServiceLoader.Provider<TransportProvider> each = found.next();
                if (each.type() == type) {
                    assertEquals(
                            kit().under().id(), each.get().id(), "the id of the instance that ServiceLoader makes");
                }
            } catch (ServiceConfigurationError e) {
                if (String.valueOf(e.getMessage()).contains(type.getName())) {
                    throw new AssertionError(e.getMessage(), e);
                }
            }
        }
        assertEquals(
                Announcement.inServiceFile(type),
                Announcement.inModule(type, Announcement.inServiceFile(type)),
                type.getName() + " is announced in META-INF/services, and in module-info where there is one");
    }

    @Rule(
            value = "T1.3",
            check =
                    "static initialisers, the constructor, and every method but open(): no System.load, no thread, no socket,"
                            + " no library class that does so")
    default void listingAProviderTouchesNothing() throws Exception {
        assertEquals(
                List.of(),
                ListingProbe.touchedBy(kit().under(), kit().patience().await().multipliedBy(3)),
                "what was touched by making the provider and asking it");
    }

    @Rule(value = "T1.4", check = "TransportProvider.schemes() and the type of what open() returns")
    default void theSchemesFitTheShape() {
        Set<String> schemes = kit().under().schemes();
        schemes.forEach(scheme ->
                assertTrue(scheme.matches("[a-z][a-z0-9+.-]*"), "'" + scheme + "' is not a scheme in lower case"));
        assertEquals(schemes, kit().under().schemes(), "the schemes, asked again");
        Transport transport = kit().near();
        if (schemes.isEmpty()) {
            assertTrue(
                    transport instanceof SignallingTransport,
                    "a dialling transport needs a scheme for its addresses; schemes() is empty");
        } else {
            assertTrue(
                    transport instanceof DialingTransport,
                    "a signalling transport has no addresses, so no schemes; schemes() is " + schemes);
        }
    }

    @Rule(value = "T1.5", check = "TransportProvider.features(): a constant set")
    default void theFeaturesStayTheSame() {
        Set<TransportFeature> features = Set.copyOf(kit().under().features());
        kit().near();
        assertEquals(features, kit().under().features(), "the features after open()");
        assertEquals(features, kit().provider().features(), "the features of another instance");
    }

    @Rule(value = "T1.6", check = "TransportProvider.recognizes(): look at the signal's text only; false if in doubt")
    default void noStrangersOfferIsRecognized() {
        List<Signal> strangers = List.of(
                new Signal(Signal.Kind.OFFER, Map.of()),
                new Signal(Signal.Kind.OFFER, Map.of("sdp", "")),
                new Signal(Signal.Kind.OFFER, Map.of("sdp", "no SDP at all")),
                new Signal(Signal.Kind.OFFER, Map.of("address", "nowhere", "port", "1")),
                new Signal(Signal.Kind.ANSWER, Map.of("sdp", "v=0\r\n")));
        for (Signal stranger : strangers) {
            assertFalse(
                    assertDoesNotThrow(() -> kit().under().recognizes(stranger), "recognizes() of " + stranger),
                    "recognized " + stranger);
        }
    }

    @Rule(
            value = "T1.7",
            check = "what transports of one provider share: nothing that one of them ends for the other",
            needs = "T4.1")
    default void transportsOfOneProviderAreIndependent() throws Exception {
        Transport first = kit().open(kit().under(), kit().limits());
        Transport second = kit().open(kit().under(), kit().limits());
        Pair closing = kit().connect(first, kit().far());
        Pair staying = kit().connect(second, kit().far());
        kit().probe(closing.near(), 1);
        kit().probe(closing.far(), 1);
        kit().probe(staying.near(), 1);
        Probe atFar = kit().probe(staying.far(), 1);
        first.close();
        kit().get(staying.near().send(Message.text("still here")));
        assertMessages(List.of(Message.text("still here")), atFar.await(1));
    }

    @Rule(value = "T1.8", check = "TransportProvider.localAddress(): something that listen() takes, at a free port")
    @Where(shape = Shape.DIALLING)
    default void theLocalAddressCanBeUsed() throws Exception {
        String local = kit().under().localAddress();
        assertTrue(
                kit().under().schemes().contains(local.substring(0, Math.max(0, local.indexOf(':')))),
                local + " is of none of the schemes " + kit().under().schemes());
        for (int i = 0; i < 2; i++) {
            var listening = kit().get(dialing(kit().far()).listen(local, kit().accepted()::add));
            kit().probe(kit().get(dialing(kit().near()).dial(listening.address())), 0);
            kit().probe(kit().nextAccepted(), 0);
        }
    }
}
