/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_rr.h"

unsigned
dns_number(struct text m, size_t at)
{
	return text_byte(m.at[at]) << 8 | text_byte(m.at[at + 1]);
}

static uint32_t
long_number(struct text m, size_t at)
{
	return (uint32_t)dns_number(m, at) << 16 | dns_number(m, at + 2);
}

static uint32_t
usable(uint32_t ttl)
{
	return ttl > INT32_MAX ? 0 : ttl;
}

uint32_t
dns_rr_ttl(const struct dns_rr *rr)
{
	return usable(rr->ttl);
}

static bool
read_rr(struct dns_walk *w, struct dns_rr *rr)
{
	struct text m = w->message;

	if (!dns_name_read(m, &w->at, &rr->owner) || m.n - w->at < 10)
		return false;
	rr->type = dns_number(m, w->at);
	rr->class = dns_number(m, w->at + 2);
	rr->ttl = long_number(m, w->at + 4);
	rr->n = dns_number(m, w->at + 8);
	rr->at = w->at + 10;
	if (m.n - rr->at < rr->n)
		return false;
	w->at = rr->at + rr->n;
	return true;
}

bool
dns_walk_next(struct dns_walk *w, struct dns_rr *rr)
{
	if (w->broken || w->left == 0)
		return false;
	w->left--;
	w->broken = !read_rr(w, rr);
	return !w->broken;
}

struct dns_walk
dns_walk_behind(struct dns_walk w, unsigned records)
{
	struct dns_rr rr;

	while (dns_walk_next(&w, &rr))
		continue;
	w.left = records;
	return w;
}

/* A name that is the whole of rr's data from offset skip on. */
static bool
read_target(struct text m, const struct dns_rr *rr, size_t skip,
    struct dns_name *name)
{
	size_t at = rr->at + skip;

	return rr->n > skip && dns_name_read(m, &at, name) &&
	    at == rr->at + rr->n;
}

bool
dns_rr_target(struct text m, const struct dns_rr *rr, struct dns_name *name)
{
	return read_target(m, rr, 0, name);
}

bool
dns_rr_soa(struct text m, const struct dns_rr *rr, uint32_t *ttl)
{
	size_t at = rr->at, end = rr->at + rr->n;
	struct dns_name name;
	uint32_t last;

	if (!dns_name_read(m, &at, &name) || !dns_name_read(m, &at, &name) ||
	    at > end || end - at != 20)
		return false;
	last = usable(long_number(m, at + 16));
	*ttl = dns_rr_ttl(rr) < last ? dns_rr_ttl(rr) : last;
	return true;
}

/*
 * The strings of a TXT record, one behind the other.  RFC 1035 3.3.14 wants at
 * least one, but the SPF suite has records without any, and they harm nobody.
 */
static bool
join_strings(struct text m, const struct dns_rr *rr, char *out, size_t *n)
{
	size_t at = rr->at, end = rr->at + rr->n, length;

	for (*n = 0; at < end; at += length) {
		length = text_byte(m.at[at++]);
		if (end - at < length)
			return false;
		memcpy(out + *n, m.at + at, length);
		*n += length;
	}
	return true;
}

static bool
read_address(struct text m, const struct dns_rr *rr, struct ip *ip)
{
	bool v6 = rr->type == DNS_AAAA;

	if (rr->n != (v6 ? 16 : 4))
		return false;
	/* an AAAA stays what it is, even ::ffff:a.b.c.d */
	ip->family = v6 ? IP_V6 : IP_V4;
	memcpy(ip->byte, m.at + rr->at, rr->n);
	return true;
}

bool
dns_rr_read(struct text m, const struct dns_rr *rr, struct dns_scratch *s,
    struct dns_record *record)
{
	*record = (struct dns_record){ .type = (enum dns_type)rr->type };
	s->name.odd = false;
	switch (record->type) {
	case DNS_A:
	case DNS_AAAA:
		return read_address(m, rr, &record->address);
	case DNS_TXT:
		record->txt.at = s->strings;
		return join_strings(m, rr, s->strings, &record->txt.n);
	case DNS_MX:
		if (rr->n < 3 || !read_target(m, rr, 2, &s->name))
			return false;
		record->preference = dns_number(m, rr->at);
		break;
	case DNS_PTR:
		if (!read_target(m, rr, 0, &s->name))
			return false;
		break;
	}
	record->name = dns_name_text(&s->name);
	return true;
}
