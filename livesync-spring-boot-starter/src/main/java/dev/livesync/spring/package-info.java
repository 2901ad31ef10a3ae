/**
 * LiveSync in a Spring Boot application: a {@link dev.livesync.database.Database}, a {@link dev.livesync.Sync} and a {@link
 * dev.livesync.spring.SyncedDatabase} as beans, by the properties of {@link dev.livesync.spring.LiveSyncProperties}.
 */
@NullMarked
package dev.livesync.spring;

import org.jspecify.annotations.NullMarked;
