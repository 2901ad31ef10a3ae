package dev.livesync.cli.hub;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the configuration file says, field by field, before it is checked. What is absent is null.
 *
 * @param databases what is served, each at addresses of its own
 * @param group what is served at the same addresses
 * @param health where liveness and readiness are told
 * @param blocks where blocks are handed out
 * @param drain how sessions leave before it stops
 */
record HubSettings(
        @Nullable List<@Nullable DatabaseSettings> databases,
        @Nullable GroupSettings group,
        @Nullable String health,
        @Nullable String blocks,
        @Nullable DrainFields drain) {
    record DrainFields(
            @Nullable Integer noticeSeconds, @Nullable Integer leaveSeconds) {}

    record DatabaseSettings(
            @Nullable String directory,
            @Nullable String store,
            @Nullable String reads,
            @Nullable String database,
            @Nullable List<@Nullable String> listen,
            @Nullable String secretFile,
            @Nullable Map<String, @Nullable GrantSettings> grants,
            @Nullable Boolean alphas,
            @Nullable Boolean attachments,
            @Nullable PageSettings page,
            @Nullable WebSocketSettings websocket,
            @Nullable Libp2pSettings libp2p,
            @Nullable LimitSettings limits) {}

    record GroupSettings(
            @Nullable List<@Nullable String> listen,
            @Nullable Map<String, @Nullable MemberSettings> databases,
            @Nullable WebSocketSettings websocket,
            @Nullable Libp2pSettings libp2p) {}

    record MemberSettings(
            @Nullable String directory,
            @Nullable String store,
            @Nullable String reads,
            @Nullable String database,
            @Nullable Map<String, @Nullable GrantSettings> grants,
            @Nullable Boolean attachments,
            @Nullable PageSettings page,
            @Nullable LimitSettings limits) {}

    record PageSettings(
            @Nullable String directory,
            @Nullable Integer port,
            @Nullable String secretFile) {}

    record GrantSettings(
            @Nullable String rights,
            @Nullable String secretFile,
            @Nullable String expires,
            @Nullable List<@Nullable String> peers) {}

    record WebSocketSettings(
            @Nullable Boolean plaintext,
            @Nullable List<@Nullable String> origins,
            @Nullable String keystore,
            @Nullable String keystorePasswordFile,
            @Nullable Integer maxConnections) {}

    record Libp2pSettings(@Nullable String identityFile) {}

    record LimitSettings(
            @Nullable Integer sessionsPerGrant,
            @Nullable Integer maxDocumentBytes,
            @Nullable Long transitBytes,
            @Nullable Integer heartbeatSeconds) {}
}
