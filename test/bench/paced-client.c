/*
 * Latency at a steady rate. Queries leave on a timetable whatever the answers do (an open loop: a server that stands
 * still delays no later query, and every query that it kept waiting is counted), in turn from eight sockets. A query's
 * time runs from just before it is sent until the kernel has its answer in the socket (SO_TIMESTAMPNS), so that how
 * late this program gets to read it does not count. How far the sending itself ran behind is reported beside it.
 *
 *   paced-client PORT RATE SECONDS QUERIES
 *
 * RATE is in queries a second. QUERIES is a file of DNS messages, each after its length as two octets, high octet
 * first, as over TCP; they are asked in turn, from the first again after the last. Prints one JSON object.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>

#define SOCKETS 8
#define IDS 65536
#define NS 1000000000LL
/* What is not answered by then is lost. */
#define WAIT_AFTER_LAST_NS NS
#define HEADER_BYTES 12
#define RCODES 16

static int sockets[SOCKETS];
/* When the question with this id left; 0 once it is answered. */
static int64_t sent_at[SOCKETS][IDS];
static uint16_t next_id[SOCKETS];
static uint32_t *latencies_ns;
static int64_t answered;
static int64_t rcodes[RCODES];

static int64_t wall_clock(void)
{
	struct timespec now;
	/* The clock of SO_TIMESTAMPNS. */
	clock_gettime(CLOCK_REALTIME, &now);
	return now.tv_sec * NS + now.tv_nsec;
}

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static unsigned char *read_queries(const char *path, size_t *length)
{
	FILE *file = fopen(path, "rb");
	struct stat facts;
	if (file == NULL || fstat(fileno(file), &facts) != 0)
		fail(path);
	*length = facts.st_size;
	unsigned char *bytes = malloc(facts.st_size);
	if (bytes == NULL || fread(bytes, 1, *length, file) != *length)
		fail(path);
	fclose(file);
	return bytes;
}

static void open_sockets(int port)
{
	struct sockaddr_in server = {
		.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int on = 1;
	int bytes = 1 << 20;
	for (int i = 0; i < SOCKETS; i++) {
		sockets[i] = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
		setsockopt(sockets[i], SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
		if (setsockopt(sockets[i], SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) != 0)
			fail("SO_TIMESTAMPNS");
		if (connect(sockets[i], (struct sockaddr *)&server, sizeof server) != 0)
			fail("connect");
	}
}

static int64_t arrival(struct msghdr *message)
{
	for (struct cmsghdr *part = CMSG_FIRSTHDR(message); part != NULL; part = CMSG_NXTHDR(message, part)) {
		if (part->cmsg_level == SOL_SOCKET && part->cmsg_type == SCM_TIMESTAMPNS) {
			struct timespec at;
			memcpy(&at, CMSG_DATA(part), sizeof at);
			return at.tv_sec * NS + at.tv_nsec;
		}
	}
	return wall_clock();
}

static void take_answers(int index)
{
	for (;;) {
		unsigned char packet[4096];
		char control[256];
		struct iovec piece = { packet, sizeof packet };
		struct msghdr message = {
			.msg_iov = &piece,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof control,
		};
		ssize_t length = recvmsg(sockets[index], &message, 0);
		if (length < 0)
			return;
		if (length < HEADER_BYTES)
			continue;
		uint16_t id = packet[0] << 8 | packet[1];
		int64_t left = sent_at[index][id];
		if (left == 0)
			continue;
		sent_at[index][id] = 0;
		int64_t took = arrival(&message) - left;
		latencies_ns[answered++] = took < 0 ? 0 : took > UINT32_MAX ? UINT32_MAX : (uint32_t)took;
		rcodes[packet[3] & 15]++;
	}
}

static int by_size(const void *one, const void *other)
{
	uint32_t a = *(const uint32_t *)one, b = *(const uint32_t *)other;
	return a < b ? -1 : a > b;
}

/* The smallest value that at least this share of the sorted values does not exceed, in microseconds. */
static double percentile(const uint32_t *sorted, int64_t count, double share)
{
	if (count == 0)
		return 0;
	int64_t rank = (int64_t)(share * count + 0.999999);
	return sorted[rank < 1 ? 0 : rank > count ? count - 1 : rank - 1] / 1000.0;
}

int main(int count, char **arguments)
{
	if (count != 5) {
		fprintf(stderr, "usage: paced-client PORT RATE SECONDS QUERIES\n");
		return 2;
	}
	int64_t rate = atoll(arguments[2]);
	int64_t total = (int64_t)(rate * atof(arguments[3]));
	size_t length;
	unsigned char *queries = read_queries(arguments[4], &length);
	latencies_ns = calloc(total, sizeof *latencies_ns);
	uint32_t *behind_ns = calloc(total, sizeof *behind_ns);
	if (latencies_ns == NULL || behind_ns == NULL)
		fail("calloc");
	open_sockets(atoi(arguments[1]));
	/* Sleep until the time that was asked for, not up to 50 us longer. */
	prctl(PR_SET_TIMERSLACK, 1UL);

	struct pollfd readable[SOCKETS];
	for (int i = 0; i < SOCKETS; i++)
		readable[i] = (struct pollfd){ .fd = sockets[i], .events = POLLIN };
	int64_t start = wall_clock();
	int64_t sent = 0, unsent = 0;
	size_t at = 0;
	for (;;) {
		int64_t now = wall_clock();
		int64_t due = sent < total ? start + sent * NS / rate : start + total * NS / rate + WAIT_AFTER_LAST_NS;
		if (sent == total && (answered + unsent == total || now >= due))
			break;
		if (sent < total && now >= due) {
			int index = sent % SOCKETS;
			uint16_t id = next_id[index]++;
			size_t bytes = queries[at] << 8 | queries[at + 1];
			unsigned char *query = queries + at + 2;
			query[0] = id >> 8;
			query[1] = id & 255;
			behind_ns[sent++] = now - due > UINT32_MAX ? UINT32_MAX : (uint32_t)(now - due);
			sent_at[index][id] = wall_clock();
			if (send(sockets[index], query, bytes, 0) < 0)
				unsent++;
			at += 2 + bytes;
			if (at >= length)
				at = 0;
			continue;
		}
		struct timespec wait = { (due - now) / NS, (due - now) % NS };
		if (ppoll(readable, SOCKETS, &wait, NULL) <= 0)
			continue;
		for (int i = 0; i < SOCKETS; i++)
			if (readable[i].revents != 0)
				take_answers(i);
	}
	qsort(latencies_ns, answered, sizeof *latencies_ns, by_size);
	qsort(behind_ns, total, sizeof *behind_ns, by_size);
	printf("{\"sent\":%lld,\"answered\":%lld,", (long long)total, (long long)answered);
	printf("\"p50Us\":%.1f,\"p99Us\":%.1f,", percentile(latencies_ns, answered, 0.5),
	       percentile(latencies_ns, answered, 0.99));
	printf("\"p999Us\":%.1f,\"maxUs\":%.1f,", percentile(latencies_ns, answered, 0.999),
	       percentile(latencies_ns, answered, 1));
	printf("\"behindP99Us\":%.1f,\"behindMaxUs\":%.1f,\"rcodes\":[", percentile(behind_ns, total, 0.99),
	       percentile(behind_ns, total, 1));
	for (int i = 0; i < RCODES; i++)
		printf(i == 0 ? "%lld" : ",%lld", (long long)rcodes[i]);
	printf("]}\n");
	return 0;
}
