package dev.livesync.spring;

import dev.livesync.api.transport.TransportProvider;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;

/** Which transports an application uses: its beans, and of the others those that it names, or all. */
final class TransportChoice {
    private TransportChoice() {}

    static List<TransportProvider> of(List<String> named, List<TransportProvider> beans) {
        List<TransportProvider> chosen = new ArrayList<>(beans);
        Set<String> ids = new HashSet<>();
        beans.forEach(bean -> ids.add(bean.id()));
        ClassLoader loader = TransportChoice.class.getClassLoader();
        for (TransportProvider found : ServiceLoader.load(TransportProvider.class, loader)) {
            if ((named.isEmpty() || named.contains(found.id())) && ids.add(found.id())) {
                chosen.add(found);
            }
        }
        List<String> absent = named.stream().filter(id -> !ids.contains(id)).toList();
        if (!absent.isEmpty()) {
            throw new IllegalStateException("livesync.transports names " + absent + "; there are " + ids
                    + ". A transport is there when its module is a dependency");
        }
        return chosen;
    }
}
