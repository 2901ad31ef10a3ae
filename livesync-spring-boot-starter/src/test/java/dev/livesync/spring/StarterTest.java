package dev.livesync.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.livesync.Session;
import dev.livesync.Sync;
import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.database.Database;
import dev.livesync.grant.Grant;
import dev.livesync.grant.Grants;
import dev.livesync.grant.Rights;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.aop.support.AopUtils;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.io.ClassPathResource;

/** Applications of Spring Boot 3.5, started in this process. */
@Timeout(value = 2, unit = TimeUnit.MINUTES)
class StarterTest {
    private static final String SECRET = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    @TempDir
    private static Path directory;

    private static ConfigurableApplicationContext hub;

    @BeforeAll
    static void startHub() {
        hub = start(
                WebApplicationType.SERVLET,
                ListApplication.class,
                "livesync.directory=" + directory,
                "livesync.hub.path=/livesync",
                "livesync.hub.secret=" + SECRET,
                "livesync.hub.public-url=wss://example.org/livesync",
                "livesync.hub.allowed-origins=https://example.org",
                "livesync.listen.address=ws://127.0.0.1:0/",
                "livesync.listen.secret=" + SECRET);
    }

    @AfterAll
    static void stopHub() {
        hub.close();
    }

    private static ConfigurableApplicationContext start(
            WebApplicationType type, Class<?> application, String... properties) {
        List<String> all = new ArrayList<>(List.of(
                "server.port=0",
                "server.address=127.0.0.1",
                "spring.main.banner-mode=off",
                "spring.main.register-shutdown-hook=false",
                "logging.level.root=warn",
                "management.endpoint.health.show-details=always"));
        all.addAll(List.of(properties));
        return new SpringApplicationBuilder(application)
                .web(type)
                .properties(all.toArray(String[]::new))
                .run();
    }

    private static String at(String path) {
        return "127.0.0.1:" + hub.getEnvironment().getProperty("local.server.port") + path;
    }

