/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_find.h"

#include "milter/ask/spf_account.h"
#include "milter/ask/spf_client.h"

bool
spf_find_begin(struct spf_run *r, struct spf_token *t)
{
	spf_account_term(r, t);
	t->page->reached = t->term;
	r->depth = t->page->depth + 1;
	if (r->out->terms == SPF_TERMS_MAX) {
		spf_run_fail(r, SPF_PERMERROR,
		    "more than 10 terms that ask the DNS", t->term.text);
		return false;
	}
	r->out->terms++;
	return true;
}

static size_t
expand(struct spf_run *r, const struct spf_token *t, char *out)
{
	struct text domain = t->term.domain;
	size_t n;

	spf_client_values(r, t->page, domain);
	n = spf_macro_expand_domain(domain, &r->values, out);
	if (r->trace != NULL && !text_equal(domain, (struct text){ out, n }))
		trace_tell(r->trace, &(struct trace_step){
			.kind = TRACE_EXPANDED, .depth = r->depth,
			.subject = domain, .name = { out, n } });
	return n;
}

size_t
spf_find_target(struct spf_run *r, const struct spf_token *t, char *out)
{
	const struct spf_page *page = t->page;

	if (t->term.domain.n == 0) {
		memcpy(out, page->domain, page->domain_n);
		return page->domain_n;
	}
	return expand(r, t, out);
}

/* A term that found nothing: two may (4.6.4). */
static void
count_void(struct spf_run *r, enum dns_status status, struct text term)
{
	if (status != DNS_NO_NAME && status != DNS_NO_DATA)
		return;
	if (r->trace != NULL)
		trace_tell(r->trace, &(struct trace_step){ .kind = TRACE_VOID,
			.depth = r->depth, .number = r->out->voids + 1 });
	if (r->out->voids == SPF_VOIDS_MAX)
		spf_run_fail(r, SPF_PERMERROR,
		    "more than 2 terms that find nothing", term);
	else
		r->out->voids++;
}

/* Hand on what an answer says; an error of the DNS ends the check (5). */
static void
take_answer(struct spf_run *r, struct dns_answer *a, struct text about,
    struct spf_found *found)
{
	found->status = a != NULL ? dns_answer_status(a) : DNS_UNKNOWN;
	found->answer = a;
	if (found->status == DNS_UNKNOWN)
		spf_run_fail(r, SPF_TEMPERROR, "no answer of the DNS", about);
	if (r->state == SPF_FAILED)
		found->status = DNS_UNKNOWN;
}

/* a/0 and mx/0 match by the mere being of an address: say the client's. */
static void
stand_in(const struct spf_run *r, const struct spf_term *t,
    struct spf_found *found)
{
	unsigned bits = r->q->client.family == IP_V6 ? t->bits6 : t->bits4;

	found->client = bits == 0 && found->status == DNS_FOUND &&
	    dns_answer_count(found->answer) > 0;
}

static void
find_addresses(struct spf_run *r, const struct spf_token *t, struct text name,
    struct spf_found *found)
{
	enum dns_type type = t->term.kind == SPF_TERM_EXISTS ? DNS_A :
	    spf_run_address_type(r);
	struct dns_answer *a = spf_run_ask(r, name, type);

	if (a != NULL)
		count_void(r, dns_answer_status(a), t->term.text);
	take_answer(r, a, name, found);
	if (t->term.kind == SPF_TERM_A)
		stand_in(r, &t->term, found);
}

static void
find_hosts(struct spf_run *r, const struct spf_token *t, struct text name,
    struct spf_found *found)
{
	struct dns_answer *a = spf_run_ask(r, name, DNS_MX);

	dns_answer_free(r->hosts);
	r->hosts = NULL;
	r->mx = &t->term;
	if (a != NULL)
		count_void(r, dns_answer_status(a), t->term.text);
	if (a != NULL && dns_answer_count(a) > SPF_HOSTS_MAX)
		spf_run_fail(r, SPF_PERMERROR, "more than 10 hosts of an mx",
		    t->term.text);
	take_answer(r, a, name, found);
	found->answer = NULL;
	found->hosts = found->status == DNS_FOUND ? dns_answer_count(a) : 0;
	r->hosts = a;
}

/* Token hN.x: host N of the mx term; the root is no host (RFC 7505). */
static void
find_host(struct spf_run *r, size_t i, struct spf_found *found)
{
	struct text name;

	if (r->hosts == NULL || i >= dns_answer_count(r->hosts))
		return;
	name = dns_answer_at(r->hosts, i)->name;
	found->status = DNS_NO_DATA;
	if (name.n == 0)
		return;
	take_answer(r, spf_run_ask(r, name, spf_run_address_type(r)), name, found);
	stand_in(r, r->mx, found);
}

static void
find_name(struct spf_run *r, const struct spf_token *t, struct text name,
    struct spf_found *found)
{
	spf_client_names(r);
	count_void(r, r->names_status, t->term.text);
	found->client = spf_client_is_under(r, name);
	found->status = r->state == SPF_FAILED ? DNS_UNKNOWN :
	    found->client ? DNS_FOUND : DNS_NO_DATA;
}

static void
find_term(struct spf_run *r, struct spf_token *t, struct spf_found *found)
{
	char room[DOMAIN_MAX];
	struct text name = { room, 0 };

	if (!spf_find_begin(r, t))
		return;
	name.n = spf_find_target(r, t, room);
	if (r->state == SPF_FAILED)
		return;
	found->status = DNS_NO_NAME;
	if (t->term.kind == SPF_TERM_PTR)
		find_name(r, t, name, found);
	else if (name.n == 0)
		return;
	else if (t->term.kind == SPF_TERM_MX)
		find_hosts(r, t, name, found);
	else
		find_addresses(r, t, name, found);
}

/* The number in a token, which libspf2 gives back as we wrote it. */
static size_t
token_number(const char *token)
{
	size_t n = 0;

	for (token++; *token >= '0' && *token <= '9'; token++)
		n = n * 10 + (size_t)(*token - '0');
	return n;
}

struct spf_token *
spf_find_token(struct spf_run *r, const char *token)
{
	size_t n = token_number(token);

	return token[0] == 't' && n < r->tokens ? &r->token[n] : NULL;
}

void
spf_find(struct spf_run *r, const char *token, struct spf_found *found)
{
	struct spf_token *t = spf_find_token(r, token);

	*found = (struct spf_found){ .status = DNS_UNKNOWN };
	if (r->state != SPF_RUNNING)
		return;
	if (token[0] == 'h') {
		find_host(r, token_number(token), found);
	} else if (t != NULL && t->kind == SPF_TOKEN_TERM) {
		find_term(r, t, found);
	} else if (t != NULL && t->kind == SPF_TOKEN_MARK) {
		/* nothing before it matched */
		spf_account_term(r, t);
		t->page->reached = t->term;
		found->status = DNS_NO_DATA;
	}
}
