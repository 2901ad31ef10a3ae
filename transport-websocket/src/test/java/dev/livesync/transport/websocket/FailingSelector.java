package dev.livesync.transport.websocket;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.spi.AbstractSelectableChannel;
import java.nio.channels.spi.AbstractSelector;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import java.util.function.Supplier;

/** A selector without sockets, whose first selects fail: as the real one does, only once it has something to tell. */
final class FailingSelector extends AbstractSelector {
    private final Selector behind;
    private final Supplier<Throwable> failure;
    private int failures;

    FailingSelector(int failures, Supplier<Throwable> failure) throws IOException {
        super(SelectorProvider.provider());
        this.behind = Selector.open();
        this.failures = failures;
        this.failure = failure;
    }

    private void fail() throws IOException {
        if (failures > 0) {
            failures--;
            Throwable thrown = failure.get();
            if (thrown instanceof IOException e) {
                throw e;
            }
            throw (Error) thrown;
        }
    }

    @Override
    protected void implCloseSelector() throws IOException {
        behind.close();
    }

    @Override
    protected SelectionKey register(AbstractSelectableChannel channel, int ops, Object attachment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Set<SelectionKey> keys() {
        return behind.keys();
    }

    @Override
    public Set<SelectionKey> selectedKeys() {
        return behind.selectedKeys();
    }

    @Override
    public int selectNow() throws IOException {
        fail();
        return behind.selectNow();
    }

    @Override
    public int select(long timeout) throws IOException {
        int ready = behind.select(timeout);
        fail();
        return ready;
    }

    @Override
    public int select() throws IOException {
        int ready = behind.select();
        fail();
        return ready;
    }

    @Override
    public Selector wakeup() {
        behind.wakeup();
        return this;
    }
}
