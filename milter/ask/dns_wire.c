/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_wire.h"

#include <ares.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/random.h>
#include <sys/time.h>

#include "milter/ask/dns_parse.h"

/*
 * The first try of each server, so that a second and a third get their turn
 * within a mail's budget of 2 seconds; c-ares doubles it every round.
 */
#define ROUND_MS 1000
#define TRY_MS_LEAST 300
#define ROUNDS 4

struct dns_wire {
	ares_channel channel;
	int epoll;
	uint32_t tag;
	struct dns_question question;
	uint16_t id;
	enum dns_wire_end end;
	enum dns_trouble trouble;
	int socket; /* on which something has just happened, or -1 */
	struct dns_server server;
	unsigned silent;
	struct dns_answer *answer;
};

static void
on_socket(void *data, ares_socket_t fd, int readable, int writable)
{
	struct dns_wire *w = data;
	struct epoll_event event = {
		.events = (readable ? (uint32_t)EPOLLIN : 0) |
		    (writable ? (uint32_t)EPOLLOUT : 0),
		.data.u64 = (uint64_t)w->tag << 32 | (uint32_t)fd };

	if (!readable && !writable)
		epoll_ctl(w->epoll, EPOLL_CTL_DEL, fd, NULL);
	else if (epoll_ctl(w->epoll, EPOLL_CTL_MOD, fd, &event) != 0)
		epoll_ctl(w->epoll, EPOLL_CTL_ADD, fd, &event);
}

/* The peer of that socket, while it is open. */
static void
note_server(struct dns_wire *w)
{
	union {
		struct sockaddr any;
		struct sockaddr_in four;
		struct sockaddr_in6 six;
	} peer;
	socklen_t n = sizeof peer;

	if (getpeername(w->socket, &peer.any, &n) != 0)
		return;
	if (peer.any.sa_family == AF_INET) {
		w->server = (struct dns_server){ { .family = IP_V4 },
			ntohs(peer.four.sin_port) };
		memcpy(w->server.address.byte, &peer.four.sin_addr, 4);
	} else {
		w->server = (struct dns_server){ { .family = IP_V6 },
			ntohs(peer.six.sin6_port) };
		memcpy(w->server.address.byte, &peer.six.sin6_addr, 16);
	}
}

static enum dns_trouble
trouble_of(int status)
{
	return status == ARES_ETIMEOUT ? DNS_SILENT : DNS_NO_SERVER;
}

static void
on_end(void *data, int status, int timeouts, unsigned char *message, int n)
{
	struct dns_wire *w = data;

	w->silent = timeouts > 0 ? (unsigned)timeouts : 0;
	if (status == ARES_SUCCESS && message != NULL && n > 0) {
		w->end = DNS_WIRE_ANSWERED;
		note_server(w);
		w->answer = dns_parse((struct text){ (const char *)message,
		    (size_t)n }, &w->question, w->id);
	} else {
		w->trouble = trouble_of(status);
		w->end = w->trouble == DNS_SILENT ? DNS_WIRE_SILENT :
		    DNS_WIRE_TROUBLE;
	}
}

/* The list as c-ares has it, in node[servers->n], from first on. */
static void
list_servers(const struct dns_servers *servers, size_t first,
    struct ares_addr_port_node *node)
{
	const struct dns_server *s;
	size_t i;

	for (i = 0; i < servers->n; i++) {
		s = &servers->at[(first + i) % servers->n];
		node[i] = (struct ares_addr_port_node){
			.next = i + 1 < servers->n ? &node[i + 1] : NULL,
			.family = s->address.family == IP_V4 ? AF_INET :
			    AF_INET6,
			.udp_port = (int)s->port, .tcp_port = (int)s->port };
		memcpy(&node[i].addr, s->address.byte,
		    s->address.family == IP_V4 ? 4 : 16);
	}
}

/*
 * A channel that reads no file: everything that would come from one is said.
 * The answer of a single server is taken as it is, also "I failed": c-ares
 * would ask it again and again at once.
 */
