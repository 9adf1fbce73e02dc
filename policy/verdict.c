/* SPDX-License-Identifier: BSD-2-Clause */
#include "policy/verdict.h"

#include <stdio.h>

#include "policy/escape.h"

const char *
verdict_action_text(enum verdict_action a)
{
	switch (a) {
	case VERDICT_DEFER:
		return "defer";
	case VERDICT_ACCEPT:
		return "accept";
	case VERDICT_REFUSE:
		return "refuse";
	}
	return "unknown";
}

/* A reason's machine name, and the line that tells it: %s is the subject. */
struct wording {
	const char *name;
	const char *before, *after;
};

static const struct wording *
wording_of(enum reason_kind kind)
{
	static const struct wording words[] = {
		[REASON_CLIENT_LOOPBACK] = { "client-loopback", "client",
		    " is this machine: trusted" },
		[REASON_CLIENT_NETWORK] = { "client-network", "client",
		    " is in a client network: trusted" },
		[REASON_CLIENT_DENIED] = { "client-denied", "client",
		    " is taken out of the client networks: not trusted" },
		[REASON_CLIENT_UNTRUSTED] = { "client-untrusted", "client",
		    " is in no client network: not trusted" },
		[REASON_AUTH_TRUSTED] = { "auth-trusted", "authenticated as ",
		    ": trusted" },
		[REASON_AUTH_UNLISTED] = { "auth-unlisted",
		    "authenticated as ", ", but no auth entry names it" },
		[REASON_AUTH_DENIED] = { "auth-denied", "authenticated as ",
		    ", which an entry denies: not trusted" },
		[REASON_CERTIFICATE_TRUSTED] = { "certificate-trusted",
		    "certificate ", ": trusted" },
		[REASON_CERTIFICATE_UNLISTED] = { "certificate-unlisted",
		    "certificate ", ", but no cert entry names it" },
		[REASON_CERTIFICATE_DENIED] = { "certificate-denied",
		    "certificate ", ", which an entry denies: not trusted" },
		[REASON_NAME_TRUSTED] = { "name-trusted", "client is named ",
		    ": trusted" },
		[REASON_NAME_DENIED] = { "name-denied", "client is named ",
		    ", which an entry denies: not trusted" },
		[REASON_ROAMING] = { "roaming", "client",
		    " has logged in lately: trusted" },
		[REASON_ONLY] = { "only", "but only for ", "" },
		[REASON_SENDER] = { "sender", "sender is ", "" },
		[REASON_SENDER_DOMAIN] = { "sender-domain",
		    "sender's domain: ", "" },
		[REASON_SPF] = { "spf", "SPF: ", "" },
		[REASON_MALFORMED] = { "malformed", "not an address: ", "" },
		[REASON_HERE] = { "here", "", "is this host" },
		[REASON_LOCAL] = { "local", "", "is local" },
		[REASON_RELAY] = { "relay", "", "is a relay domain" },
		[REASON_LISTED] = { "listed", "",
		    "is listed for this client" },
		[REASON_DENIED] = { "denied", "", "is denied by an entry" },
		[REASON_FOREIGN] = { "foreign", "",
		    "is neither local nor a relay domain" },
		[REASON_PROGRAM] = { "program", "program-target: ", "" },
		[REASON_MTA] = { "mta", "the mail server resolves it to ", "" },
		[REASON_TOO_MANY] = { "too-many-readings",
		    "more readings than an honest address has", "" },
		[REASON_RULE] = { "rule", "refused by ", "" },
		[REASON_RULE_DEFERS] = { "rule-defers", "deferred by ", "" },
		[REASON_RULE_OFF] = { "rule-off", "passes, though ",
		    " says no: it is off" },
		[REASON_NO_POLICY] = { "no-policy",
		    "no policy loaded yet: deferred", "" },
		[REASON_WAITING] = { "waiting",
		    "the directory has not answered yet: deferred", "" },
		[REASON_OVERLOAD] = { "overload",
		    "more sessions than max_sessions: deferred", "" },
	};

	return &words[kind];
}

const char *
reason_name(enum reason_kind kind)
{
	return wording_of(kind)->name;
}

bool
reason_is_destination(enum reason_kind kind)
{
	return kind >= REASON_HERE && kind <= REASON_FOREIGN;
}

/* " (FILE:LINE)" or " (DN)" of the entry that says so, or nothing. */
static void
print_origin(const struct reason *r, const struct policy *p, char *out,
    size_t cap)
{
	char origin[268];

	out[0] = '\0';
	if (r->has_entry && p != NULL)
		snprintf(out, cap, " (%s)", policy_origin(p, &r->entry, origin,
		    sizeof origin));
}

/* "percent-hack reading leads to HOST, which "; plainly "recipient". */
static void
print_destination(const struct reason *r, const char *subject, char *out,
    size_t cap)
{
	if (r->form != FORM_PLAIN)
		snprintf(out, cap, "%s leads to %s, which ",
		    form_name(r->form), subject);
	else if (r->subject.n > 0)
		snprintf(out, cap, "recipient's domain %s ", subject);
	else
		snprintf(out, cap, "recipient without domain: ");
}

const char *
reason_print(const struct reason *r, const struct policy *p,
    char out[REASON_TEXT_MAX])
{
	const struct wording *w = wording_of(r->kind);
	char subject[512], head[640], origin[300];

	escape_text(r->subject, subject, sizeof subject);
	print_origin(r, p, origin, sizeof origin);
	if (reason_is_destination(r->kind))
		print_destination(r, subject, head, sizeof head);
	else
		snprintf(head, sizeof head, "%s%s", w->before, subject);
	if (r->kind == REASON_MALFORMED)
		snprintf(out, REASON_TEXT_MAX, "%s at byte %zu", head, r->at);
	else
		snprintf(out, REASON_TEXT_MAX, "%s%s%s", head, w->after,
		    origin);
	return out;
}

bool
verdict_relays(const struct verdict *v)
{
	size_t i;

	if (v->action != VERDICT_ACCEPT || v->trusted)
		return v->action == VERDICT_ACCEPT;
	for (i = 0; i < v->n; i++)
		if (reason_is_destination(v->reason[i].kind) &&
		    v->reason[i].kind != REASON_HERE &&
		    v->reason[i].kind != REASON_LOCAL)
			return true;
	return false;
}

void
verdict_wait(struct verdict *v)
{
	size_t i;

	if (v->action != VERDICT_REFUSE)
		return;
	for (i = 0; i < v->n; i++)
		if (v->reason[i].kind == REASON_MALFORMED)
			return;
	v->action = VERDICT_DEFER;
	v->rule = NULL;
	/* the last one names the rule */
	v->reason[v->n - 1] = (struct reason){ .kind = REASON_WAITING };
}
