package dev.livesync.kotlin

import java.util.concurrent.Flow.Publisher
import java.util.concurrent.Flow.Subscriber
import java.util.concurrent.Flow.Subscription
import kotlinx.coroutines.flow.first
import kotlinx.coroutines.flow.take
import kotlinx.coroutines.flow.toList
import kotlinx.coroutines.runBlocking
import org.assertj.core.api.Assertions.assertThat
import org.assertj.core.api.Assertions.assertThatThrownBy
import org.junit.jupiter.api.Test

class PublishersTest {
    /** Counts up by demand, and keeps account of it. */
    private class Counting(private val end: Int, private val failure: Throwable? = null) : Publisher<Int> {
        var asked = 0L
        var told = 0
        var cancelled = 0

        override fun subscribe(subscriber: Subscriber<in Int>) {
            subscriber.onSubscribe(object : Subscription {
                override fun request(n: Long) {
                    asked += n
                    assertThat(asked - told).describedAs("outstanding").isEqualTo(1)
                    if (told == end) {
                        failure?.let(subscriber::onError) ?: subscriber.onComplete()
                    } else {
                        subscriber.onNext(++told)
                    }
                }

                override fun cancel() {
                    cancelled++
                }
            })
        }
    }

    @Test
    fun allComesInOrder() = runBlocking<Unit> {
        assertThat(Counting(1000).collected().toList()).isEqualTo((1..1000).toList())
    }

    @Test
    fun nothingIsAskedForBeforeTheLastIsCollected() = runBlocking<Unit> {
        val counting = Counting(1000)
        counting.collected().take(3).collect { assertThat(counting.told).isEqualTo(it) }
        assertThat(counting.told).isEqualTo(3)
    }

    @Test
    fun whoStopsCollectingCancels() = runBlocking<Unit> {
        val counting = Counting(1000)
        assertThat(counting.collected().first()).isEqualTo(1)
        assertThat(counting.cancelled).isEqualTo(1)
    }

    @Test
    fun aFailureComesBehindWhatWasTold() {
        val seen = mutableListOf<Int>()
        assertThatThrownBy {
            runBlocking { Counting(2, IllegalStateException("the disk")).collected().collect(seen::add) }
        }.hasMessage("the disk")
        assertThat(seen).containsExactly(1, 2)
    }
}
