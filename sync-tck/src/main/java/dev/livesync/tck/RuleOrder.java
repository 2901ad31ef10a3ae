package dev.livesync.tck;

import java.lang.reflect.Method;
import java.util.Comparator;
import org.junit.jupiter.api.MethodDescriptor;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.MethodOrdererContext;

/** In the specification's order, so that the first failure is the one to look at first. */
final class RuleOrder implements MethodOrderer {
    static final Comparator<String> IDS = Comparator.<String, Integer>comparing(id -> part(id, 0))
            .thenComparing(id -> part(id, 1))
            .thenComparing(Comparator.naturalOrder());

    @Override
    public void orderMethods(MethodOrdererContext context) {
        context.getMethodDescriptors()
                .sort(Comparator.comparing(RuleOrder::idOf, IDS)
                        .thenComparing(descriptor -> descriptor.getMethod().getName()));
    }

    private static String idOf(MethodDescriptor descriptor) {
        Method method = descriptor.getMethod();
        Rule rule = method.getAnnotation(Rule.class);
        return rule == null ? "" : rule.value();
    }

    private static int part(String id, int index) {
        String[] parts = id.replaceFirst("^[TR]", "").split("\\.", -1);
        return id.isEmpty() || parts.length != 2 ? Integer.MAX_VALUE : Integer.parseInt(parts[index]);
    }
}
