package dev.livesync.spring;

import dev.livesync.transport.servlet.ServletConfiguration;
import dev.livesync.transport.servlet.ServletTransportProvider;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.websocket.server.ServerContainer;
import java.util.Set;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnExpression;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.ServletRegistrationBean;
import org.springframework.context.annotation.Bean;

/** A hub on the application's own port, where {@code livesync.hub.path} says so. */
@AutoConfiguration(before = LiveSyncAutoConfiguration.class)
@ConditionalOnExpression("!'${livesync.hub.path:}'.isEmpty()")
@ConditionalOnProperty(name = "livesync.enabled", matchIfMissing = true)
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnClass({Servlet.class, ServerContainer.class})
class ServletHubAutoConfiguration {
    @Bean("dev.livesync.transport.servlet.ServletTransportProvider" + LiveSyncAutoConfiguration.NO_PROXY)
    ServletTransportProvider liveSyncServletTransport(LiveSyncProperties properties) {
        LiveSyncProperties.Hub hub = properties.hub();
        return new ServletTransportProvider(ServletConfiguration.builder(hub.path())
                .publicUrl(hub.publicUrl())
                .allowedOrigins(Set.copyOf(hub.allowedOrigins()))
                .maxConnections(hub.maxConnections())
                .build());
    }

    @Bean
    ServletRegistrationBean<HttpServlet> liveSyncHubServlet(
            ServletTransportProvider provider, LiveSyncProperties properties) {
        ServletRegistrationBean<HttpServlet> registration = new ServletRegistrationBean<>(
                provider.servlet(), properties.hub().path());
        registration.setName("liveSyncHub");
        registration.setLoadOnStartup(1);
        return registration;
    }
}
