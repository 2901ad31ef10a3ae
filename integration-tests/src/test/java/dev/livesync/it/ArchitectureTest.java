package dev.livesync.it;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaMethod;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchCondition;
import com.tngtech.archunit.lang.ConditionEvents;
import com.tngtech.archunit.lang.SimpleConditionEvent;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The arrows between the modules: nothing points back. */
class ArchitectureTest {
    private static final String API = "dev.livesync.api..";
    private static final String NOISE = "dev.livesync.api.internal.noise";
    private static final String CAR = "dev.livesync.car..";
    private static final String GRANT = "dev.livesync.grant";
    private static final String GROUP = "dev.livesync.group";
    private static final String MESH = "dev.livesync.mesh";
    private static final String MONITOR = "dev.livesync.monitor";
    private static final String PRESENCE = "dev.livesync.presence";
    private static final String[] CORE = {"dev.livesync", GRANT, GROUP, MESH, MONITOR, PRESENCE, "dev.livesync.core.."};
    private static final String ROOM = "dev.livesync.core.";
    private static final String DATABASE = "dev.livesync.database..";
    private static final String COLLECTIONS = "dev.livesync.collections..";
    private static final String METRICS = "dev.livesync.metrics..";
    private static final String POSTGRES = "dev.livesync.replica.postgres..";
    private static final String SUPPORT = "dev.livesync.transport.support..";
    private static final String MEMORY = "dev.livesync.transport.memory..";
    private static final String WEBSOCKET = "dev.livesync.transport.websocket..";
    private static final String SERVLET = "dev.livesync.transport.servlet..";
    private static final String TCK = "dev.livesync.tck..";
    private static final String LIBP2P = "dev.livesync.transport.libp2p..";
    private static final String PARTYKIT = "dev.livesync.transport.partykit..";
    private static final String MDNS = "dev.livesync.discovery.mdns..";
    private static final String WEBRTC = "dev.livesync.transport.webrtc..";
    private static final String CLI = "dev.livesync.cli..";
    /** Its annotation, for the compiler. */
    private static final String AUTO_SERVICE = "com.google.auto.service..";

    private static JavaClasses house;

    @BeforeAll
    static void read() {
        house = new ClassFileImporter().withImportOption(MainCode.ONLY).importPackages("dev.livesync");
        // A rule about no classes would pass.
        for (String module : new String[] {
            API,
            NOISE,
            CAR,
            "dev.livesync.core..",
            DATABASE,
            COLLECTIONS,
            METRICS,
            POSTGRES,
            SUPPORT,
            MEMORY,
            WEBSOCKET,
            SERVLET,
            LIBP2P,
            WEBRTC,
            MDNS,
            TCK,
            CLI
        }) {
            assertThat(house.stream().filter(resideInAnyPackage(module)))
                    .as("classes of %s", module)
                    .isNotEmpty();
        }
    }

    @Test
    void theApiKnowsNobody() {
        mayUse(new String[] {API}, new String[] {API}, "java..", "javax.crypto..", "org.jspecify..");
        noClasses()
                .that()
                .resideInAPackage(API)
                .and()
                .resideOutsideOfPackage(NOISE)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(NOISE, "javax.crypto..")
                .check(house);
    }

    @Test
    void theCodecsKnowTheApi() {
        mayUse(new String[] {CAR}, new String[] {API, CAR}, "java..", "org.jspecify..");
    }

    @Test
    void theCoreNamesNeitherATransportNorTheDatabase() {
        mayUse(
                CORE,
                new String[] {API, CAR, CORE[0], GRANT, GROUP, MESH, MONITOR, PRESENCE, CORE[6]},
                "java..",
                "javax.crypto..",
                "jdk.jfr..",
                "org.jspecify..",
                "com.fasterxml.jackson.core..");
    }

    @Test
    void theDatabaseKnowsTheApiAndTheCodecs() {
        mayUse(
                new String[] {DATABASE},
                new String[] {API, CAR, DATABASE},
                "java..",
                "javax.crypto..", // text that can be erased
                "jdk.jfr..",
                "org.jspecify..",
                "com.fasterxml.jackson.core..");
    }

    @Test
    void collectionsKnowTheDatabaseAndJackson() {
        mayUse(
                new String[] {COLLECTIONS},
                new String[] {API, DATABASE, COLLECTIONS},
                "java..",
                "org.jspecify..",
                "com.fasterxml.jackson..");
    }

