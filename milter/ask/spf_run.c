/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_run.h"

#include <stdio.h>
#include <time.h>

#include "milter/clock.h"
#include "policy/escape.h"

static bool
time_is_over(const struct spf_run *r)
{
	return clock_ms() >= r->q->deadline_ms;
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
}

struct dns_answer *
spf_run_ask(struct spf_run *r, struct text name, enum dns_type type)
{
	int64_t start_ms;
	struct dns_answer *a;

	if (r->state == SPF_FAILED)
		return NULL;
	if (time_is_over(r)) {
		spf_run_fail(r, SPF_TEMPERROR, "out of time", name);
		return NULL;
	}
	r->out->queries++;
	start_ms = trace_start(r->trace);
	a = r->dns->ask(r->dns->with, name, type, r->q->deadline_ms);
	if (a == NULL) {
		spf_run_fail(r, SPF_TEMPERROR, "out of memory", name);
		return NULL;
	}
	trace_query(r->trace, r->depth, name, type, a, start_ms);
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
