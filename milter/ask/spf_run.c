/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_run.h"

#include <stdio.h>
#include <time.h>

#include "milter/clock.h"
#include "policy/escape.h"

static const char *
status_words(enum dns_status status)
{
	switch (status) {
	case DNS_FOUND:
		return "found";
	case DNS_NO_NAME:
		return "no such name";
	case DNS_NO_DATA:
		return "no such record";
	case DNS_UNKNOWN:
		return "no answer";
	}
	return "";
}

static const char *
type_words(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_PTR:
		return "PTR";
	case DNS_MX:
		return "MX";
	case DNS_TXT:
		return "TXT";
	case DNS_AAAA:
		return "AAAA";
	}
	return "";
}

static bool
time_is_over(const struct spf_run *r)
{
	return clock_ms() >= r->q->deadline_ms;
}

void
spf_run_step(struct spf_run *r, const char *what, struct text subject,
    const char *outcome)
{
	char words[2 * SPF_WORDS_MAX];
	struct spf_step step = { r->depth, what, words, outcome };

	if (r->trace == NULL)
		return;
	escape_text(subject, words, sizeof words);
	r->trace->step(r->trace->with, &step);
}

void
spf_run_fail(struct spf_run *r, enum spf_result result, const char *problem,
    struct text about)
{
	char words[SPF_WORDS_MAX / 2];

	if (r->state != SPF_RUNNING)
		return;
	r->state = SPF_FAILED;
	r->out->result = result;
	escape_text(about, words, sizeof words);
	snprintf(r->out->problem, sizeof r->out->problem, "%s%s%s", problem,
	    about.n > 0 ? ": " : "", words);
	spf_run_step(r, "result", text_of(spf_result_name(result)),
	    r->out->problem);
}

static void
tell_answer(struct spf_run *r, struct text name, enum dns_type type,
    const struct dns_answer *a)
{
	char subject[DOMAIN_MAX + 8], outcome[64];
	size_t n = name.n < DOMAIN_MAX ? name.n : DOMAIN_MAX;

	if (r->trace == NULL)
		return;
	memcpy(subject, name.at, n);
	n += (size_t)snprintf(subject + n, sizeof subject - n, " %s",
	    type_words(type));
	snprintf(outcome, sizeof outcome, "%s%s",
	    status_words(dns_answer_status(a)),
	    dns_answer_cached(a) ? ", cached" : "");
	spf_run_step(r, "ask", (struct text){ subject, n }, outcome);
}

struct dns_answer *
spf_run_ask(struct spf_run *r, struct text name, enum dns_type type)
{
	struct dns_answer *a;

	if (r->state == SPF_FAILED)
		return NULL;
	if (time_is_over(r)) {
		spf_run_fail(r, SPF_TEMPERROR, "out of time", name);
		return NULL;
	}
	r->out->queries++;
	a = r->dns->ask(r->dns->with, name, type, r->q->deadline_ms);
	if (a == NULL) {
		spf_run_fail(r, SPF_TEMPERROR, "out of memory", name);
		return NULL;
	}
	tell_answer(r, name, type, a);
	if (dns_answer_status(a) == DNS_UNKNOWN && time_is_over(r))
		spf_run_fail(r, SPF_TEMPERROR, "no answer in time", name);
	return a;
}

enum dns_type
spf_run_address_type(const struct spf_run *r)
{
	return r->q->client.family == IP_V6 ? DNS_AAAA : DNS_A;
}

void
spf_run_start(struct spf_run *r)
{
	r->token[0].kind = SPF_TOKEN_START;
	r->tokens = 1;
}

void
spf_run_end(struct spf_run *r)
{
	size_t i;

	for (i = 0; i < r->pages; i++)
		dns_answer_free(r->page[i].answer);
	dns_answer_free(r->hosts);
}
