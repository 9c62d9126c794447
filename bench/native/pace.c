/* Asks at a fixed rate and tells what became of each question.
 *
 *   pace ADDRESS PORT RATE COUNT SOCKETS < QUERIES > OUTCOMES
 *
 * QUERIES: each a byte (1: the name is on the lists), two bytes of length (big-endian), the query. Asked in order, again
 * from the first when they end, until COUNT are sent or SIGINT comes; then answers are awaited for 5 s. The send times
 * are set beforehand: a stall of the server does not slow the questions down.
 * OUTCOMES: one line a question, "SENT LATENCY WORD": seconds since the start, microseconds (-1: none came), and "right"
 * or "wrong": a listed name was given the upstream's address, or another name was not.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

enum { MOST_QUERIES = 1 << 20, MOST_SOCKETS = 64, WAIT_S = 5 };

struct query { unsigned char *packet; int length, listed; };
struct outcome { double sent, latency_us; int listed, right; };

static const unsigned char UPSTREAMS_WORD[] = {192, 0, 2, 1};
static struct query queries[MOST_QUERIES];
static struct outcome *outcomes;
static struct pollfd sockets[MOST_SOCKETS];
static volatile sig_atomic_t stopped;
static struct timespec begun;

static void on_signal(int number) { (void)number, stopped = 1; }

static double now(void) {
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)(at.tv_sec - begun.tv_sec) + (double)(at.tv_nsec - begun.tv_nsec) / 1e9;
}

static int read_queries(void) {
    int count = 0, listed, high, low;
    while (count < MOST_QUERIES && (listed = getchar()) != EOF) {
        high = getchar(), low = getchar();
        struct query *query = &queries[count++];
        query->listed = listed;
        query->length = high << 8 | low;
        query->packet = malloc((size_t)query->length);
        if (fread(query->packet, 1, (size_t)query->length, stdin) != (size_t)query->length) exit(2);
    }
    return count;
}

/* Reads what has come; an id is that of the youngest question that had it. */
static void receive(int of_sockets, long sent) {
    unsigned char packet[4096];
    for (int i = 0; i < of_sockets; i++) {
        ssize_t length;
        while ((length = recv(sockets[i].fd, packet, sizeof packet, MSG_DONTWAIT)) >= 12) {
            long age = (sent - 1 - (packet[0] << 8 | packet[1])) & 0xffff;
            long number = sent - 1 - age;
            if (number < 0 || outcomes[number].latency_us >= 0) continue;
            struct outcome *outcome = &outcomes[number];
            int open = memmem(packet, (size_t)length, UPSTREAMS_WORD, sizeof UPSTREAMS_WORD) != NULL;
            outcome->latency_us = (now() - outcome->sent) * 1e6;
            outcome->right = open != outcome->listed;
        }
    }
}

int main(int count, char **words) {
    struct sockaddr_in there = {.sin_family = AF_INET};
    if (count != 6 || inet_pton(AF_INET, words[1], &there.sin_addr) != 1) return 2;
    there.sin_port = htons((unsigned short)atoi(words[2]));
    double rate = atof(words[3]), deadline;
    long most = atol(words[4]), sent = 0;
    int of_sockets = atoi(words[5]), of_queries = read_queries(), room = 4 << 20;
    if (of_sockets < 1 || of_sockets > MOST_SOCKETS || of_queries == 0) return 2;
    outcomes = calloc((size_t)most, sizeof *outcomes);
    for (int i = 0; i < of_sockets; i++) {
        sockets[i] = (struct pollfd){socket(AF_INET, SOCK_DGRAM, 0), POLLIN, 0};
        setsockopt(sockets[i].fd, SOL_SOCKET, SO_RCVBUF, &room, sizeof room);
        if (connect(sockets[i].fd, (struct sockaddr *)&there, sizeof there) != 0) return perror("connect"), 1;
    }
    signal(SIGINT, on_signal);
    clock_gettime(CLOCK_MONOTONIC, &begun);
    while (sent < most && !stopped) {
        double due = (double)sent / rate, left = due - now();
        if (left <= 0) {
            struct query *query = &queries[sent % of_queries];
            query->packet[0] = (unsigned char)(sent >> 8), query->packet[1] = (unsigned char)sent;
            outcomes[sent] = (struct outcome){now(), -1, query->listed, 0};
            (void)!send(sockets[sent % of_sockets].fd, query->packet, (size_t)query->length, 0);
            sent++;
        } else {
            struct timespec wait = {0, (long)(left * 1e9)};
            ppoll(sockets, (nfds_t)of_sockets, left < 0.9 ? &wait : NULL, NULL);
        }
        receive(of_sockets, sent);
    }
    for (deadline = now() + WAIT_S; now() < deadline;) {
        long open = 0;
        for (long i = sent > 65536 ? sent - 65536 : 0; i < sent; i++) open += outcomes[i].latency_us < 0;
        if (open == 0) break;
        poll(sockets, (nfds_t)of_sockets, 20);
        receive(of_sockets, sent);
    }
    for (long i = 0; i < sent; i++)
        printf("%.6f %.1f %s\n", outcomes[i].sent, outcomes[i].latency_us, outcomes[i].right ? "right" : "wrong");
    return 0;
}
