package dev.livesync.kotlin

import java.util.concurrent.Flow.Publisher
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription
import kotlinx.coroutines.channels.Channel
import kotlinx.coroutines.flow.Flow
import kotlinx.coroutines.flow.flow

/** A flow that asks for one element at a time, when the last one was collected. Cold: each collector subscribes. */
internal fun <T : Any> Publisher<T>.collected(): Flow<T> = flow {
    val asked = OneAtATime<T>()
    subscribe(asked)
    try {
        for (element in asked.elements) {
            emit(element)
            asked.next()
        }
    } finally {
        asked.cancel()
    }
}

private class OneAtATime<T : Any> : Subscriber<T> {
    /** As many places as were asked for, so an offer is never refused. */
    val elements = Channel<T>(1)

    private val given = java.util.concurrent.atomic.AtomicReference<Subscription?>()

    @Volatile
    private var over = false

    override fun onSubscribe(subscription: Subscription) {
        if (!given.compareAndSet(null, subscription) || over) {
            subscription.cancel()
        } else {
            subscription.request(1)
        }
    }

    override fun onNext(element: T) {
        elements.trySend(element)
    }

    override fun onError(failure: Throwable) {
        elements.close(failure)
    }

    override fun onComplete() {
        elements.close()
    }

    fun next() {
        given.get()?.request(1)
    }

    fun cancel() {
        over = true
        given.get()?.cancel()
    }
}

/** Tells when a publisher of nothing has ended, in whatever way. */
internal class Closing(private val then: () -> Unit) : Subscriber<Any> {
    private val given = java.util.concurrent.atomic.AtomicReference<Subscription?>()

    @Volatile
    private var over = false

    override fun onSubscribe(subscription: Subscription) {
        if (!given.compareAndSet(null, subscription) || over) {
            subscription.cancel()
        } else {
            subscription.request(Long.MAX_VALUE)
        }
    }

    override fun onNext(element: Any) = Unit

    override fun onError(failure: Throwable) = then()

    override fun onComplete() = then()

    fun cancel() {
        over = true
        given.get()?.cancel()
    }
}