static bool
open_channel(struct dns_wire *w, const struct dns_servers *servers,
    size_t first)
{
	struct ares_addr_port_node node[DNS_SERVERS_MAX];
	char lookups[] = "b";
	int try = ROUND_MS / (int)servers->n;
	struct ares_options o = {
		.flags = ARES_FLAG_EDNS |
		    (servers->n == 1 ? ARES_FLAG_NOCHECKRESP : 0),
		.timeout = try < TRY_MS_LEAST ? TRY_MS_LEAST : try,
		.tries = ROUNDS, .ndots = 1, .lookups = lookups,
		.ednspsz = DNS_UDP_BYTES,
		.sock_state_cb = on_socket, .sock_state_cb_data = w };

	if (ares_init_options(&w->channel, &o, ARES_OPT_FLAGS |
	    ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_NDOTS |
	    ARES_OPT_LOOKUPS | ARES_OPT_EDNSPSZ | ARES_OPT_SOCK_STATE_CB |
	    ARES_OPT_SERVERS | ARES_OPT_DOMAINS | ARES_OPT_SORTLIST) !=
	    ARES_SUCCESS)
		return false;
	list_servers(servers, first, node);
	if (ares_set_servers_ports(w->channel, node) == ARES_SUCCESS)
		return true;
	ares_destroy(w->channel);
	return false;
}

static bool
send_question(struct dns_wire *w)
{
	uint8_t message[DNS_QUESTION_MAX];
	size_t n;

	/* c-ares's own ids can be foreseen (CVE-2023-31147) */
	if (getrandom(&w->id, sizeof w->id, 0) != sizeof w->id)
		return false;
	n = dns_question_write(&w->question, w->id, message);
	ares_send(w->channel, message, (int)n, on_end, w);
	return true;
}

struct dns_wire *
dns_wire_open(const struct dns_servers *servers, size_t first,
    const struct dns_question *q, int epoll, uint32_t tag)
{
	struct dns_wire *w = calloc(1, sizeof *w);

	if (w == NULL)
		return NULL;
	w->epoll = epoll;
	w->tag = tag;
	w->socket = -1;
	w->question = *q;
	if (!open_channel(w, servers, first)) {
		free(w);
		return NULL;
	}
	if (!send_question(w)) {
		dns_wire_close(w);
		return NULL;
	}
	return w;
}

void
dns_wire_event(struct dns_wire *w, int socket, uint32_t events)
{
	/* an error or a hang-up shows when it is read or written */
	bool in = (events & (EPOLLIN | EPOLLERR | EPOLLHUP)) != 0;
	bool out = (events & EPOLLOUT) != 0;

	w->socket = socket;
	ares_process_fd(w->channel, in ? socket : ARES_SOCKET_BAD,
	    out ? socket : ARES_SOCKET_BAD);
	w->socket = -1;
}

void
dns_wire_time(struct dns_wire *w)
{
	ares_process_fd(w->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
}

int
dns_wire_wait(const struct dns_wire *w)
{
	struct timeval most = { 3600, 0 }, left;
	const struct timeval *tv = ares_timeout(w->channel, &most, &left);

	/* rounded up: too early would be for nothing */
	return (int)(tv->tv_sec * 1000 + (tv->tv_usec + 999) / 1000);
}

enum dns_wire_end
dns_wire_end(const struct dns_wire *w)
{
	return w->end;
}

enum dns_trouble
dns_wire_trouble(const struct dns_wire *w)
{
	return w->trouble;
}

bool
dns_wire_server(const struct dns_wire *w, struct dns_server *out)
{
	*out = w->server;
	return out->port != 0;
}

struct dns_answer *
dns_wire_take(struct dns_wire *w, unsigned *silent)
{
	struct dns_answer *a = w->answer;

	w->answer = NULL;
	*silent = w->silent;
	return a;
}

void
dns_wire_close(struct dns_wire *w)
{
	if (w == NULL)
		return;
	ares_destroy(w->channel);
	dns_answer_free(w->answer);
	free(w);
}
