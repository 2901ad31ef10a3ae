package dev.livesync.spring;

import dev.livesync.Sync;
import dev.livesync.SyncListener;
import dev.livesync.api.transport.TransportProvider;
import dev.livesync.database.Database;
import dev.livesync.database.DatabaseOptions;
import dev.livesync.grant.Authorizer;
import dev.livesync.grant.Grants;
import java.nio.file.Path;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The database, who may sync it, and what does. */
@AutoConfiguration
@ConditionalOnProperty(name = "livesync.enabled", matchIfMissing = true)
@EnableConfigurationProperties(LiveSyncProperties.class)
class LiveSyncAutoConfiguration {
    /**
     * Spring's suffix for beans that are never to be wrapped in a proxy: a pointcut over half the world would otherwise fail at these final
     * classes. See {@code AutowireCapableBeanFactory.ORIGINAL_INSTANCE_SUFFIX}.
     */
    static final String NO_PROXY = ".ORIGINAL";

    static final String DATABASE = "dev.livesync.database.Database" + NO_PROXY;
    static final String SYNC = "dev.livesync.Sync" + NO_PROXY;

    @Bean(name = {DATABASE, "liveSyncDatabase"})
    @ConditionalOnMissingBean
    Database liveSyncDatabase(LiveSyncProperties properties, ObjectProvider<DatabaseOptions> options) {
        DatabaseOptions chosen = options.getIfUnique(DatabaseOptions::defaults);
        Path directory = properties.directory();
        return directory == null ? Database.inMemory(chosen) : Database.open(directory, chosen);
    }

    @Bean
    @ConditionalOnMissingBean
    Grants liveSyncGrants(Database database) {
        return new ApplicationGrants(
                database.directory().map(Grants::inDirectory).orElseGet(Grants::inMemory));
    }

    @Bean(name = {SYNC, "liveSync"})
    @ConditionalOnMissingBean
    Sync liveSync(
            LiveSyncProperties properties,
            Database database,
            ObjectProvider<TransportProvider> transports,
            ObjectProvider<SyncListener> listeners,
            ObjectProvider<Authorizer> authorizer,
            ObjectProvider<SyncCustomizer> customizers) {
        Sync.Builder builder = Sync.builder(database).allowAlpha(properties.allowAlpha());
        if (!properties.databaseName().isEmpty()) {
            builder.databaseName(properties.databaseName());
        }
        TransportChoice.of(properties.transports(), transports.orderedStream().toList())
                .forEach(builder::transport);
        listeners.orderedStream().forEach(builder::listener);
        authorizer.ifUnique(builder::authorizer);
        customizers.orderedStream().forEach(customizer -> customizer.customize(builder));
        return builder.build();
    }

    @Bean
    @ConditionalOnMissingBean
    SyncedDatabase syncedDatabase(LiveSyncProperties properties, Database database, Sync sync, Grants grants) {
        return new SyncLifecycle(properties, database, sync, grants);
    }
}
