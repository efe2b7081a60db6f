// SPDX-License-Identifier: Apache-2.0
// A Kafka cluster in memory, on loopback, for tests: librdkafka's own mock, moved by lines on standard input.
//
//   KafkaBroker BROKERS      prints "brokers=host:port,..." and serves until its input ends or "quit"
//
//   topic NAME PARTITIONS    down ID    up ID    leader NAME PARTITION ID    delay ID MILLISECONDS
//   fail API CODE COUNT      the next COUNT requests of that API key are answered with that error code
//   refuse NAME CODE         all requests about a topic are answered with that error code; 0 ends it
//
// Every line is answered with "ok" or "error: ...". IDs of brokers begin at 1.
#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WORDS_MAX 4
#define ERRORS_MAX 1000

struct words {
    char text[WORDS_MAX][128];
    int count;
};

static int number(const struct words *words, int index) { return atoi(words->text[index]); }

static rd_kafka_resp_err_t fail_requests(rd_kafka_mock_cluster_t *cluster, const struct words *words)
{
    rd_kafka_resp_err_t errors[ERRORS_MAX];
    int count = number(words, 3);
    if (count < 1 || count > ERRORS_MAX) return RD_KAFKA_RESP_ERR__INVALID_ARG;
    for (int index = 0; index < count; index++) errors[index] = (rd_kafka_resp_err_t)number(words, 2);
    rd_kafka_mock_push_request_errors_array(cluster, (int16_t)number(words, 1), (size_t)count, errors);
    return RD_KAFKA_RESP_ERR_NO_ERROR;
}

static rd_kafka_resp_err_t carry_out(rd_kafka_mock_cluster_t *cluster, const struct words *words)
{
    const char *name = words->text[0];
    if (!strcmp(name, "topic") && words->count == 3)
        return rd_kafka_mock_topic_create(cluster, words->text[1], number(words, 2), 1);
    if (!strcmp(name, "down") && words->count == 2) return rd_kafka_mock_broker_set_down(cluster, number(words, 1));
    if (!strcmp(name, "up") && words->count == 2) return rd_kafka_mock_broker_set_up(cluster, number(words, 1));
    if (!strcmp(name, "leader") && words->count == 4)
        return rd_kafka_mock_partition_set_leader(cluster, words->text[1], number(words, 2), number(words, 3));
    if (!strcmp(name, "delay") && words->count == 3)
        return rd_kafka_mock_broker_set_rtt(cluster, number(words, 1), number(words, 2));
    if (!strcmp(name, "fail") && words->count == 4) return fail_requests(cluster, words);
    if (!strcmp(name, "refuse") && words->count == 3) {
        rd_kafka_mock_topic_set_error(cluster, words->text[1], (rd_kafka_resp_err_t)number(words, 2));
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    }
    return RD_KAFKA_RESP_ERR__INVALID_ARG;
}

static void serve(rd_kafka_mock_cluster_t *cluster)
{
    char line[512];
    while (fgets(line, sizeof line, stdin)) {
        struct words words;
        memset(&words, 0, sizeof words);
        words.count = sscanf(
            line, "%127s %127s %127s %127s", words.text[0], words.text[1], words.text[2], words.text[3]);
        if (words.count < 1) continue;
        if (!strcmp(words.text[0], "quit")) return;
        rd_kafka_resp_err_t error = carry_out(cluster, &words);
        if (error)
            printf("error: %s\n", rd_kafka_err2str(error));
        else
            puts("ok");
    }
}

int main(int count, char **arguments)
{
    char text[512];
    int brokers = count == 2 ? atoi(arguments[1]) : 0;
    if (brokers < 1 || brokers > 9) {
        fputs("usage: KafkaBroker BROKERS (1 to 9)\n", stderr);
        return 2;
    }
    setvbuf(stdout, NULL, _IOLBF, 0);
    // Brokers that are made to fail are no news.
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    rd_kafka_conf_set(configuration, "log_level", "0", text, sizeof text);
    rd_kafka_t *client = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, text, sizeof text);
    rd_kafka_mock_cluster_t *cluster = client ? rd_kafka_mock_cluster_new(client, brokers) : NULL;
    if (!cluster) {
        fputs("no cluster\n", stderr);
        return 1;
    }
    printf("brokers=%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    serve(cluster);
    rd_kafka_mock_cluster_destroy(cluster);
    rd_kafka_destroy(client);
    return 0;
}
