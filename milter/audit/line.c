/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/line.h"

#include <stdio.h>
#include <stdlib.h>

#include "milter/audit/json_out.h"
#include "milter/audit/when.h"
#include "policy/escape.h"

/* The numbers, the key names and everything between them. */
#define REST_MAX 1024

_Static_assert(2 * (4 * AUDIT_FIELD_MAX + 2 * AUDIT_ID_MAX +
    AUDIT_DESTINATIONS_MAX * (AUDIT_HOST_MAX + 40) +
    AUDIT_REASONS_MAX * (AUDIT_WHY_MAX + 2)) + REST_MAX <= AUDIT_LINE_MAX,
    "the longest record does not fit");

/* The reply the guard gives; NULLs when the MTA answers by itself. */
static void
reply_of(const struct verdict *v, const char **code, const char **dsn)
{
	*code = *dsn = NULL;
	if (v->rule != NULL) {
		*code = v->rule->code;
		*dsn = v->rule->dsn;
	} else if (v->action == VERDICT_DEFER) {
		*code = "451";
		/* as judge.c answers */
		*dsn = v->n > 0 && v->reason[0].kind == REASON_OVERLOAD ?
		    "4.3.2" : "4.3.0";
	}
}

static void
put_text(struct json_out *j, const char *key, struct text t, size_t max)
{
	json_out_key(j, key);
	json_out_text(j, t, max);
}

static void
put_plain(struct json_out *j, const char *key, const char *s)
{
	json_out_key(j, key);
	json_out_plain(j, s);
}

static void
put_number(struct json_out *j, const char *key, uint64_t n)
{
	json_out_key(j, key);
	json_out_number(j, n);
}

static void
put_where(struct json_out *j, const struct audit_decision *d)
{
	char time[WHEN_TEXT_MAX];

	when_print((int64_t)d->time.tv_sec * 1000 + d->time.tv_nsec / 1000000,
	    time);
	put_number(j, "v", 1);
	put_plain(j, "time", time);
	put_text(j, "door", text_of(d->door), AUDIT_ID_MAX);
	put_number(j, "session", d->session);
	put_text(j, "queue_id", d->queue_id, AUDIT_ID_MAX);
}

static void
put_envelope(struct json_out *j, const struct envelope *e)
{
	char client[IP_TEXT_MAX];

	put_plain(j, "client", ip_print(&e->client, client));
	put_text(j, "helo", e->helo, AUDIT_FIELD_MAX);
	put_text(j, "auth", e->auth, AUDIT_FIELD_MAX);
	put_text(j, "sender", e->sender, AUDIT_FIELD_MAX);
	put_text(j, "recipient", e->recipient, AUDIT_FIELD_MAX);
}

static void
put_verdict(struct json_out *j, const struct audit_decision *d)
{
	const struct verdict *v = d->verdict;
	const char *code, *dsn;

	reply_of(v, &code, &dsn);
	put_plain(j, "stage", d->stage == STAGE_MAIL ? "mail" : "rcpt");
	put_plain(j, "verdict", verdict_action_text(v->action));
	json_out_key(j, "code");
	if (code != NULL)
		json_out_number(j, strtoull(code, NULL, 10));
	else
		json_out_plain(j, NULL);
	put_plain(j, "dsn", dsn);
	put_plain(j, "rule", v->rule != NULL ? v->rule->id : NULL);
	put_plain(j, "form", v->rule != NULL ? v->rule->form : NULL);
}

/* The destinations, as many as there is room for; how many were left out. */
static size_t
put_destinations(struct json_out *j, const struct verdict *v)
{
	size_t i, n = 0;

	json_out_key(j, "destinations");
	json_out_open(j, '[');
	for (i = 0; i < v->n; i++) {
		const struct reason *r = &v->reason[i];

		if (!reason_is_destination(r->kind) ||
		    ++n > AUDIT_DESTINATIONS_MAX)
			continue;
		json_out_open(j, '{');
		put_text(j, "host", r->subject, AUDIT_HOST_MAX);
		put_plain(j, "form", form_name(r->form));
		put_plain(j, "is", reason_name(r->kind));
		json_out_close(j, '}');
	}
	json_out_close(j, ']');
	return n > AUDIT_DESTINATIONS_MAX ? n - AUDIT_DESTINATIONS_MAX : 0;
}

