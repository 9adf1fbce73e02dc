/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * dns_ask.c - the resolver, driven by the tests.
 * usage: dns_ask [-s SERVER]... [-r RESOLV_CONF] [-f FLIGHTS] [-p PATIENCE_MS]
 *                [-c CACHE_BYTES]
 * Each line of standard input is a command, each answer a line of JSON:
 *   ask TYPE NAME MS        one question; MS is the time until the deadline
 *   same N TYPE NAME MS     the same by N threads at once: N lines
 *   each N TYPE NAME MS     N threads, each for a name of its own below NAME
 *   begin N TYPE NAME MS    as "each", but they are waited for at the end only
 *   prefetch TYPE NAME MS   (no answer line: it waits for nothing)
 *   sender NAME MS          does the domain of a sender exist?
 *   reload [SERVER]...      other servers; none: resolv.conf
 *   stats
 * NAME may hold \xHH.  At the end of its input it frees the resolver and
 * prints how long that took.
 */
#include <pthread.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "milter/ask/sender_domain.h"
#include "tests/e2e/json_text.h"

#define WORDS_MAX 12

static int64_t
now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t
in_ms(const char *ms)
{
	return now_us() / 1000 + atol(ms);
}

static struct text
name_of(char *word)
{
	return (struct text){ word, unescape_text(text_of(word), word) };
}

static enum dns_type
type_of(const char *word)
{
	static const struct { const char *word; enum dns_type type; } all[] = {
		{ "A", DNS_A }, { "AAAA", DNS_AAAA }, { "MX", DNS_MX },
		{ "TXT", DNS_TXT }, { "PTR", DNS_PTR } };
	size_t i;

	for (i = 0; i < sizeof all / sizeof all[0]; i++)
		if (strcmp(all[i].word, word) == 0)
			return all[i].type;
	fprintf(stderr, "dns_ask: no type %s\n", word);
	exit(64);
}

static void
print_record(FILE *out, const struct dns_record *r)
{
	char address[IP_TEXT_MAX];

	switch (r->type) {
	case DNS_A:
	case DNS_AAAA:
		fprintf(out, "\"%s\"", ip_print(&r->address, address));
		break;
	case DNS_MX:
		fprintf(out, "[%u, ", r->preference);
		json_text(out, r->name);
		putc(']', out);
		break;
	case DNS_PTR:
		json_text(out, r->name);
		break;
	case DNS_TXT:
		json_text(out, r->txt);
		break;
	}
}

/* d is NULL when it may be gone by now: then no server is told. */
static void
print_answer(struct dns *d, const struct dns_answer *a, int64_t us)
{
	static const char *const words[] = { "found", "no name", "no data",
		"unknown" };
	static const char *const trouble[] = { "", "silent", "late",
		"servfail", "refused", "error", "nonsense", "no server",
		"busy" };
	char *line, server[DNS_SERVER_TEXT_MAX];
	size_t n, i;
	FILE *out = open_memstream(&line, &n);

	fprintf(out, "{\"status\": \"%s\", \"cached\": %s, \"ttl\": %u, "
	    "\"us\": %lld, \"trouble\": \"%s\", \"server\": \"%s\", "
	    "\"records\": [", words[dns_answer_status(a)],
	    dns_answer_cached(a) ? "true" : "false", dns_answer_ttl(a),
	    (long long)us, trouble[dns_answer_trouble(a)],
	    d != NULL ? dns_answer_server(d, a, server) : "");
	for (i = 0; i < dns_answer_count(a); i++) {
		fputs(i > 0 ? ", " : "", out);
		print_record(out, dns_answer_at(a, i));
	}
	fputs("]}\n", out);
	fclose(out);
	/* in one piece, as other threads print too */
	fwrite(line, 1, n, stdout);
	fflush(stdout);
	free(line);
}

static void
ask(struct dns *d, struct text name, enum dns_type type, const char *ms,
    bool stays)
{
	int64_t start = now_us();
	struct dns_answer *a = dns_ask(d, name, type, in_ms(ms));
	int64_t us = now_us() - start;

	print_answer(stays ? d : NULL, a, us);
	dns_answer_free(a);
}

struct asker {
	struct dns *d;
	char name[1024];
	size_t n;
	enum dns_type type;
	char ms[16];
	bool d_stays; /* until it has answered */
	pthread_t thread;
};

static void *
run_asker(void *argument)
{
	struct asker *a = argument;

	ask(a->d, (struct text){ a->name, a->n }, a->type, a->ms, a->d_stays);
	return NULL;
}

/* Threads that ask: all for the same name, or each for one of its own. */
struct crowd {
	size_t n;
	struct asker *asker;
};