    private static HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://" + at(path)));
    }

    private static HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return HTTP.send(request.build(), BodyHandlers.ofString());
    }

    @Test
    void aHubOnTheApplicationsPortSyncs() throws Exception {
        try (Database client = Database.inMemory();
                Sync sync = new Sync(client)) {
            Database served = hub.getBean(Database.class);
            served.put("large", "{\"text\":\"" + "ü".repeat(300_000) + "\"}");
            client.put("from-client", "{\"text\":\"tea\"}");

            Session session = sync.dial("ws://" + at("/livesync"), SECRET).join();
            session.backlog().join();

            assertThat(client.all()).isEqualTo(served.all()).hasSizeGreaterThan(1);
            served.put("live", "{\"n\":1}");
            await().untilAsserted(() -> assertThat(client.get("live")).isPresent());
            assertThat(send(request("/actuator/health")).body())
                    .contains("\"liveSync\":{\"status\":\"UP\"", "\"sessions\":", "\"endpoints\":2");

            assertThat(hub.getBean(MeterRegistry.class)
                            .get("livesync.sessions.opened")
                            .tag("database", "livesync")
                            .functionCounter()
                            .count())
                    .isPositive();

            session.close();
            assertThat(session.closed()).succeedsWithin(Duration.ofMinutes(1));
        }
    }

    @Test
    void whoeverHasAGrantComesInUntilItIsRevoked() {
        Grants grants = hub.getBean(Grants.class);
        Grant grant = Grant.of("tablet", Rights.READ, new SecureRandom());
        grants.add(grant);
        try (Database client = Database.inMemory();
                Sync sync = new Sync(client)) {
            Session session =
                    sync.dial("ws://" + at("/livesync"), grant.secret()).join();
            assertThat(session.backlog()).succeedsWithin(Duration.ofMinutes(1));

            grants.revoke("tablet");

            assertThat(session.closed())
                    .failsWithin(Duration.ofMinutes(1))
                    .withThrowableThat()
                    .havingCause()
                    .isInstanceOf(SyncException.class);
        }
    }

    @Test
    void strangersAreTurnedAway() throws Exception {
        try (Database client = Database.inMemory();
                Sync sync = new Sync(client)) {
            assertThatThrownBy(() ->
                            sync.dial("ws://" + at("/livesync"), "z" + SECRET).join())
                    .hasCauseInstanceOf(SyncException.class)
                    .satisfies(e ->
                            assertThat(((SyncException) e.getCause()).kind()).isEqualTo(ErrorKind.AUTHENTICATION));
        }
        assertThat(send(request("/livesync")).statusCode()).isEqualTo(426);
        assertThat(send(request("/livesync").header("Origin", "https://example.com"))
                        .statusCode())
                .isEqualTo(403);
        assertThat(send(request("/livesync").header("Origin", "https://example.org"))
                        .statusCode())
                .isEqualTo(426);
    }

    @Test
    void documentsGoInAndOutOfControllers() throws Exception {
        Database database = hub.getBean(Database.class);
        database.put("a\"b", "{\"n\":1,\"list\":[true,null,1.5]}");
        String clock = database.clock().get(0).toString();

        assertThat(send(request("/items/a%22b")).body())
                .isEqualTo("{\"_id\":\"a\\\"b\",\"_clock\":[\"" + clock + "\"],\"n\":1,\"list\":[true,null,1.5]}");

        assertThat(put("{\"_id\":\"c\",\"n\":2}").body())
                .isEqualTo("\"" + database.clock().get(0) + "\"");
        assertThat(database.get("c").orElseThrow().json()).isEqualTo("{\"n\":2}");
        for (String wrong : List.of("{\"n\":2}", "{\"_id\":7}", "[1]", "{\"_id\":\"c\",\"_clock\":1}")) {
            assertThat(put(wrong).statusCode()).as(wrong).isEqualTo(400);
        }
    }

    private static HttpResponse<String> put(String json) throws Exception {
        return send(request("/items")
                .header("Content-Type", "application/json")
                .PUT(HttpRequest.BodyPublishers.ofString(json)));
    }

    @Test
    void anApplicationBehindProxiesKeepsAPeerInStep() {
        SyncedDatabase served = hub.getBean(SyncedDatabase.class);
        assertThat(served.endpoints())
                .first()
                .satisfies(endpoint -> assertThat(endpoint.publicAddress()).isEqualTo("wss://example.org/livesync"));
        try (ConfigurableApplicationContext leaf = start(
                WebApplicationType.NONE,
                ProxiedApplication.class,
                "livesync.peers.office.address=" + served.endpoints().get(1).publicAddress(),
                "livesync.peers.office.secret=" + SECRET)) {
            Database database = leaf.getBean(Database.class);
            hub.getBean(Database.class).put("from-office", "{\"n\":1}");
            await().untilAsserted(() -> assertThat(database.get("from-office")).isPresent());

            // All of the starter's beans that can be are proxies; the others are left alone, and still the same
            // everywhere.
            SyncedDatabase synced = leaf.getBean(SyncedDatabase.class);
            assertThat(AopUtils.isCglibProxy(synced)).isTrue();
            assertThat(AopUtils.isAopProxy(leaf.getBean(Grants.class))).isTrue();
            assertThat(synced.database()).isSameAs(database);
            assertThat(synced.sync()).isSameAs(leaf.getBean(Sync.class));
            assertThat(leaf.getBean(ProxiedApplication.Writer.class).write("from-leaf"))
                    .succeedsWithin(Duration.ofMinutes(1));
            assertThat(HealthFacts.of(synced))
                    .satisfies(facts -> assertThat(facts.up()).isTrue())
                    .satisfies(
                            facts -> assertThat(facts.details()).containsEntry("peers", Map.of("office", "CONNECTED")));

            leaf.close();
            assertThat(hub.getBean(Database.class).get("from-leaf")).isPresent();
        }
    }

    @Test
    void nothingIsThereWhereItIsSwitchedOff() {
        try (ConfigurableApplicationContext application = start(
                WebApplicationType.NONE,
                ProxiedApplication.SwitchedOff.class,
                "livesync.enabled=false",
                "livesync.hub.path=/livesync")) {
            assertThat(application.getBeanNamesForType(Database.class)).isEmpty();
            assertThat(application.getBeanNamesForType(Sync.class)).isEmpty();
            assertThat(application.getBeanNamesForType(Grants.class)).isEmpty();
        }
    }

    @Test
    void editorsKnowTheProperties() throws Exception {
        assertThat(properties())
                .contains("livesync.directory", "livesync.hub.path", "livesync.listen.address", "livesync.peers");
    }

    /** All that there are, each with a description. */
    static List<String> properties() throws IOException {
        JsonNode metadata = new ObjectMapper()
                .readTree(new ClassPathResource("META-INF/spring-configuration-metadata.json").getInputStream());
        List<String> names = new ArrayList<>();
        for (JsonNode property : metadata.get("properties")) {
            names.add(property.get("name").textValue());
            assertThat(property.path("description").asText())
                    .as("the description of %s", property)
                    .isNotBlank();
        }
        return names;
    }

    /** A version that the application's BOM decides is one that ours must not. */
    @Test
    void theBomManagesNothingOfOthers() throws Exception {
        String bom = Files.readString(Path.of("..", "sync-bom", "pom.xml"));
        String managed = bom.substring(bom.indexOf("<dependencyManagement>"), bom.indexOf("</dependencyManagement>"));
        assertThat(managed.split("<groupId>", -1)).hasSizeGreaterThan(10);
        assertThat(managed.replace("<groupId>dev.livesync</groupId>", "")).doesNotContain("<groupId>");
    }
}
