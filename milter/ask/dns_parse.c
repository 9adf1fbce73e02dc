/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/dns_parse.h"

#include "milter/ask/dns_answer.h"
#include "milter/ask/dns_rr.h"

#define HEADER 12

/* the header's flags, RFC 1035 4.1.1 */
#define IS_ANSWER 0x8000u
#define OPCODE 0x7800u
#define AUTHORITATIVE 0x0400u
#define TRUNCATED 0x0200u
#define RCODE 0x000fu
#define RCODE_OK 0
#define RCODE_SERVFAIL 2
#define RCODE_NO_NAME 3
#define RCODE_REFUSED 5

/* RFC 6891 6.1.3: more bits of the code, in the TTL of the OPT record */
#define MORE_OF_RCODE 0xff000000u

/* ---- is it an answer to our question? ------------------------------------ */

static bool
is_reply(struct text m, uint16_t id)
{
	return m.n >= HEADER && dns_number(m, 0) == id &&
	    (dns_number(m, 2) & (IS_ANSWER | OPCODE | TRUNCATED)) ==
	    IS_ANSWER && dns_number(m, 4) == 1;
}

/* Where the records begin, or 0 when the question is not q. */
static size_t
behind_question(struct text m, const struct dns_question *q)
{
	size_t at = HEADER;
	struct dns_name name;

	if (!dns_name_read(m, &at, &name) || m.n - at < 4 || name.odd ||
	    !text_equal(dns_name_text(&name), dns_question_name(q)) ||
	    dns_number(m, at) != (unsigned)q->type ||
	    dns_number(m, at + 2) != DNS_CLASS_IN)
		return 0;
	return at + 4;
}

/* ---- its records ----------------------------------------------------------- */

static bool
is_of(const struct dns_rr *rr, const struct dns_name *owner, unsigned type)
{
	return rr->type == type && rr->class == DNS_CLASS_IN &&
	    !rr->owner.odd &&
	    text_equal(dns_name_text(&rr->owner), dns_name_text(owner));
}

static uint32_t
shorter(uint32_t a, uint32_t b)
{
	return a < b ? a : b;
}

/* What a search in the answer section comes to. */
enum found {
	FOUND_RECORDS, /* of the type asked for */
	FOUND_CNAME,
	FOUND_NOTHING,
	FOUND_BROKEN
};

/*
 * What name has: records of this type, or a CNAME, which then replaces name.
 * ttl becomes that of the shortest-lived among them.
 */
static enum found
find(struct dns_walk w, enum dns_type type, struct dns_name *name,
    uint32_t *ttl)
{
	struct dns_name target = { 0 };
	enum found found = FOUND_NOTHING;
	struct dns_rr rr;

	while (dns_walk_next(&w, &rr)) {
		if (is_of(&rr, name, (unsigned)type)) {
			*ttl = shorter(*ttl, dns_rr_ttl(&rr));
			found = FOUND_RECORDS;
		} else if (found == FOUND_NOTHING &&
		    is_of(&rr, name, DNS_CNAME)) {
			if (!dns_rr_target(w.message, &rr, &target) ||
			    target.odd)
				return FOUND_BROKEN;
			*ttl = shorter(*ttl, dns_rr_ttl(&rr));
			found = FOUND_CNAME;
		}
	}
	if (found == FOUND_CNAME)
		*name = target;
	return w.broken ? FOUND_BROKEN : found;
}

enum collected { COLLECTED, COLLECTED_BROKEN, COLLECTED_NO_MEMORY };

static enum collected
collect(struct dns_walk w, enum dns_type type, const struct dns_name *owner,
    struct dns_answer *a)
{
	struct dns_record record;
	struct dns_scratch s;
	struct dns_rr rr;

	while (dns_walk_next(&w, &rr)) {
		if (!is_of(&rr, owner, (unsigned)type))
			continue;
		if (!dns_rr_read(w.message, &rr, &s, &record))
			return COLLECTED_BROKEN;
		if (!s.name.odd && !dns_answer_add(a, &record))
			return COLLECTED_NO_MEMORY;
	}
	return dns_answer_count(a) > 0 ? COLLECTED : COLLECTED_BROKEN;
}

/* ---- the answer ---------------------------------------------------------- */

static struct dns_answer *
unknown(enum dns_trouble trouble)
{
	struct dns_answer *a = dns_answer_new(DNS_UNKNOWN, DNS_TTL_UNKNOWN);

	dns_answer_blame(a, trouble);
	return a;
}

