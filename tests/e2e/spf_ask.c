/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_ask.c - SPF checks through the resolver, driven by the tests.
 * usage: spf_ask [-p PATIENCE_MS] SERVER...
 * Each line of standard input is a command, its words separated by tabs, each
 * answer a line of JSON:
 *   guard CLIENT HELO SENDER MS   our check; MS is the time until the deadline
 *   stock CLIENT HELO SENDER 0    libspf2 alone, by its own resolver
 *   threads N CHECKS CLIENT [SENDER RESULT]...
 *                                 N threads with so many checks each, of one
 *                                 sender after the other: how many were wrong?
 *                                 A sender that begins with # begins with the
 *                                 number of the check instead
 * HELO and SENDER may hold \xHH.  libspf2 asks the first server.
 */
#include <pthread.h>
#include <unistd.h>

#include "milter/clock.h"
#include "tests/e2e/json_text.h"
#include "tests/unit/spf_stock.h"
#include "tests/unit/spf_stock_resolver.h"

#define WORDS_MAX 32
#define THREADS_MAX 16

static struct dns_answer *
ask(void *with, struct text name, enum dns_type type, int64_t deadline_ms)
{
	return dns_ask(with, name, type, deadline_ms);
}

static struct text
unescaped(char *word)
{
	return (struct text){ word, unescape_text(text_of(word), word) };
}

static struct spf_question
question(char **word)
{
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = unescaped(word[2]), .sender = unescaped(word[3]),
		.host = TEXT("receiver.example"),
		.deadline_ms = clock_ms() + atol(word[4]) };

	ip_parse(text_of(word[1]), &q.client);
	return q;
}

static void
say(const char *key, const char *words)
{
	printf("\"%s\": ", key);
	json_string(stdout, text_of(words));
	fputs(", ", stdout);
}

static void
guard(const struct spf_dns *dns, char **word)
{
	struct spf_question q = question(word);
	struct spf_outcome out;
	int64_t start = clock_ms();

	spf_check(dns, &q, NULL, &out);
	putchar('{');
	say("result", spf_result_name(out.result));
	say("mechanism", out.mechanism);
	say("explanation", out.explanation);
	say("problem", out.problem);
	printf("\"terms\": %u, \"voids\": %u, \"queries\": %u, \"ms\": %ld}\n",
	    out.terms, out.voids, out.queries, (long)(clock_ms() - start));
}

static void
stock(struct spf_stock *s, char **word)
{
	struct spf_question q = question(word);
	char words[1024];
	enum spf_result result = spf_stock_ask(s, &q, text_of(word[1]), words,
	    sizeof words);

	printf("{\"result\": \"%s\", \"explanation\": ",
	    spf_result_name(result));
	json_text(stdout, text_of(words));
	puts("}");
}

/* What each of the threads does: the words of the command. */
struct crowd {
	const struct spf_dns *dns;
	char **word;
	size_t n;
};

static struct text
numbered(const char *sender, long number, char *room, size_t cap)
{
	if (sender[0] != '#')
		return text_of(sender);
	snprintf(room, cap, "%ld%s", number, sender + 1);
	return text_of(room);
}

/* Returns how many checks came out wrong. */
static void *
check_many(void *argument)
{
	const struct crowd *c = argument;
	long i, checks = atol(c->word[2]);
	size_t senders = (c->n - 4) / 2;
	struct spf_question q = { .identity = SPF_MAIL_FROM,
		.helo = TEXT("h.example.org"), .host = TEXT("receiver.example") };
	struct spf_outcome out;
	uintptr_t wrong = 0;
	char room[256];

	ip_parse(text_of(c->word[3]), &q.client);
	for (i = 0; i < checks; i++) {
		char **at = &c->word[4 + 2 * ((size_t)i % senders)];

		q.sender = numbered(at[0], i, room, sizeof room);
		q.deadline_ms = clock_ms() + 20000;
		spf_check(c->dns, &q, NULL, &out);
		wrong += strcmp(spf_result_name(out.result), at[1]) != 0;
	}
	return (void *)wrong;
}

static void
threads(const struct spf_dns *dns, char **word, size_t n)
{
	struct crowd crowd = { dns, word, n };
	pthread_t thread[THREADS_MAX];
	int i, count = atoi(word[1]);
	uintptr_t wrong = 0;
	int64_t start = clock_ms();
	void *one;

	for (i = 0; i < count && i < THREADS_MAX; i++)
		if (pthread_create(&thread[i], NULL, check_many, &crowd) != 0)
			abort();
	while (i-- > 0) {
		pthread_join(thread[i], &one);
		wrong += (uintptr_t)one;
	}
	printf("{\"wrong\": %lu, \"ms\": %ld}\n", (unsigned long)wrong,
	    (long)(clock_ms() - start));
}

static void
command(const struct spf_dns *dns, struct spf_stock *bare, char *line)
{
	char *word[WORDS_MAX];
	size_t n = 0;

	line[strcspn(line, "\n")] = '\0';
	while (n < WORDS_MAX && (word[n] = strsep(&line, "\t")) != NULL)
		n++;
	if (strcmp(word[0], "guard") == 0 && n == 5)
		guard(dns, word);
	else if (strcmp(word[0], "stock") == 0 && n == 5)
		stock(bare, word);
	else if (strcmp(word[0], "threads") == 0 && n >= 6)
		threads(dns, word, n);
	else
		fprintf(stderr, "spf_ask: what is %s?\n", word[0]);
	fflush(stdout);
}

int
main(int argc, char **argv)
{
	struct dns_options o = { 0 };
	struct spf_dns dns = { .ask = ask };
	struct spf_stock *bare;
	char *line = NULL;
	size_t cap = 0;
	int c;

	while ((c = getopt(argc, argv, "p:")) != -1) {
		if (c != 'p')
			return 64;
		o.patience_ms = (unsigned)atoi(optarg);
	}
	o.server = (const char *const *)&argv[optind];
	o.servers = (size_t)(argc - optind);
	dns.with = dns_new(&o);
	if (dns.with == NULL || !spf_stock_resolver_set(o.server[0])) {
		perror("spf_ask");
		return 71;
	}
	bare = spf_stock_new(NULL, TEXT("receiver.example"));
	while (getline(&line, &cap, stdin) > 0)
		command(&dns, bare, line);
	spf_stock_free(bare);
	dns_free(dns.with);
	free(line);
	return 0;
}