/* The chain of reasons; how many were left out. */
static size_t
put_why(struct json_out *j, const struct audit_decision *d)
{
	const struct verdict *v = d->verdict;
	char line[REASON_TEXT_MAX];
	struct text raw;
	size_t i;

	json_out_key(j, "why");
	json_out_open(j, '[');
	for (i = 0; i < v->n && i < AUDIT_REASONS_MAX; i++) {
		reason_print(&v->reason[i], d->policy, line);
		/* escaped already; so that it is cut at a whole \\xHH */
		raw.n = unescape_text(text_of(line), line);
		raw.at = line;
		json_out_text(j, raw, AUDIT_WHY_MAX);
	}
	json_out_close(j, ']');
	return v->n > AUDIT_REASONS_MAX ? v->n - AUDIT_REASONS_MAX : 0;
}

size_t
audit_line(const struct audit_decision *d, char *out)
{
	struct json_out j = json_out_start(out, AUDIT_LINE_MAX - 1);
	size_t left_out;

	json_out_open(&j, '{');
	put_where(&j, d);
	put_envelope(&j, d->envelope);
	put_verdict(&j, d);
	left_out = put_destinations(&j, d->verdict);
	left_out += put_why(&j, d);
	put_number(&j, "left_out", left_out);
	json_out_key(&j, "trusted");
	json_out_bool(&j, d->verdict->trusted);
	put_plain(&j, "mode", d->monitor ? "monitor" : "enforce");
	put_number(&j, "policy_serial", d->policy_serial);
	json_out_close(&j, '}');
	if (j.full)
		return 0;
	out[j.n] = '\n';
	return j.n + 1;
}

/* Longest value of a syslog line, with the NUL. */
#define VALUE_MAX 300

/* Escape as everywhere, and also what could end the value early. */
static const char *
put_value(struct text in, char *out)
{
	char plain[VALUE_MAX];
	size_t i, n = 0, length = escape_text(in, plain, sizeof plain);

	for (i = 0; i < length && n + 8 <= VALUE_MAX; i++) {
		if (strchr(" <>\"", plain[i]) == NULL)
			out[n++] = plain[i];
		else
			n += (size_t)snprintf(out + n, 5, "\\x%02x",
			    (unsigned)plain[i]);
	}
	snprintf(out + n, VALUE_MAX - n, "%s", i < length ? "..." : "");
	return out;
}

struct text
audit_bare(struct text argument)
{
	if (argument.n >= 2 && argument.at[0] == '<' &&
	    argument.at[argument.n - 1] == '>')
		return text_cut(argument, 1, argument.n - 1);
	return argument;
}

size_t
audit_notice(const struct audit_decision *d, char *out)
{
	const struct verdict *v = d->verdict;
	const char *code, *dsn;
	char client[IP_TEXT_MAX], from[VALUE_MAX], to[VALUE_MAX], id[VALUE_MAX];
	int n;

	reply_of(v, &code, &dsn);
	n = snprintf(out, AUDIT_NOTICE_MAX, "%s %s %s client=%s from=<%s> "
	    "to=<%s> code=%s dsn=%s qid=%.64s mode=%s",
	    verdict_action_text(v->action),
	    v->rule != NULL ? v->rule->id : "-",
	    v->rule != NULL ? v->rule->form : "-",
	    ip_print(&d->envelope->client, client),
	    put_value(audit_bare(d->envelope->sender), from),
	    put_value(audit_bare(d->envelope->recipient), to),
	    code != NULL ? code : "-", dsn != NULL ? dsn : "-",
	    put_value(d->queue_id, id), d->monitor ? "monitor" : "enforce");
	return n < AUDIT_NOTICE_MAX ? (size_t)n : AUDIT_NOTICE_MAX - 1;
}