static unsigned
within(uint32_t ttl, uint32_t most)
{
	ttl = shorter(ttl, most);
	return ttl < DNS_TTL_LEAST ? DNS_TTL_LEAST : ttl;
}

static struct dns_answer *
positive(struct dns_walk answers, enum dns_type type,
    const struct dns_name *owner, uint32_t ttl)
{
	struct dns_answer *a = dns_answer_new(DNS_FOUND,
	    within(ttl, DNS_TTL_MOST));

	switch (a != NULL ? collect(answers, type, owner, a) :
	    COLLECTED_NO_MEMORY) {
	case COLLECTED:
		return a;
	case COLLECTED_BROKEN:
		dns_answer_free(a);
		return unknown(DNS_NONSENSE);
	case COLLECTED_NO_MEMORY:
		break;
	}
	dns_answer_free(a);
	return NULL;
}

/* What stands behind the answers, when there are none. */
struct rest {
	bool soa, ns;
	bool trouble, error;
	uint32_t ttl;
};

static void
read_rest(struct dns_walk w, struct rest *rest)
{
	struct dns_rr rr;

	while (dns_walk_next(&w, &rr)) {
		rest->ns = rest->ns || rr.type == DNS_NS;
		if (rr.type == DNS_OPT && (rr.ttl & MORE_OF_RCODE) != 0)
			rest->trouble = rest->error = true;
		if (rr.type != DNS_SOA)
			continue;
		rest->soa = true;
		if (!dns_rr_soa(w.message, &rr, &rest->ttl))
			rest->trouble = true;
	}
	rest->trouble = rest->trouble || w.broken;
}

static struct dns_answer *
negative(struct dns_walk answers, enum dns_status status, uint32_t chain_ttl)
{
	struct text m = answers.message;
	struct rest rest = { .ttl = DNS_TTL_UNKNOWN };
	bool without_soa, referral;

	/* authority and additional section */
	read_rest(dns_walk_behind(answers, dns_number(m, 8) +
	    dns_number(m, 10)), &rest);
	without_soa = status == DNS_NO_DATA && !rest.soa;
	/* a server that sends us on to others has not said "no" */
	referral = without_soa && rest.ns &&
	    (dns_number(m, 2) & AUTHORITATIVE) == 0;
	/* nor has one that answers another question, or half of ours */
	if (rest.trouble || referral || (without_soa && dns_number(m, 6) > 0))
		return unknown(rest.error ? DNS_OTHER_ERROR : DNS_NONSENSE);
	return dns_answer_new(status,
	    within(shorter(rest.ttl, chain_ttl), DNS_TTL_NO_MOST));
}

/* An answer without errors, from its records. */
static struct dns_answer *
conclude(struct dns_walk answers, const struct dns_question *q,
    unsigned rcode)
{
	struct dns_name name = { .n = q->n };
	enum found found = FOUND_CNAME;
	uint32_t ttl = UINT32_MAX;
	unsigned hops;

	memcpy(name.at, q->name, q->n);
	for (hops = 0; found == FOUND_CNAME && hops <= DNS_CNAMES_MAX; hops++)
		found = find(answers, q->type, &name, &ttl);
	if (found == FOUND_RECORDS && rcode == RCODE_OK)
		return positive(answers, q->type, &name, ttl);
	if (found == FOUND_NOTHING)
		return negative(answers, rcode == RCODE_NO_NAME ?
		    DNS_NO_NAME : DNS_NO_DATA, ttl);
	/* a loop, nonsense, or records of a name that is said not to be */
	return unknown(DNS_NONSENSE);
}

static enum dns_trouble
trouble_of(unsigned rcode)
{
	return rcode == RCODE_SERVFAIL ? DNS_SERVFAIL :
	    rcode == RCODE_REFUSED ? DNS_REFUSED : DNS_OTHER_ERROR;
}

struct dns_answer *
dns_parse(struct text message, const struct dns_question *q, uint16_t id)
{
	struct dns_walk answers = { .message = message };
	unsigned rcode;

	if (!is_reply(message, id))
		return unknown(DNS_NONSENSE);
	answers.at = behind_question(message, q);
	answers.left = dns_number(message, 6);
	rcode = dns_number(message, 2) & RCODE;
	if (answers.at == 0)
		return unknown(DNS_NONSENSE);
	if (rcode != RCODE_OK && rcode != RCODE_NO_NAME)
		return unknown(trouble_of(rcode));
	return conclude(answers, q, rcode);
}
