package dev.livesync.spring;

import jakarta.servlet.Servlet;
import jakarta.websocket.server.ServerContainer;
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
    @Bean("dev.livesync.spring.ServletTransportProvider" + LiveSyncAutoConfiguration.NO_PROXY)
    ServletTransportProvider liveSyncServletTransport(LiveSyncProperties properties) {
        return new ServletTransportProvider(properties.hub(), ContainerReading.isSupported());
    }

    @Bean
    ServletRegistrationBean<HubServlet> liveSyncHubServlet(ServletTransportProvider provider) {
        ServletRegistrationBean<HubServlet> registration = new ServletRegistrationBean<>(
                new HubServlet(provider), provider.hub().path());
        registration.setName("liveSyncHub");
        registration.setLoadOnStartup(1);
        return registration;
    }
}
