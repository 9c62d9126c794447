/* A UDP responder that is never the slow part: the bound of what one process can answer, and the upstream of all.
 *
 *   responder echo ADDRESS PORT       sends each datagram back with the QR bit set: no look-up, no answer built
 *   responder upstream ADDRESS PORT   A 192.0.2.1, AAAA 2001:db8::1 (TTL 3600); no data with an SOA for other types
 *
 * In batches by recvmmsg and sendmmsg, one process, until it is killed. The question is copied as asked (RFC 1035 4.1.2).
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

enum { BATCH = 64, ROOM = 1232, HEADER = 12 };

static const unsigned char A_RECORD[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 14, 16, 0, 4, 192, 0, 2, 1};
static const unsigned char AAAA_RECORD[] = {0xc0, 12, 0, 28, 0, 1, 0, 0, 14, 16, 0, 16, 0x20, 1, 0xd, 0xb8,
                                            0,    0,  0, 0,  0, 0, 0, 0, 0,  0,  0, 1};
/* the root's SOA: both names ".", serial 1, refresh 1 h, retry 10 min, expire 1 d, negative TTL 1 h */
static const unsigned char SOA_RECORD[] = {0, 0, 6, 0, 1, 0, 0, 14, 16, 0, 22, 0, 0, 0, 0, 0, 1, 0, 0,
                                           14, 16, 0, 0, 2, 88, 0, 1, 81, 128, 0, 0, 14, 16};

/* Where the question ends, 0 when there is none to read. */
static size_t question_end(const unsigned char *packet, size_t length) {
    size_t at = HEADER;
    while (at < length && packet[at] != 0) {
        if (packet[at] > 63) return 0;
        at += packet[at] + 1u;
    }
    return at + 5 <= length ? at + 5 : 0;
}

/* Turns a query into its answer, in place; the answer's length, 0 for none. */
static size_t answer(unsigned char *packet, size_t length) {
    size_t end = length >= HEADER ? question_end(packet, length) : 0;
    if (end == 0 || end + sizeof AAAA_RECORD + sizeof SOA_RECORD > ROOM) return 0;
    const unsigned char *record = SOA_RECORD;
    size_t size = sizeof SOA_RECORD;
    int type = packet[end - 4] << 8 | packet[end - 3];
    if (type == 1) record = A_RECORD, size = sizeof A_RECORD;
    if (type == 28) record = AAAA_RECORD, size = sizeof AAAA_RECORD;
    packet[2] = 0x80 | (packet[2] & 1);
    packet[3] = 0x80;
    memset(packet + 4, 0, 8);
    packet[5] = 1;
    packet[record == SOA_RECORD ? 9 : 7] = 1;
    memcpy(packet + end, record, size);
    return end + size;
}

int main(int count, char **words) {
    static unsigned char packets[BATCH][ROOM];
    static struct sockaddr_in peers[BATCH];
    static struct iovec parts[BATCH];
    static struct mmsghdr messages[BATCH];
    struct sockaddr_in here = {.sin_family = AF_INET};
    int echo, socket_, room = 4 << 20;

    if (count != 4 || inet_pton(AF_INET, words[2], &here.sin_addr) != 1) return 2;
    echo = strcmp(words[1], "echo") == 0;
    here.sin_port = htons((unsigned short)atoi(words[3]));
    socket_ = socket(AF_INET, SOCK_DGRAM, 0);
    setsockopt(socket_, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof room);
    if (bind(socket_, (struct sockaddr *)&here, sizeof here) != 0) return perror("bind"), 1;
    for (;;) {
        int received, kept = 0;
        for (int i = 0; i < BATCH; i++) {
            parts[i] = (struct iovec){packets[i], ROOM};
            messages[i].msg_hdr = (struct msghdr){
                .msg_name = &peers[i], .msg_namelen = sizeof peers[i], .msg_iov = &parts[i], .msg_iovlen = 1};
        }
        received = recvmmsg(socket_, messages, BATCH, MSG_WAITFORONE, NULL);
        for (int i = 0; i < received; i++) {
            size_t length = messages[i].msg_len;
            if (echo && length > HEADER)
                packets[i][2] |= 0x80;
            else if (!echo)
                length = answer(packets[i], length);
            if (length == 0) continue;
            parts[i].iov_len = length;
            messages[kept++].msg_hdr = messages[i].msg_hdr;
        }
        for (int sent = 0; sent < kept;) {
            int now = sendmmsg(socket_, messages + sent, (unsigned)(kept - sent), 0);
            sent += now > 0 ? now : 1; /* a client that is gone costs its own datagram only */
        }
    }
}
