/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/spf_client.h"

#include "milter/ask/spf_name.h"

static bool
has_client(const struct spf_run *r, const struct dns_answer *a)
{
	size_t i;

	for (i = 0; i < dns_answer_count(a); i++)
		if (ip_equal(&dns_answer_at(a, i)->address, &r->q->client))
			return true;
	return false;
}

/* Keep a name that has the client's address; an error skips it (5.5). */
static void
try_name(struct spf_run *r, struct text name)
{
	struct dns_answer *a;

	if (name.n == 0 || name.n > DOMAIN_MAX)
		return;
	a = spf_run_ask(r, name, spf_run_address_type(r));
	if (a != NULL && has_client(r, a)) {
		memcpy(r->name[r->names].at, name.at, name.n);
		r->name[r->names++].n = name.n;
	}
	dns_answer_free(a);
}

void
spf_client_names(struct spf_run *r)
{
	char reverse[DOMAIN_MAX];
	struct dns_answer *a;
	size_t i;

	if (r->names_asked)
		return;
	r->names_asked = true;
	r->names_status = DNS_UNKNOWN;
	a = spf_run_ask(r, spf_name_reverse(&r->q->client, reverse), DNS_PTR);
	if (a == NULL)
		return;
	r->names_status = dns_answer_status(a);
	/* more than ten are not looked at (4.6.4) */
	for (i = 0; i < dns_answer_count(a) && i < SPF_HOSTS_MAX; i++)
		try_name(r, dns_answer_at(a, i)->name);
	dns_answer_free(a);
}

static struct text
name_at(const struct spf_run *r, size_t i)
{
	return (struct text){ r->name[i].at, r->name[i].n };
}

/* For %{p}: the domain itself, else a name below it, else any (7.3). */
static struct text
choose_name(const struct spf_run *r, struct text domain)
{
	struct text chosen = { NULL, 0 };
	char folded[DOMAIN_MAX];
	size_t i, n = domain_fold(domain, folded);

	for (i = r->names; i > 0; i--) {
		struct text name = name_at(r, i - 1);

		if (text_equal(name, (struct text){ folded, n }))
			return name;
		if (domain_is_under(name, (struct text){ folded, n }) ||
		    chosen.n == 0 || !domain_is_under(chosen,
		    (struct text){ folded, n }))
			chosen = name;
	}
	return chosen;
}

void
spf_client_values(struct spf_run *r, const struct spf_page *page,
    struct text text)
{
	r->values.domain = (struct text){ page->domain, page->domain_n };
	r->values.name = TEXT("");
	if (!spf_macro_wants_name(text))
		return;
	spf_client_names(r);
	r->values.name = choose_name(r, r->values.domain);
}

bool
spf_client_is_under(const struct spf_run *r, struct text domain)
{
	char lower[DOMAIN_MAX];
	size_t i;

	for (i = 0; i < domain.n; i++)
		lower[i] = text_lower(domain.at[i]);
	domain.at = lower;
	for (i = 0; i < r->names; i++)
		if (domain_is_under(name_at(r, i), domain))
			return true;
	return false;
}
