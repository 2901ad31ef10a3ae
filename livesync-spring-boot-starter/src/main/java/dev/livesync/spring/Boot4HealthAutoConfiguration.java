package dev.livesync.spring;

import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/** The health indicator {@code liveSync} of Spring Boot 4. */
@AutoConfiguration(after = LiveSyncAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnProperty(name = "livesync.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "management.health.livesync.enabled", matchIfMissing = true)
class Boot4HealthAutoConfiguration {
    @Bean
    @ConditionalOnMissingBean(name = "liveSyncHealthIndicator")
    HealthIndicator liveSyncHealthIndicator(SyncedDatabase synced) {
        return () -> {
            HealthFacts facts = HealthFacts.of(synced);
            Health.Builder health = facts.up() ? Health.up() : Health.down();
            return health.withDetails(facts.details()).build();
        };
    }
}
