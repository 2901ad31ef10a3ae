package dev.livesync.tck.internal;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.ServiceConfigurationError;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.EngineDiscoveryListener;
import org.junit.platform.engine.EngineDiscoveryRequest;
import org.junit.platform.engine.ExecutionRequest;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestEngine;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.discovery.ClassSelector;
import org.junit.platform.engine.discovery.MethodSelector;
import org.junit.platform.engine.support.descriptor.AbstractTestDescriptor;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.EngineDescriptor;

/**
 * Fails a run of the kit in which JUnit Jupiter finds nothing. A launcher that an engine doesn't fit, as that of Surefire 2.22, passes
 * the engine over with a warning, and the build is green. So this engine asks Jupiter for its tests, too: where that fails, it has
 * a failing test for each class of the kit; else it has none. It uses nothing that the oldest JUnit Platform doesn't have.
 */
public final class JupiterCheckEngine implements TestEngine {
    private static final String JUPITER = "junit-jupiter";

    /** For ServiceLoader. */
    public JupiterCheckEngine() {}

    @Override
    public String getId() {
        return "livesync-tck";
    }

    @Override
    public TestDescriptor discover(EngineDiscoveryRequest request, UniqueId uniqueId) {
        EngineDescriptor root = new EngineDescriptor(uniqueId, "sync-tck");
        Set<String> kits = kits(request);
        String problem = kits.isEmpty() ? null : problem(request);
        if (problem != null) {
            kits.forEach(kit -> root.addChild(new Problem(uniqueId.append("class", kit), kit, problem)));
        }
        return root;
    }

    @Override
    public void execute(ExecutionRequest request) {
        TestDescriptor root = request.getRootTestDescriptor();
        request.getEngineExecutionListener().executionStarted(root);
        for (TestDescriptor test : root.getChildren()) {
            request.getEngineExecutionListener().executionStarted(test);
            request.getEngineExecutionListener()
                    .executionFinished(test, TestExecutionResult.failed(new AssertionError(((Problem) test).text)));
        }
        request.getEngineExecutionListener().executionFinished(root, TestExecutionResult.successful());
    }

    /** The names of the classes asked for that extend the kit. */
    private static Set<String> kits(EngineDiscoveryRequest request) {
        Set<String> kits = new LinkedHashSet<>();
        for (DiscoverySelector selector : request.getSelectorsByType(DiscoverySelector.class)) {
            try {
                if (selector instanceof ClassSelector of) {
                    addKit(of.getJavaClass(), kits);
                } else if (selector instanceof MethodSelector of) {
                    addKit(of.getJavaClass(), kits);
                }
            } catch (RuntimeException | LinkageError e) {
                // a class that isn't there or can't be loaded, which is for Jupiter to say
            }
        }
        return kits;
    }

    private static void addKit(Class<?> type, Set<String> kits) {
        if (dev.livesync.tck.Tck.class.isAssignableFrom(type)) {
            kits.add(type.getName());
        }
    }

    @SuppressWarnings("CatchingUnchecked") // whatever it is, Jupiter can't run
    private static @Nullable String problem(EngineDiscoveryRequest request) {
        TestEngine jupiter = null;
        try {
            for (TestEngine engine : ServiceLoader.load(TestEngine.class)) {
                jupiter = engine.getId().equals(JUPITER) ? engine : jupiter;
            }
            if (jupiter == null) {
                return "no rule was run: there is no junit-jupiter-engine. It comes with sync-tck, so something excludes it";
            }
            jupiter.discover(quiet(request), UniqueId.forEngine(JUPITER));
            return null;
        } catch (RuntimeException | LinkageError | ServiceConfigurationError e) {
            return "no rule was run: JUnit Jupiter cannot work with the JUnit Platform that started it. Surefire 2.22 has too old a launcher, so"
                    + " name Surefire 3, <version>3.6.1</version>; and what a build has of JUnit must be of one version, with"
                    + " org.junit:junit-bom. Here are junit-jupiter-api "
                    + version("org.junit.jupiter.api.Test") + ", junit-jupiter-engine "
                    + version(
                            jupiter == null
                                    ? "org.junit.jupiter.engine.JupiterTestEngine"
                                    : jupiter.getClass().getName())
                    + ", junit-platform-engine " + version(TestEngine.class.getName()) + ", junit-platform-launcher "
                    + version("org.junit.platform.launcher.Launcher") + " (" + root(e) + ")";
        }
    }

    /** The same request, without whom to tell: what there is to tell, the launcher's own asking tells. */
    private static EngineDiscoveryRequest quiet(EngineDiscoveryRequest request) {
        return (EngineDiscoveryRequest) Proxy.newProxyInstance(
                EngineDiscoveryRequest.class.getClassLoader(),
                new Class<?>[] {EngineDiscoveryRequest.class},
                (proxy, method, arguments) -> {
                    if (method.getName().equals("getDiscoveryListener")) {
                        return EngineDiscoveryListener.NOOP;
                    }
                    try {
                        return method.invoke(request, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static String version(String type) {
        try {
            Class<?> found = Class.forName(type, false, Thread.currentThread().getContextClassLoader());
            return Optional.ofNullable(found.getPackage().getImplementationVersion())
                    .or(() -> Optional.ofNullable(found.getModule().getDescriptor())
                            .flatMap(descriptor -> descriptor.rawVersion()))
                    .orElse("of an unknown version");
        } catch (ClassNotFoundException | LinkageError e) {
            return "(none)";
        }
    }

    private static Throwable root(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }

    /** A failing test in the place of a class's. */
    private static final class Problem extends AbstractTestDescriptor {
        private final String text;

        Problem(UniqueId id, String kit, String text) {
            super(id, kit.substring(kit.lastIndexOf('.') + 1), ClassSource.from(kit));
            this.text = text;
        }

        @Override
        public Type getType() {
            return Type.TEST;
        }
    }
}
