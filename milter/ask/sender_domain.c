/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/sender_domain.h"

/* An MX that names a host; the root is none. */
static bool
has_host(const struct dns_answer *mx)
{
	size_t i;

	for (i = 0; i < dns_answer_count(mx); i++)
		if (dns_answer_at(mx, i)->name.n > 0)
			return true;
	return false;
}

/* The status of an answer, which is given up. */
static enum dns_status
status_of(struct dns_answer *a)
{
	enum dns_status status = a != NULL ? dns_answer_status(a) :
	    DNS_UNKNOWN;

	dns_answer_free(a);
	return status;
}

/* One domain, while we ask. */
struct inquiry {
	struct dns *dns;
	struct text domain;
	int64_t deadline_ms;
	const struct trace *trace;
};

static struct dns_answer *
ask(const struct inquiry *i, enum dns_type type)
{
	int64_t start_ms = trace_start(i->trace);
	struct dns_answer *a = dns_ask(i->dns, i->domain, type,
	    i->deadline_ms);

	trace_query(i->trace, 1, i->domain, type, a, start_ms);
	return a;
}

static void
ask_ahead(const struct inquiry *i, enum dns_type type)
{
	dns_prefetch(i->dns, i->domain, type, i->deadline_ms);
	trace_ahead(i->trace, 1, i->domain, type);
}

/*
 * Without MX, both addresses: a server that fails for AAAA, or says that there
 * is no such name (RFC 4074 4.2), must not hide an A.  The name was there when
 * we asked for its MX, so neither "no such name" here is believed.
 */
static enum sender_domain
ask_addresses(const struct inquiry *i)
{
	enum dns_status a, aaaa;

	ask_ahead(i, DNS_AAAA);
	a = status_of(ask(i, DNS_A));
	if (a == DNS_FOUND)
		return SENDER_DOMAIN_ADDRESS;
	aaaa = status_of(ask(i, DNS_AAAA));
	if (aaaa == DNS_FOUND)
		return SENDER_DOMAIN_ADDRESS;
	return a == DNS_UNKNOWN || aaaa == DNS_UNKNOWN ?
	    SENDER_DOMAIN_UNKNOWN : SENDER_DOMAIN_NO_DATA;
}

static enum sender_domain
ask_all(const struct inquiry *i)
{
	struct dns_answer *mx = ask(i, DNS_MX);
	bool host = mx != NULL && has_host(mx);

	switch (status_of(mx)) {
	case DNS_FOUND:
		return host ? SENDER_DOMAIN_MX : SENDER_DOMAIN_NULL_MX;
	case DNS_NO_NAME:
		return SENDER_DOMAIN_NO_NAME;
	case DNS_NO_DATA:
		return ask_addresses(i);
	case DNS_UNKNOWN:
		break;
	}
	return SENDER_DOMAIN_UNKNOWN;
}

enum sender_domain
sender_domain_ask(struct dns *d, struct text domain, int64_t deadline_ms,
    const struct trace *trace)
{
	const struct inquiry i = { d, domain, deadline_ms, trace };
	enum sender_domain found;

	trace_tell(trace, &(struct trace_step){ .kind = TRACE_SENDER_DOMAIN,
		.subject = domain });
	found = ask_all(&i);
	trace_tell(trace, &(struct trace_step){ .kind = TRACE_EXISTENCE,
		.depth = 1, .words = sender_domain_text(found) });
	return found;
}

void
sender_domain_prefetch(struct dns *d, struct text domain, int64_t deadline_ms)
{
	dns_prefetch(d, domain, DNS_MX, deadline_ms);
}

const char *
sender_domain_text(enum sender_domain s)
{
	switch (s) {
	case SENDER_DOMAIN_UNKNOWN:
		break;
	case SENDER_DOMAIN_MX:
		return "exists, has mail servers";
	case SENDER_DOMAIN_ADDRESS:
		return "exists, has an address";
	case SENDER_DOMAIN_NULL_MX:
		return "takes no mail (null MX)";
	case SENDER_DOMAIN_NO_NAME:
		return "does not exist";
	case SENDER_DOMAIN_NO_DATA:
		return "has neither MX nor address";
	}
	return "not known";
}
