package dev.livesync.spring;

import org.springframework.boot.actuate.health.Health;
import org.springframework.boot.actuate.health.HealthIndicator;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.context.annotation.Bean;

/** The health indicator {@code liveSync} of Spring Boot 3. */
@AutoConfiguration(after = LiveSyncAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnProperty(name = "livesync.enabled", matchIfMissing = true)
@ConditionalOnProperty(name = "management.health.livesync.enabled", matchIfMissing = true)
class Boot3HealthAutoConfiguration {
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
