package dev.livesync.core.transports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.transport.Signal;
import dev.livesync.api.transport.Transport;
import dev.livesync.api.transport.TransportContext;
import dev.livesync.api.transport.TransportFeature;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.transport.memory.MemoryNetwork;
import java.io.IOException;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.ServiceLoader;
import java.util.Set;
import java.util.concurrent.Executor;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransportsTest {
    private static final TransportContext CONTEXT = new Context();

    private final List<TransportProvider> given = new ArrayList<>();

    @Test
    void anIdChooses() {
        given.add(new Fake("one", Set.of("x")));
        given.add(new Fake("two", Set.of("y")));
        assertThat(transports().byId("two").provider()).isSameAs(given.get(1));
    }

    @Test
    void anUnknownIdIsToldWhatIsThere() {
        given.add(new Fake("one", Set.of("x", "xs")));
        given.add(new Fake("two", Set.of()));
        refused(() -> transports().byId("three"), "transport 'three' is unknown; there is one for x:, xs:; two");
    }

    @Test
    void twoOfOneIdAreBothNamed() {
        given.add(new Fake("one", Set.of("x")));
        given.add(new OtherFake("one", Set.of("y")));
        refused(() -> transports().byId("one"), Fake.class.getName(), OtherFake.class.getName());
    }

    @Test
    void aSchemeChooses() {
        given.add(new Fake("one", Set.of("x", "xs")));
        given.add(new Fake("two", Set.of("y")));
        assertThat(transports().byAddress("XS://host/").id()).isEqualTo("one");
        refused(
                () -> transports().byAddress("z://host/"),
                "no transport for addresses of the scheme 'z'",
                "one for x:");
        refused(() -> transports().byAddress("host:1/"), "scheme 'host'");
        refused(() -> transports().byAddress("127.0.0.1:1"), "it has no scheme");
        refused(() -> transports().byAddress(""), "it has no scheme");
    }

    @Test
    void twoOfOneSchemeAreBothNamed() {
        given.add(new Fake("one", Set.of("x")));
        given.add(new Fake("two", Set.of("x")));
        refused(() -> transports().byAddress("x://host/"), "one (", " and two (", "name the one you mean");
    }

    @Test
    void theOnlyOneNeedsNoName() {
        given.add(new Fake("one", Set.of("x")));
        assertThat(transports().only().id()).isEqualTo("one");
        given.add(new Fake("two", Set.of("y")));
        refused(() -> transports().only(), "one (", " and two (");
    }

    @Test
    void anOfferIsRecognized() {
        Signal offer = new Signal(Signal.Kind.OFFER, Map.of("sdp", "two"));
        given.add(new Fake("one", Set.of("x")));
        refused(() -> transports().recognizing(offer), "none here recognizes it");
        given.add(new Fake("two", Set.of("y")));
        assertThat(transports().recognizing(offer).id()).isEqualTo("two");
        given.add(new OtherFake("two", Set.of("y")));
        refused(() -> transports().recognizing(offer), Fake.class.getName(), OtherFake.class.getName());
    }

    @Test
    void oneOpensOnceAndNoneAfterTheClose() {
        given.add(new MemoryNetwork().provider());
        Transports transports = transports();
        Transport opened = transports.open(transports.only());
        assertThat(transports.open(transports.only())).isSameAs(opened);
        assertThat(transports.close()).containsExactly(opened);
        assertThat(transports.close()).isEmpty();
        assertThatThrownBy(() -> transports.open(transports.only()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CLOSED));
        opened.close();
    }

    @Test
    void aProviderThatDoesNotOpenIsNamed() {
        given.add(new Fake("one", Set.of("x")));
        assertThatThrownBy(() -> transports().open(transports().only()))
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.INTERNAL))
                .hasMessageContaining("one (" + Fake.class.getName() + ") does not open");
    }

    @Test
    void namesAreLookedUpAmongTheDiscovered() {
        Transports named = Transports.collect(List.of(), List.of("memory"), CONTEXT);
        assertThat(named.only().id()).isEqualTo("memory");
        refused(() -> Transports.collect(List.of(), List.of("nothing"), CONTEXT), "'nothing' is unknown", "memory");
    }

    @Test
    void withoutAChoiceEverythingDiscoveredIsThere() {
        Transports all = Transports.collect(List.of(), List.of(), CONTEXT);
        assertThat(all.byId("memory").schemes()).containsExactly("memory");
    }

    @Test
    void oneBrokenProviderHidesNoOther(@TempDir Path directory) throws IOException {
        Path services = Files.createDirectories(directory.resolve("META-INF/services"));
        Files.write(
                services.resolve(TransportProvider.class.getName()),
                List.of(
                        "dev.livesync.nowhere.Missing",
                        Throwing.class.getName(),
                        Unlinked.class.getName(),
                        Shy.class.getName(),
                        TransportsTest.class.getName(),
                        Sound.class.getName()));
        try (URLClassLoader loader =
                new URLClassLoader(new URL[] {directory.toUri().toURL()}, TransportsTest.class.getClassLoader())) {
            ProviderDiscovery discovery = ProviderDiscovery.run(ServiceLoader.load(TransportProvider.class, loader));
            assertThat(discovery.found()).extracting(Candidate::id).contains("sound", "memory");
            assertThat(String.join("\n", discovery.broken()))
                    .contains("Missing", "Throwing", "Unlinked", "Shy", "TransportsTest not a subtype");
        }
    }

    private Transports transports() {
        return Transports.collect(given, List.of(), CONTEXT);
    }

    private static void refused(ThrowingCallable call, String... words) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        SyncException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.CONFIGURATION))
                .hasMessageContainingAll(words);
    }

    private static class Fake implements TransportProvider {
        private final String id;
        private final Set<String> schemes;

        Fake(String id, Set<String> schemes) {
            this.id = id;
            this.schemes = schemes;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public Set<String> schemes() {
            return schemes;
        }

        @Override
        public Set<TransportFeature> features() {
            return Set.of();
        }

        @Override
        public boolean recognizes(Signal offer) {
            return id.equals(offer.field("sdp"));
        }

        @Override
        public Transport open(TransportContext context) {
            throw new UnsatisfiedLinkError("no native library");
        }
    }

    private static final class OtherFake extends Fake {
        OtherFake(String id, Set<String> schemes) {
            super(id, schemes);
        }
    }

    /** Throws from its constructor. */
    public static final class Throwing extends Fake {
        /** Throws. */
        public Throwing() {
            super("throwing", Set.of());
            throw new IllegalStateException("no");
        }
    }

    /** Misses something. */
    public static final class Unlinked extends Fake {
        /** Throws. */
        public Unlinked() {
            super("unlinked", Set.of());
            throw new NoClassDefFoundError("some/native/Thing");
        }
    }

    /** Throws when asked. */
    public static final class Shy extends Fake {
        /** Works. */
        public Shy() {
            super("shy", Set.of());
        }

        @Override
        public String id() {
            throw new UnsupportedOperationException("not telling");
        }
    }

    /** Works. */
    public static final class Sound extends Fake {
        /** Works. */
        public Sound() {
            super("sound", Set.of("sound"));
        }
    }

    private static final class Context implements TransportContext {
        @Override
        public Executor executor() {
            return Runnable::run;
        }

        @Override
        public Scheduler scheduler() {
            return (delay, task) -> () -> {};
        }

        @Override
        public int maxMessageBytes() {
            return 1024;
        }

        @Override
        public Duration connectTimeout() {
            return Duration.ofSeconds(1);
        }

        @Override
        public Duration closeTimeout() {
            return Duration.ofSeconds(1);
        }
    }
}
