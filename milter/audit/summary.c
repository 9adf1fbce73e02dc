/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/summary.h"

#include "milter/audit/line.h"
#include "policy/address.h"
#include "policy/domain.h"

/* scratch: DOMAIN_MAX bytes for a key that is not in the record as it is. */
typedef struct text key_function(const struct audit_record *r, char *scratch);

static struct text
or_else(struct text t, struct text otherwise)
{
	return t.n > 0 ? t : otherwise;
}

static struct text
rule_key(const struct audit_record *r, char *scratch)
{
	(void)scratch;
	return or_else(r->rule, TEXT("(none)"));
}

static struct text
client_key(const struct audit_record *r, char *scratch)
{
	(void)scratch;
	return or_else(r->client, TEXT("unknown"));
}

static struct text
form_key(const struct audit_record *r, char *scratch)
{
	(void)scratch;
	return or_else(r->form, TEXT("(none)"));
}

static struct text
recipient_domain_key(const struct audit_record *r, char *scratch)
{
	struct address a;
	size_t n;

	if (r->recipient.n == 0)
		return TEXT("(refused at MAIL)");
	address_parse(r->recipient, true, &a);
	if (a.class == ADDRESS_MALFORMED)
		return TEXT("(malformed)");
	if (a.class != ADDRESS_MAILBOX)
		return TEXT("(no domain)");
	n = domain_fold(a.domain, scratch);
	/* an address literal is no host name: as typed */
	return n > 0 ? (struct text){ scratch, n } : a.domain;
}

static struct text
sender_key(const struct audit_record *r, char *scratch)
{
	(void)scratch;
	return or_else(audit_bare(r->sender), TEXT("<>"));
}

static const struct grouping {
	const char *word;
	key_function *key;
} groupings[SUMMARY_BYS] = {
	[BY_RULE] = { "rule", rule_key },
	[BY_CLIENT] = { "client", client_key },
	[BY_FORM] = { "form", form_key },
	[BY_RECIPIENT_DOMAIN] = { "recipient-domain", recipient_domain_key },
	[BY_SENDER] = { "sender", sender_key },
};

const char *
summary_by_word(enum summary_by by)
{
	return groupings[by].word;
}

bool
summary_by_find(struct text word, enum summary_by *by)
{
	unsigned i;

	for (i = 0; i < SUMMARY_BYS; i++) {
		if (text_equal(word, text_of(groupings[i].word))) {
			*by = (enum summary_by)i;
			return true;
		}
	}
	return false;
}

int
summary_init(struct summary *s, unsigned wanted, int64_t since)
{
	unsigned i;

	*s = (struct summary){ .since = since, .seen = twice_new() };
	if (s->seen == NULL)
		return -1;
	for (i = 0; i < SUMMARY_BYS; i++)
		if ((wanted & 1u << i) != 0 &&
		    (s->by[i] = group_new()) == NULL)
			return -1;
	if (s->by[BY_CLIENT] != NULL && (s->pairs = group_new()) == NULL)
		return -1;
	return 0;
}

void
summary_free(struct summary *s)
{
	unsigned i;

	for (i = 0; i < SUMMARY_BYS; i++)
		group_free(s->by[i]);
	group_free(s->pairs);
	twice_free(s->seen);
	*s = (struct summary){ .since = s->since };
}

/* "CLIENT\nRULE"; what is over the length of any real one is cut. */
static struct text
pair_key(struct text client, struct text rule, char *out, size_t cap)
{
	size_t n = client.n < cap / 2 ? client.n : cap / 2;
	size_t m = rule.n < cap / 2 - 1 ? rule.n : cap / 2 - 1;

	memcpy(out, client.at, n);
	out[n] = '\n';
	if (m > 0)
		memcpy(out + n + 1, rule.at, m);
	return (struct text){ out, n + 1 + m };
}

/* Has this client broken this rule for the first time? */
static int
count_rules(struct summary *s, struct group_row *client,
    const struct audit_record *r)
{
	char key[512];
	struct group_row *pair;

	if (r->rule.n == 0)
		return 0;
	pair = group_add(s->pairs, pair_key(client->key, r->rule, key,
	    sizeof key), r->time);
	if (pair == NULL)
		return -1;
	client->rules += pair->count == 1;
	return 0;
}

static int
count_groups(struct summary *s, const struct audit_record *r)
{
	char scratch[DOMAIN_MAX];
	struct group_row *row;
	unsigned i;

	for (i = 0; i < SUMMARY_BYS; i++) {
		if (s->by[i] == NULL)
			continue;
		row = group_add(s->by[i], groupings[i].key(r, scratch),
		    r->time);
		if (row == NULL || (i == BY_CLIENT &&
		    count_rules(s, row, r) != 0))
			return -1;
	}
	return 0;
}

static void
count_period(struct summary *s, int64_t time)
{
	bool none = summary_records(s) == 0;

	if (none || time < s->first)
		s->first = time;
	if (none || time > s->last)
		s->last = time;
}

int
summary_add(struct summary *s, const struct audit_record *r)
{
	if (r->time < s->since) {
		s->before++;
		return 0;
	}
	if (twice_seen(s->seen, r)) {
		s->twice++;
		return 0;
	}
	count_period(s, r->time);
	switch (r->verdict) {
	case VERDICT_ACCEPT:
		s->accepted++;
		return 0;
	case VERDICT_DEFER:
		s->deferred++;
		break;
	case VERDICT_REFUSE:
		if (r->monitor)
			s->would_refuse++;
		else
			s->refused++;
		break;
	}
	return count_groups(s, r);
}

uint64_t
summary_records(const struct summary *s)
{
	return summary_blocked(s) + s->accepted;
}

uint64_t
summary_blocked(const struct summary *s)
{
	return s->refused + s->would_refuse + s->deferred;
}
