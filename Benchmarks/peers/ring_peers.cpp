// SPDX-License-Identifier: Apache-2.0
// Queues from one thread to another: ours, boost's, moodycamel's, and a mutex around a ring. Records of 32 bytes.
//
// ring_peers ROUNDS RECORDS    in turns; a line of nanoseconds a record for each round and queue, after its name
#include <boost/lockfree/spsc_queue.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <mutex>
#include <readerwriterqueue/readerwriterqueue.h>
#include <thread>
#include <vector>

#include "ring_ours.h"

namespace {

constexpr size_t capacity = 1024;
constexpr size_t batch = 64;

struct Record {
    uint64_t words[4];
};

Record record(uint64_t number) { return {{number, number, number, number}}; }
uint64_t value(const Record& record) { return record.words[0] + record.words[3]; }

/// Runs the producer on a thread of its own and the consumer here; both get every record's number.
template <typename Push, typename Pop>
uint64_t exchange(size_t records, Push push, Pop pop) {
    std::thread producer([&] {
        unsigned tries = 0;
        for (size_t sent = 0; sent < records; sent++) {
            while (!push(record(sent))) ring_wait(&tries);
        }
    });
    uint64_t sum = 0;
    unsigned tries = 0;
    for (size_t received = 0; received < records;) {
        Record taken;
        if (!pop(taken)) {
            ring_wait(&tries);
            continue;
        }
        sum += value(taken);
        received++;
    }
    producer.join();
    return sum;
}

uint64_t boost_single(size_t records) {
    boost::lockfree::spsc_queue<Record, boost::lockfree::capacity<capacity>> queue;
    return exchange(records, [&](const Record& r) { return queue.push(r); }, [&](Record& r) { return queue.pop(r); });
}

uint64_t boost_batch(size_t records) {
    boost::lockfree::spsc_queue<Record, boost::lockfree::capacity<capacity>> queue;
    std::thread producer([&] {
        Record out[batch];
        unsigned tries = 0;
        for (size_t sent = 0; sent < records; sent += batch) {
            for (size_t i = 0; i < batch; i++) out[i] = record(sent + i);
            for (size_t done = 0; done < batch;) {
                size_t pushed = queue.push(out + done, batch - done);
                done += pushed;
                if (pushed == 0) ring_wait(&tries);
            }
        }
    });
    uint64_t sum = 0;
    Record in[batch];
    unsigned tries = 0;
    for (size_t received = 0; received < records;) {
        size_t count = queue.pop(in, batch);
        if (count == 0) ring_wait(&tries);
        for (size_t i = 0; i < count; i++) sum += value(in[i]);
        received += count;
    }
    producer.join();
    return sum;
}

uint64_t moodycamel_single(size_t records) {
    moodycamel::ReaderWriterQueue<Record> queue(capacity);
    return exchange(
        records, [&](const Record& r) { return queue.try_enqueue(r); }, [&](Record& r) { return queue.try_dequeue(r); });
}

uint64_t mutex_single(size_t records) {
    std::vector<Record> slots(capacity);
    size_t head = 0, tail = 0;
    std::mutex mutex;
    return exchange(
        records,
        [&](const Record& r) {
            std::lock_guard<std::mutex> lock(mutex);
            if (tail - head == capacity) return false;
            slots[tail++ % capacity] = r;
            return true;
        },
        [&](Record& r) {
            std::lock_guard<std::mutex> lock(mutex);
            if (tail == head) return false;
            r = slots[head++ % capacity];
            return true;
        });
}

}  // namespace

int main(int count, char** words) {
    if (count != 3) return 2;
    size_t rounds = std::strtoul(words[1], nullptr, 10), records = std::strtoul(words[2], nullptr, 10) / batch * batch;
    const std::pair<const char*, std::function<uint64_t(size_t)>> queues[] = {
        {"tickrisk", [](size_t n) { return ring_ours(n, 1); }},
        {"tickrisk, batch of 64", [](size_t n) { return ring_ours(n, batch); }},
        {"boost::lockfree::spsc_queue", boost_single},
        {"boost::lockfree::spsc_queue, batch of 64", boost_batch},
        {"moodycamel::ReaderWriterQueue", moodycamel_single},
        {"mutex around a ring", mutex_single},
    };
    const uint64_t expected = records * (records - 1);
    for (size_t round = 0; round <= rounds; round++) {
        for (const auto& [name, run] : queues) {
            // A mutex between two spinning threads is slow; fewer records tell as much.
            size_t n = name[0] == 'm' && name[1] == 'u' ? records / 16 / batch * batch : records;
            auto begin = std::chrono::steady_clock::now();
            uint64_t sum = run(n);
            double nanoseconds = std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin).count();
            if (sum != (n == records ? expected : n * (n - 1))) {
                std::fprintf(stderr, "%s: a checksum of %llu\n", name, static_cast<unsigned long long>(sum));
                return 1;
            }
            if (round > 0) std::printf("%s\t%.3f\n", name, nanoseconds / static_cast<double>(n));
        }
    }
    std::printf("checksum\t%llu\n", static_cast<unsigned long long>(expected));
}
