/*
 * The floor: what it costs to take datagrams from a UDP socket and to send as many back, with no thought between.
 * Up to 64 at a time by recvmmsg, the QR bit set so that a DNS client takes them for answers, back by sendmmsg.
 *
 *   floor PORT      on 127.0.0.1, until it is killed
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#define BATCH 64
/* The largest UDP payload that DNS clients of today announce (RFC 6891 section 6.2.5). */
#define DATAGRAM_BYTES 4096
#define HEADER_BYTES 12
#define QR_BYTE 2
#define QR_BIT 0x80

static unsigned char packets[BATCH][DATAGRAM_BYTES];
static struct sockaddr_in clients[BATCH];
static struct iovec pieces[BATCH];
static struct mmsghdr messages[BATCH];

static int open_socket(int port)
{
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	/* 1 MiB: with less the kernel drops what comes while a batch is being sent. */
	int bytes = 1 << 20;
	struct sockaddr_in address = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
	if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0) {
		perror("floor: bind");
		exit(1);
	}
	return fd;
}

int main(int count, char **arguments)
{
	if (count != 2) {
		fprintf(stderr, "usage: floor PORT\n");
		return 2;
	}
	int fd = open_socket(atoi(arguments[1]));
	struct pollfd readable = { .fd = fd, .events = POLLIN };
	for (int i = 0; i < BATCH; i++) {
		messages[i].msg_hdr.msg_name = &clients[i];
		messages[i].msg_hdr.msg_iov = &pieces[i];
		messages[i].msg_hdr.msg_iovlen = 1;
		pieces[i].iov_base = packets[i];
	}
	for (;;) {
		for (int i = 0; i < BATCH; i++) {
			messages[i].msg_hdr.msg_namelen = sizeof clients[i];
			pieces[i].iov_len = DATAGRAM_BYTES;
		}
		int received = recvmmsg(fd, messages, BATCH, MSG_DONTWAIT, NULL);
		if (received < 0) {
			if (errno != EAGAIN && errno != EINTR) {
				perror("floor: recvmmsg");
				return 1;
			}
			poll(&readable, 1, -1);
			continue;
		}
		for (int i = 0; i < received; i++) {
			pieces[i].iov_len = messages[i].msg_len;
			if (messages[i].msg_len >= HEADER_BYTES)
				packets[i][QR_BYTE] |= QR_BIT;
		}
		for (int sent = 0; sent < received;) {
			int now = sendmmsg(fd, messages + sent, received - sent, 0);
			/* One that cannot be sent is given up, as UDP allows. */
			sent += now > 0 ? now : 1;
		}
	}
}
