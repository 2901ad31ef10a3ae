package dev.livesync.tck;

import dev.livesync.api.transport.TransportProvider;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whether a transport works where the default charset is another one. That is set when a process starts, so it takes one. */
final class CharsetProbe {
    /** Has no dotless i, and makes other text of any bytes that are not its own. */
    private static final String FOREIGN = "ISO-8859-1";

    private CharsetProbe() {}

    /** What goes wrong there and not with UTF-8; null if nothing does, or if the provider can't be made by its name. */
    static @Nullable String failure(TransportProvider provider, Duration patience)
            throws IOException, InterruptedException {
        if (!OtherJvm.canMake(provider.getClass())) {
            return null;
        }
        OtherJvm.Outcome foreign = run(provider, patience, FOREIGN);
        // A provider that is made by its constructor alone may lack what a test gives it.
        return foreign.succeeded() || !run(provider, patience, "UTF-8").succeeded()
                ? null
                : "with -Dfile.encoding=" + FOREIGN + ", and not with UTF-8: " + text(foreign.lines());
    }

    private static OtherJvm.Outcome run(TransportProvider provider, Duration patience, String charset)
            throws IOException, InterruptedException {
        return new OtherJvm(CharsetProbe.class, patience, "-Dfile.encoding=" + charset).run(provider.getClass());
    }

    private static String text(List<String> lines) {
        return String.join("\n    ", lines.subList(0, Math.min(lines.size(), 12)));
    }

    /** The kit for a provider that is known by its class. */
    private static final class Kit extends TransportTck {
        private final TransportProvider provider;

        Kit(TransportProvider provider) {
            this.provider = provider;
        }

        @Override
        protected TransportProvider provider() {
            return provider;
        }
    }

    /**
     * The other process.
     *
     * @param args the provider's class
     */
    public static void main(String... args) throws Exception {
        TransportProvider provider = Class.forName(args[0])
                .asSubclass(TransportProvider.class)
                .getConstructor()
                .newInstance();
        Kit kit = new Kit(provider);
        int status = 1;
        try {
            kit.begin();
            try {
                Conversation.hold(kit.fixture(), "in another charset", context -> {});
            } finally {
                kit.finish();
            }
            status = 0;
        } catch (Exception | AssertionError e) {
            System.out.println(e);
        } finally {
            System.out.flush();
            Runtime.getRuntime().halt(status); // whatever was started would keep us
        }
    }
}
