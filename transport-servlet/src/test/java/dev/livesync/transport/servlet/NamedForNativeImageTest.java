package dev.livesync.transport.servlet;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.InputStream;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the jar tells GraalVM is there. */
class NamedForNativeImageTest {
    @Test
    void theMethodsThatAreNamedAreThoseThatAreLookedUp() throws Exception {
        List<String> named = new ArrayList<>();
        try (InputStream in = NamedForNativeImageTest.class.getResourceAsStream(
                "/META-INF/native-image/dev.livesync/transport-servlet/reflect-config.json")) {
            for (JsonNode type : new ObjectMapper().readTree(in)) {
                Class.forName(
                        type.at("/condition/typeReachable").asText(),
                        false,
                        getClass().getClassLoader());
                Class<?> found = Class.forName(type.get("name").asText());
                for (JsonNode method : type.get("methods")) {
                    assertThat(method.get("parameterTypes")).isEmpty();
                    Method there = found.getMethod(method.get("name").asText());
                    named.add(found.getName() + "." + there.getName());
                }
            }
        }
        assertThat(named)
                .containsExactlyInAnyOrder(
                        ContainerReading.TOMCAT + "." + ContainerReading.SUSPEND,
                        ContainerReading.TOMCAT + "." + ContainerReading.RESUME);
    }
}
