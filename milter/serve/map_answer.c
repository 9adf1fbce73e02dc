/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/map_answer.h"

#include <limits.h>
#include <stdio.h>
#include <time.h>

#include "policy/domain.h"

#define SEPARATOR '\x9b'

static size_t
say(char out[MAP_REPLY_MAX], const char *status, const char *value)
{
	return (size_t)snprintf(out, MAP_REPLY_MAX, "%s %s", status, value);
}

/* ------------------------------------------------------------------ guard */

/* The next field of key; empty when there is none left. */
static struct text
take_field(struct text *key)
{
	size_t end = text_find(*key, SEPARATOR);
	struct text field = text_cut(*key, 0, end);

	*key = text_cut(*key, end < key->n ? end + 1 : end, key->n);
	return field;
}

static struct judge_request
read_request(struct text key, unsigned long session)
{
	struct judge_request r = { .door = "map", .session = session };
	struct envelope *e = &r.envelope;
	struct text certificate, name;
	bool verified;

	ip_parse(take_field(&key), &e->client);
	e->sender = take_field(&key);
	if (e->sender.n == 0)
		e->sender = TEXT("<>"); /* sendmail's $f of the null sender */
	e->recipient = take_field(&key);
	e->auth = take_field(&key);
	e->own_name = take_field(&key);
	ip_parse(take_field(&key), &e->own_address);
	r.queue_id = take_field(&key);
	verified = text_equal(take_field(&key), TEXT("OK"));
	certificate = take_field(&key);
	if (verified)
		e->certificate = certificate;
	verified = text_equal(take_field(&key), TEXT("OK"));
	name = take_field(&key);
	if (verified)
		e->client_name = name;
	e->helo = key;
	return r;
}

static size_t
answer_guard(const struct judge *judge, unsigned long session,
    struct text key, char out[MAP_REPLY_MAX])
{
	struct judge_request r = read_request(key, session);
	struct judge_reply reply = judge_rcpt(judge, &r);

	switch (reply.action) {
	case VERDICT_ACCEPT:
		return reply.relays ? say(out, "OK", "RELAY") :
		    say(out, "NOTFOUND", "");
	case VERDICT_REFUSE:
		/* in quotes, or sendmail takes what is in brackets out */
		return (size_t)snprintf(out, MAP_REPLY_MAX,
		    "OK DENY:%s:\"%s %s\"", reply.dsn, reply.code, reply.text);
	case VERDICT_DEFER:
		break;
	}
	return say(out, "TEMP", reply.text);
}

/* --------------------------------------------------------- relay, client */

static size_t
answer_grant(bool granted, char out[MAP_REPLY_MAX])
{
	return granted ? say(out, "OK", "RELAY") : say(out, "NOTFOUND", "");
}

/* Is mail for this domain relayed?  *e is the entry that says so. */
static bool
grants_domain(const struct policy *p, struct text key, struct policy_entry *e)
{
	char folded[DOMAIN_MAX];
	struct text name = { folded, domain_fold(key, folded) };

	return policy_find_domain(p, POLICY_RELAY, name, time(NULL), e) &&
	    e->action == POLICY_GRANT;
}

/* May this address relay anywhere? */
static bool
grants_client(const struct policy *p, struct text key, struct policy_entry *e)
{
	struct ip ip;

	return ip_parse(key, &ip) &&
	    policy_find_client(p, &ip, time(NULL), e) &&
	    e->action == POLICY_GRANT && e->only.n == 0;
}

static size_t
answer_relay(const struct policy *p, struct text key, char out[MAP_REPLY_MAX])
{
	struct policy_entry e;

	return answer_grant(grants_domain(p, key, &e), out);
}

static size_t
answer_client(const struct policy *p, struct text key, char out[MAP_REPLY_MAX])
{
	struct policy_entry e;

	return answer_grant(grants_client(p, key, &e), out);
}

/* What follows the tag, or an empty text. */
static struct text
behind(struct text tag, struct text key)
{
	return text_begins(key, tag) ? text_cut(key, tag.n, key.n) :
	    text_cut(key, 0, 0);
}

/* Does another source than the access file grant a parent of name? */
static bool
grants_parent(const struct policy *p, struct text name, unsigned access,
    struct policy_entry *e)
{
	size_t dot = text_find(name, '.');

	for (; dot < name.n; dot = text_find(name, '.')) {
		name = text_cut(name, dot + 1, name.n);
		if (grants_domain(p, name, e) && e->source != access)
			return true;
	}
	return false;
}

/*
 * After NOTFOUND sendmail tries shorter keys: 127.0.5 after 127.0.5.3, net.test
 * after bad.net.test.  SKIP ends that where the policy grants less than the
 * shorter key would.
 */
static const char *
access_verdict(const struct policy *p, struct text key, unsigned access)
{
	struct text client = behind(TEXT("connect:"), key);
	struct text domain = behind(TEXT("to:"), key);
	struct policy_entry e = { .source = access };
	bool granted = grants_client(p, client, &e) ||
	    grants_domain(p, domain, &e);

	if (e.source != access)
		return granted ? "RELAY" : "SKIP";
	return !granted && grants_parent(p, domain, access, &e) ? "SKIP" : NULL;
}

static size_t
answer_access(const struct policy *p, struct text key, char out[MAP_REPLY_MAX])
{
	unsigned access;
	const struct access_map *map = policy_access(p, &access);
	const char *verdict;
	struct text value;

	if (map != NULL && access_map_find(map, key, &value))
		return (size_t)snprintf(out, MAP_REPLY_MAX, "OK %.*s",
		    (int)value.n, value.at);
	verdict = access_verdict(p, key, map != NULL ? access : UINT_MAX);
	return verdict != NULL ? say(out, "OK", verdict) :
	    say(out, "NOTFOUND", "");
}

/* ------------------------------------------------------------------- maps */

struct map {
	const char *name;
	size_t (*answer)(const struct policy *p, struct text key,
	    char out[MAP_REPLY_MAX]);
};

/* The maps that are looked up in the policy; guard is judged. */
static const struct map maps[] = {
	{ "relay", answer_relay },
	{ "client", answer_client },
	{ "access", answer_access },
};

/* An answer that the directory, once it is known, cannot change to a grant. */
static bool
is_settled(const char *answer)
{
	return !text_begins(text_of(answer), TEXT("NOTFOUND")) &&
	    !text_begins(text_of(answer), TEXT("OK SKIP"));
}

static size_t
answer_lookup(const struct judge *judge, struct text name, struct text key,
    char out[MAP_REPLY_MAX])
{
	const struct in_force *f = current_take(judge->current);
	size_t i, n = 0;

	if (f == NULL)
		return say(out, "TEMP", "no policy loaded");
	for (i = 0; i < sizeof maps / sizeof maps[0]; i++)
		if (text_equal(name, text_of(maps[i].name)))
			n = maps[i].answer(f->policy, key, out);
	if (n > 0 && f->waiting && !is_settled(out))
		n = say(out, "TEMP", "waiting for the directory");
	current_give(judge->current, f);
	return n > 0 ? n : say(out, "PERM", "no such map");
}

size_t
map_answer(const struct judge *judge, unsigned long session,
    struct text request, char out[MAP_REPLY_MAX])
{
	size_t space = text_find(request, ' ');
	struct text name = text_cut(request, 0, space);

	if (space == request.n)
		return say(out, "PERM", "a request is MAP KEY");
	request = text_cut(request, space + 1, request.n);
	if (text_equal(name, TEXT("guard")))
		return answer_guard(judge, session, request, out);
	return answer_lookup(judge, name, request, out);
}
