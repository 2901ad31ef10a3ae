package dev.livesync.transport.servlet;

import dev.livesync.api.ErrorKind;
import dev.livesync.api.SyncException;
import java.util.Locale;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

/** Where a hub is in its servlet container, and who may connect. Immutable; any thread. */
public final class ServletConfiguration {
    private final String path;
    private final String publicUrl;
    private final Set<String> allowedOrigins;
    private final int maxConnections;

    private ServletConfiguration(Builder builder) {
        this.path = builder.path;
        this.publicUrl = builder.publicUrl;
        this.allowedOrigins = Set.copyOf(builder.allowedOrigins);
        this.maxConnections = builder.maxConnections;
    }

    /**
     * A hub at a path: 1,000 connections, no web page let in, no public address.
     *
     * @param path of the hub's servlet within its web application, such as {@code /livesync}
     * @return a configuration
     * @throws SyncException of the kind CONFIGURATION for a path that doesn't begin with a slash
     */
    public static ServletConfiguration at(String path) {
        return builder(path).build();
    }

    /**
     * A builder that starts with the defaults of {@link #at}.
     *
     * @param path of the hub's servlet within its web application, such as {@code /livesync}
     * @return a new builder
     * @throws SyncException of the kind CONFIGURATION for a path that doesn't begin with a slash
     */
    public static Builder builder(String path) {
        return new Builder(path);
    }

    /**
     * A builder that starts with this configuration.
     *
     * @return a new builder
     */
    public Builder toBuilder() {
        return new Builder(path)
                .publicUrl(publicUrl)
                .allowedOrigins(allowedOrigins)
                .maxConnections(maxConnections);
    }

    /**
     * Where the hub is within its web application.
     *
     * @return begins with a slash
     */
    public String path() {
        return path;
    }

    /**
     * What others dial, such as {@code wss://example.org/livesync}, which the endpoint tells as its address.
     *
     * @return empty if nobody asks for it
     */
    public String publicUrl() {
        return publicUrl;
    }

    /**
     * Origins of web pages that may connect; whoever sends none is a program, and may.
     *
     * @return in lower case
     */
    public Set<String> allowedOrigins() {
        return allowedOrigins;
    }

    /**
     * How many connections there may be at once; further ones get HTTP 503.
     *
     * @return connections
     */
    public int maxConnections() {
        return maxConnections;
    }

    static String normal(String origin) {
        return origin.trim().toLowerCase(Locale.ROOT);
    }

    /** For one thread at a time. */
    public static final class Builder {
        private final String path;
        private String publicUrl = "";
        private Set<String> allowedOrigins = Set.of();
        private int maxConnections = 1_000;

        private Builder(String path) {
            if (!path.startsWith("/")) {
                throw new SyncException(
                        ErrorKind.CONFIGURATION,
                        "the path of a hub begins with a slash, such as /livesync; this is \"" + path + "\"");
            }
            this.path = path;
        }

        /**
         * What others dial.
         *
         * @param url such as {@code wss://example.org/livesync}; empty, unless set, if nobody asks for it
         * @return this
         */
        public Builder publicUrl(String url) {
            publicUrl = Objects.requireNonNull(url, "url");
            return this;
        }

        /**
         * Which web pages may connect.
         *
         * @param origins such as {@code https://example.org}; none unless set
         * @return this
         */
        public Builder allowedOrigins(Set<String> origins) {
            allowedOrigins = origins.stream().map(ServletConfiguration::normal).collect(Collectors.toUnmodifiableSet());
            return this;
        }

        /**
         * How many connections there may be at once.
         *
         * @param connections at least 1; 1,000 unless set
         * @return this
         * @throws SyncException of the kind CONFIGURATION for fewer than 1
         */
        public Builder maxConnections(int connections) {
            if (connections < 1) {
                throw new SyncException(ErrorKind.CONFIGURATION, "maxConnections is at least 1, not " + connections);
            }
            maxConnections = connections;
            return this;
        }

        /**
         * The configuration.
         *
         * @return an immutable one
         */
        public ServletConfiguration build() {
            return new ServletConfiguration(this);
        }
    }
}
