package dev.livesync.spring;

import dev.livesync.Sync;
import dev.livesync.database.Database;
import dev.livesync.metrics.SyncMetrics;
import io.micrometer.core.instrument.binder.MeterBinder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** The numbers of database and sync for Micrometer, where the application has it; Boot binds them to its registries. */
@AutoConfiguration(after = LiveSyncAutoConfiguration.class)
@ConditionalOnClass(MeterBinder.class)
@ConditionalOnProperty(name = "livesync.enabled", matchIfMissing = true)
class MetricsAutoConfiguration {
    private static final String UNNAMED = "livesync";

    @Bean
    @ConditionalOnMissingBean(name = "liveSyncMetrics")
    MeterBinder liveSyncMetrics(LiveSyncProperties properties, Database database, Sync sync) {
        String name = properties.databaseName();
        SyncMetrics metrics = new SyncMetrics(name.isEmpty() ? UNNAMED : name, database, sync);
        // Not the final class itself, which can't be proxied.
        return registry -> metrics.bindTo(registry);
    }
}