static struct crowd
begin(struct dns *d, bool same, bool d_stays, char **word)
{
	struct crowd crowd = { .n = (size_t)atol(word[1]) };
	struct text name = name_of(word[3]);
	struct asker *a;
	size_t i;

	crowd.asker = calloc(crowd.n, sizeof *crowd.asker);
	if (crowd.asker == NULL)
		abort();
	for (i = 0; i < crowd.n; i++) {
		a = &crowd.asker[i];
		*a = (struct asker){ .d = d, .type = type_of(word[2]),
			.d_stays = d_stays };
		snprintf(a->ms, sizeof a->ms, "%s", word[4]);
		if (!same)
			a->n = (size_t)snprintf(a->name, sizeof a->name,
			    "n%zu.", i);
		memcpy(a->name + a->n, name.at, name.n);
		a->n += name.n;
		pthread_create(&a->thread, NULL, run_asker, a);
	}
	return crowd;
}

static void
join(struct crowd *crowd)
{
	size_t i;

	for (i = 0; i < crowd->n; i++)
		pthread_join(crowd->asker[i].thread, NULL);
	free(crowd->asker);
	*crowd = (struct crowd){ 0 };
}

static void
many(struct dns *d, bool same, char **word)
{
	struct crowd crowd = begin(d, same, true, word);

	join(&crowd);
}

static void
sender(struct dns *d, struct text name, const char *ms)
{
	int64_t start = now_us();
	enum sender_domain s = sender_domain_ask(d, name, in_ms(ms),
	    NULL);

	printf("{\"sender\": \"%s\", \"us\": %lld}\n", sender_domain_text(s),
	    (long long)(now_us() - start));
}

static void
reload(struct dns *d, char **server, size_t n, const char *resolv_conf)
{
	struct dns_options o = { .server = (const char *const *)server,
		.servers = n, .resolv_conf = resolv_conf };

	printf("{\"reload\": %s}\n", dns_reload(d, &o) ? "true" : "false");
}

static void
print_stats(struct dns *d)
{
	struct dns_stats s;

	dns_stats(d, &s);
#define COUNT(field) printf("\"" #field "\": %llu, ", \
    (unsigned long long)s.field)
	putchar('{');
	COUNT(asked), COUNT(hits), COUNT(joined), COUNT(queries);
	COUNT(answers), COUNT(failures), COUNT(timeouts), COUNT(late);
	COUNT(dropped), COUNT(evicted), COUNT(entries);
	printf("\"bytes\": %zu}\n", s.bytes);
}

static void
command(struct dns *d, char **word, size_t n, const char *resolv_conf,
    struct crowd *begun)
{
	if (strcmp(word[0], "ask") == 0 && n == 4)
		ask(d, name_of(word[2]), type_of(word[1]), word[3], true);
	else if (strcmp(word[0], "same") == 0 && n == 5)
		many(d, true, word);
	else if (strcmp(word[0], "each") == 0 && n == 5)
		many(d, false, word);
	else if (strcmp(word[0], "begin") == 0 && n == 5)
		*begun = begin(d, false, false, word);
	else if (strcmp(word[0], "prefetch") == 0 && n == 4)
		dns_prefetch(d, name_of(word[2]), type_of(word[1]),
		    in_ms(word[3]));
	else if (strcmp(word[0], "sender") == 0 && n == 3)
		sender(d, name_of(word[1]), word[2]);
	else if (strcmp(word[0], "reload") == 0)
		reload(d, word + 1, n - 1, resolv_conf);
	else if (strcmp(word[0], "stats") == 0)
		print_stats(d);
	else
		fprintf(stderr, "dns_ask: what is %s?\n", word[0]);
	fflush(stdout);
}

static size_t
split(char *line, char **word)
{
	char *rest = NULL, *w = strtok_r(line, " \n", &rest);
	size_t n = 0;

	for (; w != NULL && n < WORDS_MAX; w = strtok_r(NULL, " \n", &rest))
		word[n++] = w;
	return n;
}

int
main(int argc, char **argv)
{
	const char *server[16];
	struct dns_options o = { .server = server };
	struct crowd begun = { 0 };
	char *word[WORDS_MAX], *line = NULL;
	size_t cap = 0, n;
	struct dns *d;
	int64_t start;
	int c;

	while ((c = getopt(argc, argv, "s:r:f:p:c:")) != -1) {
		if (c == 's' && o.servers < 16)
			server[o.servers++] = optarg;
		else if (c == 'r')
			o.resolv_conf = optarg;
		else if (c == 'f')
			o.flights = (unsigned)atoi(optarg);
		else if (c == 'p')
			o.patience_ms = (unsigned)atoi(optarg);
		else if (c == 'c')
			o.cache_bytes = (size_t)atol(optarg);
		else
			return 64;
	}
	d = dns_new(&o);
	if (d == NULL) {
		perror("dns_ask");
		return 71;
	}
	while (getline(&line, &cap, stdin) > 0)
		if ((n = split(line, word)) > 0)
			command(d, word, n, o.resolv_conf, &begun);
	start = now_us();
	dns_free(d);
	start = now_us() - start;
	join(&begun);
	printf("{\"freed_us\": %lld}\n", (long long)start);
	free(line);
	return 0;
}
