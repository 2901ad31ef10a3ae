package dev.livesync.spring;

import dev.livesync.api.Cid;
import dev.livesync.database.Database;
import java.util.concurrent.CompletableFuture;
import org.aopalliance.intercept.MethodInterceptor;
import org.springframework.aop.framework.autoproxy.DefaultAdvisorAutoProxyCreator;
import org.springframework.aop.support.DefaultPointcutAdvisor;
import org.springframework.aop.support.StaticMethodMatcherPointcut;
import org.springframework.boot.SpringBootConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;
import org.springframework.scheduling.annotation.Async;
import org.springframework.scheduling.annotation.EnableAsync;
import org.springframework.stereotype.Component;

/** Wraps whatever it can in proxies of classes, as an aspect with a wide pointcut does. */
@SpringBootConfiguration
@EnableAutoConfiguration
@EnableAsync(proxyTargetClass = true)
class ProxiedApplication {
    @Bean
    static DefaultAdvisorAutoProxyCreator proxies() {
        DefaultAdvisorAutoProxyCreator creator = new DefaultAdvisorAutoProxyCreator();
        creator.setProxyTargetClass(true);
        return creator;
    }

    @Bean
    static DefaultPointcutAdvisor everythingOfOurs() {
        return new DefaultPointcutAdvisor(
                new StaticMethodMatcherPointcut() {
                    @Override
                    public boolean matches(java.lang.reflect.Method method, Class<?> type) {
                        // Records are final, and nobody's proxies.
                        return type.getName().startsWith("dev.livesync.") && !type.isRecord();
                    }
                },
                (MethodInterceptor) invocation -> invocation.proceed());
    }

    @Component
    static class Writer {
        private final SyncedDatabase synced;

        Writer(@Lazy SyncedDatabase synced) {
            this.synced = synced;
        }

        @Async
        CompletableFuture<Cid> write(String id) {
            Database database = synced.database();
            return CompletableFuture.completedFuture(database.put(id, "{\"n\":1}"));
        }
    }

    @SpringBootConfiguration
    @EnableAutoConfiguration
    static class SwitchedOff {}
}
