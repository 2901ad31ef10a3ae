package dev.livesync.tck;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import org.junit.jupiter.api.Test;

/**
 * What a verdict depends on beside what was tested.
 *
 * @param kit the kit's version
 * @param specification the digest of the specification that the rules are from
 * @param junit the version of JUnit that ran it
 * @param scale the factor for all timeouts
 * @param seeds how many times as many histories as by default; the seeds themselves are fixed
 */
record RunEnvironment(String kit, String specification, String junit, double scale, int seeds) {
    /** Of a run that begins. */
    static RunEnvironment of(Class<?> testClass, double scale) {
        String kind = ReplicaTck.class.isAssignableFrom(testClass) ? "R" : "T";
        return new RunEnvironment(kitVersion(), Spec.of(kind).digest(), junitVersion(), scale, ReplicaFixture.SEEDS);
    }

    private static String kitVersion() {
        Properties properties = new Properties();
        try (InputStream in = Tck.class.getResourceAsStream("version.properties")) {
            properties.load(Objects.requireNonNull(in, "a file of the kit's jar"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return properties.getProperty("version");
    }

    /** What runs the kit. */
    static String junitVersion() {
        return Optional.ofNullable(Test.class.getPackage().getImplementationVersion())
                .or(() -> Test.class.getModule().getDescriptor().rawVersion())
                .orElse("unknown");
    }

    /** Java, system and processors, for people. */
    String machine() {
        return "Java " + System.getProperty("java.runtime.version") + ", " + System.getProperty("os.name") + " "
                + System.getProperty("os.version") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " processors";
    }

    void writeTo(JsonGenerator json) throws IOException {
        json.writeStringField("kit", kit);
        json.writeStringField("specification", specification);
        json.writeStringField("junit", junit);
        json.writeStringField("scale", Double.toString(scale));
        json.writeNumberField("seeds", seeds);
        json.writeObjectFieldStart("environment");
        json.writeStringField("java", System.getProperty("java.runtime.version"));
        json.writeStringField("vm", System.getProperty("java.vm.name"));
        json.writeStringField("os", System.getProperty("os.name") + " " + System.getProperty("os.version"));
        json.writeStringField("arch", System.getProperty("os.arch"));
        json.writeNumberField("processors", Runtime.getRuntime().availableProcessors());
        json.writeStringField("locale", Locale.getDefault().toLanguageTag());
        json.writeStringField("charset", Charset.defaultCharset().name());
        json.writeEndObject();
    }
}
