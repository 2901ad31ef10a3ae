package dev.livesync.kotlin

import java.util.concurrent.CompletableFuture
import kotlin.coroutines.resume
import kotlin.coroutines.resumeWithException
import kotlinx.coroutines.suspendCancellableCoroutine

/**
 * Waits for something that is the caller's to close: the session of a `dial`, the endpoint of a `listen`.
 *
 * When the coroutine is cancelled the call is given up, and what comes of it all the same is closed, so that nobody is left with a session
 * that nobody knows. `kotlinx.coroutines.future.await` loses a result that comes in the moment of a cancellation; for futures without a result, such as
 * `delivered()`, it is the right one.
 *
 * @receiver a future that nobody else waits for, as all calls of LiveSync return
 * @return the result
 * @throws dev.livesync.api.SyncException as the call says, unwrapped
 */
public suspend fun <T : AutoCloseable> CompletableFuture<T>.awaitOpen(): T = suspendCancellableCoroutine { waiting ->
    whenComplete { value, failure ->
        if (failure == null) {
            waiting.resume(value) { _, late, _ -> late.close() }
        } else {
            waiting.resumeWithException(failure)
        }
    }
    waiting.invokeOnCancellation { cancel(false) }
}