    @Test
    void metricsKnowTheCoreTheDatabaseAndMicrometer() {
        mayUse(
                new String[] {METRICS},
                new String[] {API, CORE[0], MONITOR, DATABASE, METRICS},
                "java..",
                "org.jspecify..",
                "io.micrometer.core..");
    }

    /** It shares the history with the embedded database, and what is wanted of attachments, and none of its files; it keeps checkpoints for documents over it. */
    @Test
    void theReplicaInPostgresKnowsTheHistoryAndTheDriver() {
        mayUse(
                new String[] {POSTGRES},
                new String[] {
                    API,
                    CAR,
                    "dev.livesync.database.replica",
                    "dev.livesync.database.checkpoint",
                    "dev.livesync.database.contents",
                    "dev.livesync.database.pieces",
                    POSTGRES
                },
                "java..",
                "javax.sql..",
                "org.jspecify..",
                "org.postgresql",
                "com.zaxxer.hikari");
    }

    /** Android has no Flight Recorder, and an image may be built without. */
    @Test
    void twoClassesKnowFlightRecorder() {
        Set<String> users = house.stream()
                .filter(type -> type.getDirectDependenciesFromSelf().stream()
                        .anyMatch(dependency ->
                                dependency.getTargetClass().getPackageName().startsWith("jdk.jfr")))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toSet());
        assertThat(users).containsExactlyInAnyOrder("SessionEvent", "CommitEvent");
    }

    @Test
    void aTransportKnowsTheSpiAndItsLibrary() {
        mayUse(new String[] {SUPPORT}, new String[] {API, SUPPORT}, "java..", "org.jspecify..");
        mayUse(new String[] {MEMORY}, new String[] {API, SUPPORT, MEMORY}, "java..", AUTO_SERVICE, "org.jspecify..");
        mayUse(
                new String[] {WEBSOCKET},
                new String[] {API, SUPPORT, WEBSOCKET},
                "java..",
                AUTO_SERVICE,
                "javax.net..",
                "jdk.net..", // keep-alive of sockets
                "org.jspecify..",
                "org.java_websocket..",
                "org.slf4j..");
        mayUse(
                new String[] {SERVLET},
                new String[] {API, SUPPORT, SERVLET},
                "java..",
                "jakarta.servlet..",
                "jakarta.websocket..",
                "org.jspecify..");
        mayUse(
                new String[] {LIBP2P},
                new String[] {API, SUPPORT, LIBP2P},
                "java..",
                AUTO_SERVICE,
                "javax.crypto..",
                "org.jspecify..",
                "io.netty..");
        mayUse(
                new String[] {PARTYKIT},
                new String[] {API, SUPPORT, PARTYKIT},
                "java..",
                AUTO_SERVICE,
                "javax.net..",
                "org.jspecify..");
        mayUse(
                new String[] {WEBRTC},
                new String[] {API, SUPPORT, WEBRTC},
                "java..",
                AUTO_SERVICE,
                "org.jspecify..",
                "dev.onvoid.webrtc..");
    }

    @Test
    void aDiscoveryKnowsTheApiAndFewOfItsClassesItsLibrary() {
        mayUse(
                new String[] {MDNS},
                new String[] {API, MDNS},
                "java..",
                "javax.crypto..",
                "org.jspecify..",
                "javax.jmdns..",
                "org.slf4j..");
        noClasses()
                .that()
                .resideInAPackage(MDNS)
                .and()
                .haveNameNotMatching(".*Jmdns.*")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("javax.jmdns..")
                .check(house);
    }

    @Test
    void theKitNamesNoTransport() {
        mayUse(
                new String[] {TCK},
                new String[] {API, CAR, "dev.livesync", "dev.livesync.core.internal", DATABASE, TCK},
                "java..",
                "org.jspecify..",
                "org.junit.jupiter.api..",
                "org.junit.platform.engine..",
                "com.fasterxml.jackson.core..");
    }

    @Test
    void aTransportNeverSeesABlock() {
        noClasses()
                .that()
                .resideInAPackage("dev.livesync.transport..")
                .should()
                .dependOnClassesThat()
                .haveNameMatching("dev\\.livesync\\.api\\.(Cid|Block|Event|Value)(\\$.*)?")
                .orShould()
                .dependOnClassesThat()
                .resideInAPackage("dev.livesync.api.replica..")
                .check(house);
    }

    @Test
    void noPackageIsInACircle() {
        noCircles(ArchitectureTest::slice);
    }

    @Test
    void noPackageOfTheCoreIsInACircle() {
        noCircles(ArchitectureTest::room);
    }

    /** One session is run by what does not know how its channel came about, over a protocol that knows neither. */
    @Test
    void theRoomsOfTheCoreAreUsedInOneDirection() {
        neverUses(ROOM + "session..", ROOM + "connect..");
        neverUses(ROOM + "protocol..", ROOM + "session..", ROOM + "connect..", ROOM + "transports..");
        neverUses(
                ROOM + "handshake..",
                ROOM + "protocol..",
                ROOM + "session..",
                ROOM + "connect..",
                ROOM + "transports..");
        neverUses(ROOM + "seal..", ROOM + "protocol..", ROOM + "session..", ROOM + "connect..", ROOM + "transports..");
        neverUses(ROOM + "handshake..", ROOM + "seal..");
        neverUses(ROOM + "connect..", ROOM + "mesh..");
        neverUses(
                ROOM + "message..", ROOM + "handshake..", ROOM + "protocol..", ROOM + "session..", ROOM + "connect..");
    }

    /**
     * Whatever depends on the dialect is a dialect's: the protocol knows the interface only, one class chooses by what a peer said
     * in its hello, and nobody else asks for the features that tell the dialects apart.
     */
    @Test
    void onlyADialectKnowsWhichItIs() {
        String protocol = ROOM + "protocol";
        String alpha = protocol + ".alpha";
        String livesync = protocol + ".livesync";
        neverUses(protocol, alpha, livesync);
        neverUses(ROOM + "session..", alpha);
        neverUses(ROOM + "connect..", alpha, livesync);
        for (String dialect : new String[] {".LiveSyncDialect", ".NativeDialect"}) {
            noClasses()
                    .that()
                    .resideInAPackage(ROOM + "session..")
                    .should()
                    .dependOnClassesThat()
                    .haveFullyQualifiedName(livesync + dialect)
                    .check(house);
        }
        String feature = ROOM + "message.Feature";
        for (String told : new String[] {"HELLO", "EVENTS", "NATIVE"}) {
            assertThat(house.get(feature).tryGetField(told))
                    .as("feature %s", told)
                    .isPresent();
            noClasses()
                    .that()
                    .resideOutsideOfPackages(alpha, livesync, ROOM + "message")
                    .should()
                    .accessField(feature, told)
                    .check(house);
        }
        assertThat(house.stream().filter(type -> type.isAssignableTo(protocol + ".Dialect") && !type.isInterface()))
                .extracting(JavaClass::getPackageName)
                .contains(alpha, livesync)
                .containsOnly(alpha, livesync);
    }

    private static void neverUses(String user, String... used) {
        // A rule about no classes would pass.
        Stream.concat(Stream.of(user), Stream.of(used))
                .forEach(room -> assertThat(house.stream().filter(resideInAnyPackage(room)))
                        .as("classes of %s", room)
                        .isNotEmpty());
        noClasses()
                .that()
                .resideInAPackage(user)
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(used)
                .check(house);
    }

    /** Nothing uses, over however many steps, what uses it; slices without a name count as nowhere. */
    private static void noCircles(Function<JavaClass, String> slices) {
        Map<String, Set<String>> uses = new TreeMap<>();
        for (JavaClass type : house) {
            String user = slices.apply(type);
            type.getDirectDependenciesFromSelf().stream()
                    .map(dependency -> slices.apply(dependency.getTargetClass()))
                    .filter(used -> !user.isEmpty() && !used.isEmpty() && !used.equals(user))
                    .forEach(used ->
                            uses.computeIfAbsent(user, none -> new TreeSet<>()).add(used));
        }
        assertThat(uses).isNotEmpty();
        // Who uses nobody is in no circle, and does not count any more.
        boolean fewer;
        do {
            uses.values().forEach(used -> used.retainAll(uses.keySet()));
            fewer = uses.values().removeIf(Set::isEmpty);
        } while (fewer);
        assertThat(uses).as("packages in circles, and those that use them").isEmpty();
    }

    /** The core's package below dev.livesync.core; empty outside. */
    private static String room(JavaClass type) {
        String name = type.getPackageName();
        return name.startsWith(ROOM) ? name.substring(ROOM.length()) : "";
    }

    /** What follows dev.livesync in a package's name; empty where nothing does. */
    private static String slice(JavaClass type) {
        String[] names = type.getPackageName().split("\\.", -1);
        return names.length > 2 && type.getPackageName().startsWith("dev.livesync.") ? names[2] : "";
    }

    @Test
    void jacksonStaysOutOfSignatures() {
        methods()
                .that()
                .arePublic()
                .or()
                .areProtected()
                .and()
                .areDeclaredInClassesThat()
                .arePublic()
                .should(new ArchCondition<JavaMethod>("name no Jackson type") {
                    @Override
                    public void check(JavaMethod method, ConditionEvents events) {
                        Stream.concat(
                                        Stream.of(method.getRawReturnType()),
                                        Stream.concat(
                                                method.getRawParameterTypes().stream(),
                                                method.getThrowsClause().stream()
                                                        .map(declared -> declared.getRawType())))
                                .filter(type -> type.getPackageName().startsWith("com.fasterxml"))
                                .filter(type -> exported(method.getOwner()))
                                // They are Jackson's, and say so: a mapper is what their users configure.
                                .filter(type -> !resideInAnyPackage(COLLECTIONS).test(method.getOwner()))
                                .forEach(type -> events.add(SimpleConditionEvent.violated(
                                        method, method.getFullName() + " names " + type.getName())));
                    }
                })
                .check(house);
    }

    /** A native image has to be told of what they find: docs/native-image.md says of each who tells it. The kit and the command are not prepared for one. */
    @Test
    void fewClassesFindSomethingByName() {
        Set<String> finders = house.stream()
                .filter(type -> !resideInAnyPackage(TCK, CLI, "dev.livesync.bench..", "dev.livesync.it..")
                        .test(type))
                .filter(type -> type.getMethodCallsFromSelf().stream()
                        .anyMatch(call -> findsByName(
                                call.getTargetOwner().getName(),
                                call.getTarget().getName())))
                .map(JavaClass::getSimpleName)
                .collect(Collectors.toSet());
        assertThat(finders)
                .as("classes that find classes, members or resources by name")
                .containsExactlyInAnyOrder(
                        "CommitRecorders", "SessionRecorder", "ContainerReading", "ProviderDiscovery", "Schema");
    }

    private static boolean findsByName(String owner, String method) {
        return switch (owner) {
            case "java.lang.Class" ->
                method.equals("forName")
                        || method.matches(
                                "get(Declared)?(Methods?|Fields?|Constructors?|RecordComponents|Classes)|getResource.*");
            case "java.lang.ClassLoader" -> method.matches("loadClass|get(System)?Resource.*");
            case "java.lang.Module" -> method.startsWith("getResource");
            case "java.lang.invoke.MethodHandles$Lookup" -> method.matches("(find|unreflect).*");
            case "java.lang.reflect.Proxy", "java.util.ServiceLoader", "java.util.ResourceBundle" ->
                method.matches("load|newProxyInstance|getBundle");
            default -> owner.matches("java\\.util\\.concurrent\\.atomic\\.Atomic\\w+FieldUpdater");
        };
    }

    @Test
    void everyFailureIsASyncException() {
        classes()
                .that()
                .areAssignableTo(Throwable.class)
                .and()
                .resideOutsideOfPackages(CLI, TCK) // an exit code, a test's failure
                .should()
                .beAssignableTo(dev.livesync.api.SyncException.class)
                .check(house);
    }

    private static boolean exported(JavaClass type) {
        return PublicSurface.EXPORTED.containsKey(type.getPackageName());
    }

    private static void mayUse(String[] module, String[] own, String... foreign) {
        String[] allowed = Stream.concat(Stream.of(own), Stream.of(foreign)).toArray(String[]::new);
        DescribedPredicate<JavaClass> outside = DescribedPredicate.not(resideInAnyPackage(allowed))
                .and(DescribedPredicate.describe(
                        "are no primitive or array of them",
                        type -> !type.getPackageName().isEmpty()));
        noClasses()
                .that()
                .resideInAnyPackage(module)
                .should()
                .dependOnClassesThat(outside)
                .check(house);
    }
}
