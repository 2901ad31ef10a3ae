/** What earlier builds have written, and what later ones will. */
package dev.livesync.formats;
