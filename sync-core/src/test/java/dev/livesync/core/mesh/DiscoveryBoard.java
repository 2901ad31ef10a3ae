package dev.livesync.core.mesh;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import dev.livesync.api.discovery.Advertisement;
import dev.livesync.api.discovery.DiscoveredPeer;
import dev.livesync.api.discovery.Discovery;
import dev.livesync.api.discovery.DiscoveryListener;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiPredicate;

/** Where peers of a test find each other. It tells what it is made to tell, true or not. By the test's thread. */
final class DiscoveryBoard {
    private final Map<String, Post> posts = new LinkedHashMap<>();
    private BiPredicate<String, String> sees = (one, other) -> true;

    /** A discovery that announces its peer under a name. */
    Post post(String name) {
        return new Post(name);
    }

    /** Who can see whom; whoever is lost or found by that is told so. */
    void visibility(BiPredicate<String, String> newSees) {
        BiPredicate<String, String> before = sees;
        sees = newSees;
        for (Post one : posts()) {
            for (Post other : posts()) {
                boolean saw = before.test(one.name, other.name);
                boolean seen = newSees.test(one.name, other.name);
                if (one != other && saw != seen) {
                    if (seen) {
                        one.listener.found(other.peer());
                    } else {
                        one.listener.lost(other.name);
                    }
                }
            }
        }
    }

    /** Says something to everybody. */
    void found(DiscoveredPeer peer) {
        posts().forEach(post -> post.listener.found(peer));
    }

    void lost(String name) {
        posts().forEach(post -> post.listener.lost(name));
    }

    private List<Post> posts() {
        return new ArrayList<>(posts.values());
    }

    final class Post implements Discovery {
        final String name;
        Advertisement self;
        DiscoveryListener listener;
        boolean closed;
        boolean silent;
        SyncException failure;

        private Post(String name) {
            this.name = name;
        }

        /** It announces nobody and tells of nobody, but what the test has it tell. */
        Post silent() {
            silent = true;
            return this;
        }

        Post failing(ErrorKind kind) {
            failure = new SyncException(kind, "from the test");
            return this;
        }

        DiscoveredPeer peer() {
            return new DiscoveredPeer(name, self.addresses());
        }

        @Override
        public CompletionStage<String> start(Advertisement newSelf, DiscoveryListener newListener) {
            if (failure != null) {
                return CompletableFuture.failedFuture(failure);
            }
            self = newSelf;
            listener = newListener;
            if (!silent) {
                for (Post other : posts()) {
                    if (sees.test(other.name, name)) {
                        other.listener.found(peer());
                    }
                    if (sees.test(name, other.name)) {
                        listener.found(other.peer());
                    }
                }
                posts.put(name, this);
            }
            return CompletableFuture.completedFuture(name);
        }

        @Override
        public void close() {
            closed = true;
            if (posts.remove(name, this)) {
                posts().forEach(other -> other.listener.lost(name));
            }
        }
    }
}
