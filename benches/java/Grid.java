// The grid on java.util.concurrent's ArrayBlockingQueue: one lock and two conditions, as this crate's buffer. Reads lines of
// "capacity producers consumers items 0 0" and answers each with the nanoseconds from the first start to the last end of its
// threads, and 0 (the processor time, which it does not measure). It has no work between the operations.

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CyclicBarrier;

public class Grid {
    static volatile long sink;

    interface Work {
        void run() throws Exception;
    }

    static long run(int capacity, int producers, int consumers, int items) throws Exception {
        var queue = new ArrayBlockingQueue<Long>(capacity);
        int workers = producers + consumers;
        var begins = new long[workers];
        var ends = new long[workers];
        var threads = new Thread[workers];
        var start = new CyclicBarrier(workers);
        for (int w = 0; w < workers; w++) {
            final int id = w;
            Work work = id < producers
                ? () -> {
                    for (int i = 0; i < items / producers; i++) queue.put((long) (i & 127)); // cached: no allocation is measured
                }
                : () -> {
                    long sum = 0;
                    for (int i = 0; i < items / consumers; i++) sum += queue.take();
                    sink = sum;
                };
            threads[id] = new Thread(() -> {
                try {
                    start.await();
                    begins[id] = System.nanoTime();
                    work.run();
                    ends[id] = System.nanoTime();
                } catch (Exception e) {
                    throw new RuntimeException(e);
                }
            });
        }
        for (var thread : threads) thread.start();
        for (var thread : threads) thread.join();
        return Arrays.stream(ends).max().getAsLong() - Arrays.stream(begins).min().getAsLong();
    }

    public static void main(String[] args) throws Exception {
        var lines = new BufferedReader(new InputStreamReader(System.in));
        for (String line; (line = lines.readLine()) != null; ) {
            var n = Arrays.stream(line.trim().split(" ")).mapToInt(Integer::parseInt).toArray();
            System.out.println(run(n[0], n[1], n[2], n[3]) + " 0");
        }
    }
}
