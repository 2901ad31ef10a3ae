package dev.livesync.simulation.world;

import dev.livesync.api.discovery.Advertisement;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.discovery.DiscoveryListener;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/** Where the machines of a mesh find each other. */
final class Lookout {
    private final Map<String, Post> posts = new LinkedHashMap<>();

    /** A discovery for one start of a machine. */
    Post post(String name) {
        return new Post(name);
    }

    final class Post implements Discovery {
        private final String name;
        private @Nullable DiscoveryListener listener;
        private @Nullable DiscoveredPeer self;

        private Post(String name) {
            this.name = name;
        }

        @Override
        public CompletionStage<String> start(Advertisement advertised, DiscoveryListener told) {
            listener = told;
            self = new DiscoveredPeer(name, advertised.addresses());
            for (Post other : List.copyOf(posts.values())) {
                if (other.listener != null && other.self != null) {
                    other.listener.found(self);
                    told.found(other.self);
                }
            }
            posts.put(name, this);
            return CompletableFuture.completedFuture(name);
        }

        /** Also what others notice of a machine that has stopped. */
        @Override
        public void close() {
            listener = null;
            if (posts.remove(name, this)) {
                posts.values().forEach(other -> {
                    if (other.listener != null) {
                        other.listener.lost(name);
                    }
                });
            }
        }
    }
}
