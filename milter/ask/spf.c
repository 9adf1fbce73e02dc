/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf.h"

#include <stdlib.h>
#include <time.h>

#include "milter/ask/spf_account.h"
#include "milter/ask/spf_client.h"
#include "milter/ask/spf_guard.h"
#include "policy/escape.h"

#define POSTMASTER "postmaster"
/* Longest sender that is looked at; RFC 5321 4.5.3.1 allows 254. */
#define SENDER_MAX 1024

const char *
spf_result_name(enum spf_result result)
{
	static const char *const name[] = { "none", "neutral", "pass", "fail",
		"softfail", "temperror", "permerror" };

	return name[result];
}

/* Who is checked: the local part and the domain (4.3). */
static void
split(const struct spf_question *q, struct text *local, struct text *domain)
{
	struct text s = q->identity == SPF_HELO ? TEXT("") : q->sender;
	size_t at = s.n;

	*local = TEXT(POSTMASTER);
	*domain = s.n > 0 ? s : q->helo;
	while (at > 0 && s.at[at - 1] != '@')
		at--;
	if (at == 0)
		return;
	*domain = text_cut(s, at, s.n);
	if (at > 1)
		*local = text_cut(s, 0, at - 1);
}

/* Why there is nothing to check, or NULL. */
static const char *
nothing_to_check(const struct ip *client, struct text domain)
{
	char folded[DOMAIN_MAX];
	size_t n = domain_fold(domain, folded);

	if (client->family == IP_NONE)
		return "no address of the client";
	if (ip_is_loopback(client) ||
	    (client->family == IP_V4 && client->byte[0] == 127))
		return "the client is on the loopback";
	/* "a." is a single label too */
	if (n == 0 || domain_is_single_label((struct text){ folded, n }))
		return "no name of a domain to look under";
	return NULL;
}

static void
copy_words(struct text t, char *out)
{
	escape_text(t, out, SPF_WORDS_MAX);
}

/* The one TXT record behind exp=, or empty (6.2). */
static struct text
only_text(const struct dns_answer *a)
{
	struct text txt = { NULL, 0 };

	if (a != NULL && dns_answer_count(a) == 1)
		txt = dns_answer_at(a, 0)->txt;
	return spf_macro_valid(txt, true) ? txt : TEXT("");
}

/* What the owner has to say about a fail (6.2). */
static void
explain(struct spf_run *r)
{
	struct text exp = r->main->record.exp.domain, txt;
	char name[DOMAIN_MAX], words[SPF_EXPLANATION_MAX];
	struct dns_answer *a;
	size_t n;

	if (r->main->record.exp.kind == SPF_TERM_NONE)
		return;
	spf_client_values(r, r->main, exp);
	n = spf_macro_expand_domain(exp, &r->values, name);
	if (n == 0)
		return;
	a = spf_run_ask(r, (struct text){ name, n }, DNS_TXT);
	txt = only_text(a);
	spf_client_values(r, r->main, txt);
	n = spf_macro_expand(txt, &r->values, words, sizeof words);
	if (r->trace != NULL)
		trace_tell(r->trace, &(struct trace_step){
			.kind = TRACE_EXPLANATION, .depth = 1,
			.subject = { words, n } });
	escape_text((struct text){ words, n }, r->out->explanation,
	    sizeof r->out->explanation);
	dns_answer_free(a);
}

/* The term that decided, and whose it is. */
static void
tell_mechanism(struct spf_run *r)
{
	const struct spf_page *page = r->main;

	if (page == NULL)
		return;
	copy_words((struct text){ page->domain, page->domain_n },
	    r->out->domain);
	if (page->reached.kind != SPF_TERM_NONE)
		copy_words(page->reached.text, r->out->mechanism);
	else if (r->state == SPF_DECIDED)
		copy_words(TEXT("default"), r->out->mechanism);
}

static void
run(struct spf_run *r)
{
	enum spf_result result;

	spf_run_start(r);
	r->depth = 1;
	result = spf_guard_evaluate(r);
	if (r->state == SPF_RUNNING) {
		r->state = SPF_DECIDED;
		r->out->result = result;
		r->depth = 1;
		tell_mechanism(r);
		spf_account_end(r);
		if (result == SPF_FAIL)
			explain(r);
	} else {
		tell_mechanism(r);
	}
	spf_run_end(r);
}

static void
check(const struct spf_dns *dns, const struct spf_question *q,
    const struct trace *trace, struct spf_outcome *out)
{
	char sender[SENDER_MAX + sizeof POSTMASTER + DOMAIN_MAX];
	struct text local, domain;
	const char *nothing;
	struct spf_run *r;

	split(q, &local, &domain);
	copy_words(domain, out->domain);
	nothing = q->sender.n > SENDER_MAX ? "the sender is too long" :
	    nothing_to_check(&q->client, domain);
	if (nothing != NULL) {
		copy_words(text_of(nothing), out->problem);
		return;
	}
	r = calloc(1, sizeof *r);
	if (r == NULL) {
		out->result = SPF_TEMPERROR;
		copy_words(TEXT("out of memory"), out->problem);
		return;
	}
	domain.n -= domain.at[domain.n - 1] == '.';
	memcpy(sender, local.at, local.n);
	sender[local.n] = '@';
	memcpy(sender + local.n + 1, domain.at, domain.n);
	r->dns = dns;
	r->q = q;
	r->trace = trace;
	r->out = out;
	r->values = (struct spf_macro_values){
		.sender = { sender, local.n + 1 + domain.n }, .local = local,
		.sender_domain = domain, .helo = q->helo, .host = q->host,
		.client = q->client, .now = time(NULL) };
	run(r);
	free(r);
}

static void
tell_identity(const struct trace *trace, const struct spf_question *q)
{
	bool helo = q->identity == SPF_HELO || q->sender.n == 0;

	trace_tell(trace, &(struct trace_step){ .kind = TRACE_IDENTITY,
		.words = q->identity == SPF_HELO ? "HELO" : "MAIL FROM",
		.why = helo && q->identity == SPF_MAIL_FROM ?
		    "null sender: " POSTMASTER " of HELO" : NULL,
		.subject = helo ? q->helo : q->sender });
}

void
spf_check(const struct spf_dns *dns, const struct spf_question *q,
    const struct trace *trace, struct spf_outcome *out)
{
	memset(out, 0, sizeof *out);
	if (trace != NULL)
		tell_identity(trace, q);
	check(dns, q, trace, out);
	trace_tell(trace, &(struct trace_step){ .kind = TRACE_RESULT,
		.depth = 1, .outcome = out });
}
