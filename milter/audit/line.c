/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/line.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "milter/audit/when.h"
#include "policy/escape.h"

/* The numbers, the key names and everything between them. */
#define REST_MAX 1024

_Static_assert(2 * (4 * AUDIT_FIELD_MAX + 2 * AUDIT_ID_MAX +
    AUDIT_DESTINATIONS_MAX * (AUDIT_HOST_MAX + 40) +
    AUDIT_REASONS_MAX * (AUDIT_WHY_MAX + 2)) + REST_MAX <= AUDIT_LINE_MAX,
    "the longest record does not fit");

/* A JSON string of at most max escaped bytes; max <= AUDIT_FIELD_MAX. */
static json_t *
escaped(struct text in, size_t max)
{
	char out[AUDIT_FIELD_MAX + 1];

	return json_stringn(out, escape_text(in, out, max + 1));
}

static json_t *
string_or_null(const char *s)
{
	return s != NULL ? json_string(s) : json_null();
}

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
		*dsn = "4.3.0"; /* as judge.c answers */
	}
}

static int
put_where(json_t *o, const struct audit_decision *d)
{
	char time[WHEN_TEXT_MAX];
	int bad = 0;

	when_print((int64_t)d->time.tv_sec * 1000 + d->time.tv_nsec / 1000000,
	    time);
	bad |= json_object_set_new(o, "v", json_integer(1));
	bad |= json_object_set_new(o, "time", json_string(time));
	bad |= json_object_set_new(o, "door", escaped(text_of(d->door),
	    AUDIT_ID_MAX));
	bad |= json_object_set_new(o, "session",
	    json_integer((json_int_t)d->session));
	bad |= json_object_set_new(o, "queue_id", escaped(d->queue_id,
	    AUDIT_ID_MAX));
	return bad;
}

static int
put_envelope(json_t *o, const struct envelope *e)
{
	char client[IP_TEXT_MAX];
	int bad = 0;

	bad |= json_object_set_new(o, "client",
	    json_string(ip_print(&e->client, client)));
	bad |= json_object_set_new(o, "helo", escaped(e->helo,
	    AUDIT_FIELD_MAX));
	bad |= json_object_set_new(o, "auth", escaped(e->auth,
	    AUDIT_FIELD_MAX));
	bad |= json_object_set_new(o, "sender", escaped(e->sender,
	    AUDIT_FIELD_MAX));
	bad |= json_object_set_new(o, "recipient", escaped(e->recipient,
	    AUDIT_FIELD_MAX));
	return bad;
}

static int
put_verdict(json_t *o, const struct audit_decision *d)
{
	const struct verdict *v = d->verdict;
	const char *code, *dsn;
	int bad = 0;

	reply_of(v, &code, &dsn);
	bad |= json_object_set_new(o, "stage",
	    json_string(d->stage == STAGE_MAIL ? "mail" : "rcpt"));
	bad |= json_object_set_new(o, "verdict",
	    json_string(verdict_action_text(v->action)));
	bad |= json_object_set_new(o, "code",
	    code != NULL ? json_integer(atoi(code)) : json_null());
	bad |= json_object_set_new(o, "dsn", string_or_null(dsn));
	bad |= json_object_set_new(o, "rule",
	    string_or_null(v->rule != NULL ? v->rule->id : NULL));
	bad |= json_object_set_new(o, "form",
	    string_or_null(v->rule != NULL ? v->rule->form : NULL));
	return bad;
}

static json_t *
destination(const struct reason *r)
{
	json_t *o = json_object();
	int bad = 0;

	bad |= json_object_set_new(o, "host", escaped(r->subject,
	    AUDIT_HOST_MAX));
	bad |= json_object_set_new(o, "form", json_string(form_name(r->form)));
	bad |= json_object_set_new(o, "is", json_string(reason_name(r->kind)));
	if (bad == 0)
		return o;
	json_decref(o);
	return NULL;
}

/* reason_print has escaped it; bring it down to our length at a whole \xHH. */
static json_t *
explanation(const struct reason *r, const struct policy *p)
{
	char out[REASON_TEXT_MAX];
	struct text line;

	reason_print(r, p, out);
	line = (struct text){ out, unescape_text(text_of(out), out) };
	return escaped(line, AUDIT_WHY_MAX);
}

static int
put_reasons(json_t *o, const struct audit_decision *d)
{
	const struct verdict *v = d->verdict;
	json_t *hosts = json_array(), *why = json_array();
	size_t i, left_out = 0;
	int bad = 0;

	for (i = 0; i < v->n; i++) {
		const struct reason *r = &v->reason[i];

		if (json_array_size(why) < AUDIT_REASONS_MAX)
			bad |= json_array_append_new(why, explanation(r,
			    d->policy));
		else
			left_out++;
		if (!reason_is_destination(r->kind))
			continue;
		if (json_array_size(hosts) < AUDIT_DESTINATIONS_MAX)
			bad |= json_array_append_new(hosts, destination(r));
		else
			left_out++;
	}
	bad |= json_object_set_new(o, "destinations", hosts);
	bad |= json_object_set_new(o, "why", why);
	bad |= json_object_set_new(o, "left_out",
	    json_integer((json_int_t)left_out));
	return bad;
}

static int
put_state(json_t *o, const struct audit_decision *d)
{
	int bad = 0;

	bad |= json_object_set_new(o, "trusted",
	    json_boolean(d->verdict->trusted));
	bad |= json_object_set_new(o, "mode",
	    json_string(d->monitor ? "monitor" : "enforce"));
	bad |= json_object_set_new(o, "policy_serial",
	    json_integer((json_int_t)d->policy_serial));
	return bad;
}

size_t
audit_line(const struct audit_decision *d, char *out)
{
	json_t *o = json_object();
	size_t n = 0;

	/* jansson keeps the order of insertion */
	if (put_where(o, d) == 0 && put_envelope(o, d->envelope) == 0 &&
	    put_verdict(o, d) == 0 && put_reasons(o, d) == 0 &&
	    put_state(o, d) == 0)
		n = json_dumpb(o, out, AUDIT_LINE_MAX - 1, JSON_COMPACT);
	json_decref(o);
	if (n == 0 || n > AUDIT_LINE_MAX - 1)
		return 0;
	out[n++] = '\n';
	return n;
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
