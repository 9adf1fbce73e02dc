/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/explain_step.h"

#include "milter/ask/spf.h"
#include "policy/escape.h"

/* Longest text, escaped: a whole record that anybody would publish. */
#define TEXT_MAX 4200
/* Records of one answer that are told. */
#define RECORDS_MAX 50

static const char *
type_words(enum dns_type type)
{
	switch (type) {
	case DNS_A:
		return "A";
	case DNS_PTR:
		return "PTR";
	case DNS_MX:
		return "MX";
	case DNS_TXT:
		return "TXT";
	case DNS_AAAA:
		return "AAAA";
	}
	return "";
}

static const char *
status_words(enum dns_status status)
{
	static const char *const words[] = { "found", "no such name",
		"no such record", "no answer" };

	return words[status];
}

static const char *
trouble_words(enum dns_trouble trouble)
{
	static const char *const words[] = { "", "no server has an answer",
		"none in time", "SERVFAIL", "REFUSED", "an error",
		"it is nonsense, or does not answer the question",
		"every server failed, or none can be reached",
		"too many questions" };

	return words[trouble];
}

static const char *
plain(struct text t, char out[TEXT_MAX])
{
	escape_text(t, out, TEXT_MAX);
	return out;
}

/* One record as a zone file has it, without the quotes of TXT. */
static const char *
record_words(const struct dns_record *r, char out[TEXT_MAX])
{
	size_t n = 0;

	switch (r->type) {
	case DNS_A:
	case DNS_AAAA:
		return ip_print(&r->address, out);
	case DNS_TXT:
		return plain(r->txt, out);
	case DNS_MX:
		n = (size_t)snprintf(out, TEXT_MAX, "%u ", r->preference);
		break;
	case DNS_PTR:
		break;
	}
	escape_text(r->name.n > 0 ? r->name : TEXT("."), out + n,
	    TEXT_MAX - n);
	return out;
}

static size_t
told(const struct dns_answer *a)
{
	size_t n = dns_answer_count(a);

	return n < RECORDS_MAX ? n : RECORDS_MAX;
}

/* -------------------------------------------------------------------- text */

static void
line_of_query(FILE *out, const struct trace_step *s, const char *server)
{
	const struct dns_answer *a = s->answer;
	const char *quote = s->type == DNS_TXT ? "\"" : "";
	char room[TEXT_MAX];
	size_t i, n = told(a);

	fprintf(out, "%s %s: ", plain(s->subject, room), type_words(s->type));
	for (i = 0; i < n; i++)
		fprintf(out, "%s%s%s%s", i > 0 ? ", " : "", quote,
		    record_words(dns_answer_at(a, i), room), quote);
	if (dns_answer_count(a) > n)
		fprintf(out, " and %zu more", dns_answer_count(a) - n);
	if (n == 0)
		fputs(status_words(dns_answer_status(a)), out);
	if (dns_answer_trouble(a) != DNS_NO_TROUBLE)
		fprintf(out, ": %s", trouble_words(dns_answer_trouble(a)));
	fprintf(out, "  [%s%s%s", dns_answer_cached(a) ? "from the cache" : "",
	    dns_answer_cached(a) && server[0] != '\0' ? ", of " : "", server);
	fprintf(out, "%sTTL %u, %lld ms]", server[0] != '\0' ||
	    dns_answer_cached(a) ? ", " : "", dns_answer_ttl(a),
	    (long long)s->took_ms);
}

static void
line_of_result(FILE *out, const struct spf_outcome *o)
{
	fprintf(out, "result: %s", spf_result_name(o->result));
	if (o->problem[0] != '\0')
		fprintf(out, ": %s", o->problem);
	else if (o->mechanism[0] != '\0')
		fprintf(out, " by %s of %s", o->mechanism, o->domain);
	fprintf(out, "  [terms %u/%u, voids %u/%u, %u %s]", o->terms,
	    SPF_TERMS_MAX, o->voids, SPF_VOIDS_MAX, o->queries,
	    o->queries == 1 ? "query" : "queries");
}

static void
line_of_term(FILE *out, const struct trace_step *s)
{
	char room[TEXT_MAX];

	fputs(plain(s->subject, room), out);
	switch (s->kind) {
	case TRACE_TERM:
		fprintf(out, "  [term %u/%u]", s->number, SPF_TERMS_MAX);
		return;
	case TRACE_EXPANDED:
		if (s->name.n > 0)
			fprintf(out, " is %s", plain(s->name, room));
		else
			fputs(": no name that could be asked for", out);
		return;
	case TRACE_MATCH:
		fprintf(out, ": %s%s", s->words[0] != '\0' ? "match: " :
		    "no match", s->words);
		break;
	default: /* TRACE_MODIFIER */
		break;
	}
	if (s->why != NULL)
		fprintf(out, " (%s)", s->why);
}

void
explain_line(FILE *out, const struct trace_step *s, const char *server)
{
	char room[TEXT_MAX], name[TEXT_MAX];

	fprintf(out, "%*s", (int)(4 + 2 * s->depth), "");
	plain(s->subject, room);
	plain(s->name, name);
	switch (s->kind) {
	case TRACE_SKIPPED:
		fprintf(out, "%s: not asked: %s", s->words, s->why);
		break;
	case TRACE_SENDER_DOMAIN:
		fprintf(out, "sender's domain %s", room);
		break;
	case TRACE_EXISTENCE:
		fputs(s->words, out);
		break;
	case TRACE_IDENTITY:
		fprintf(out, "SPF of %s %s%s%s%s", s->words, room,
		    s->why != NULL ? " (" : "", s->why != NULL ? s->why : "",
		    s->why != NULL ? ")" : "");
		break;
	case TRACE_AHEAD:
		fprintf(out, "%s %s: asked meanwhile", room,
		    type_words(s->type));
		break;
	case TRACE_QUERY:
		line_of_query(out, s, server);
		break;
	case TRACE_VOID:
		fprintf(out, "finds nothing  [void %u/%u]", s->number,
		    SPF_VOIDS_MAX);
		break;
	case TRACE_RECORD:
		fprintf(out, "record of %s: %s", name, room);
		break;
	case TRACE_FLAW:
		fprintf(out, "wrong at byte %u: %s: %s", s->number, s->why,
		    room);
		break;
	case TRACE_TERM:
	case TRACE_EXPANDED:
	case TRACE_MATCH:
	case TRACE_MODIFIER:
		line_of_term(out, s);
		break;
	case TRACE_DEFAULT:
		fprintf(out, "no term matches: %s", s->words);
		break;
	case TRACE_EXPLANATION:
		fprintf(out, "the owner explains%s%s", room[0] != '\0' ?
		    ": " : " nothing that could be told", room);
		break;
	case TRACE_RESULT:
		line_of_result(out, s->outcome);
		break;
	}
	putc('\n', out);
}

/* -------------------------------------------------------------------- JSON */

static void
set(json_t *o, const char *key, const char *value)
{
	json_object_set_new(o, key, value != NULL && value[0] != '\0' ?
	    json_string(value) : json_null());
}

static void
set_bytes(json_t *o, const char *key, struct text t)
{
	char room[TEXT_MAX];

	json_object_set_new(o, key, json_string(plain(t, room)));
}

static void
set_number(json_t *o, const char *key, int64_t n)
{
	json_object_set_new(o, key, json_integer(n));
}

static void
object_of_query(json_t *o, const struct trace_step *s, const char *server)
{
	const struct dns_answer *a = s->answer;
	json_t *records = json_array();
	char room[TEXT_MAX];
	size_t i, n = told(a);

	set_bytes(o, "name", s->subject);
	set(o, "type", type_words(s->type));
	set(o, "status", status_words(dns_answer_status(a)));
	set(o, "trouble", trouble_words(dns_answer_trouble(a)));
	for (i = 0; i < n; i++)
		json_array_append_new(records, json_string(record_words(
		    dns_answer_at(a, i), room)));
	json_object_set_new(o, "records", records);
	set_number(o, "more", (int64_t)(dns_answer_count(a) - n));
	json_object_set_new(o, "cached", json_boolean(dns_answer_cached(a)));
	set(o, "server", server);
	set_number(o, "ttl", dns_answer_ttl(a));
	set_number(o, "ms", s->took_ms);
}

static void
object_of_result(json_t *o, const struct spf_outcome *out)
{
	set(o, "result", spf_result_name(out->result));
	set(o, "mechanism", out->mechanism);
	set(o, "domain", out->domain);
	set(o, "problem", out->problem);
	set(o, "explanation", out->explanation);
	set_number(o, "terms", out->terms);
	set_number(o, "voids", out->voids);
	set_number(o, "queries", out->queries);
}

static const char *
step_words(enum trace_kind kind)
{
	static const char *const words[] = { "skipped", "sender domain",
		"existence", "spf", "ahead", "query", "void", "record",
		"flaw", "term", "expanded", "match", "default", "modifier",
		"explanation", "result" };

	return words[kind];
}

json_t *
explain_object(const struct trace_step *s, const char *server)
{
	json_t *o = json_object();

	set(o, "step", step_words(s->kind));
	set_number(o, "depth", s->depth);
	switch (s->kind) {
	case TRACE_SKIPPED:
		set(o, "what", s->words);
		set(o, "why", s->why);
		break;
	case TRACE_SENDER_DOMAIN:
		set_bytes(o, "domain", s->subject);
		break;
	case TRACE_EXISTENCE:
		set(o, "outcome", s->words);
		break;
	case TRACE_IDENTITY:
		set(o, "identity", s->words);
		set_bytes(o, "of", s->subject);
		set(o, "why", s->why);
		break;
	case TRACE_AHEAD:
		set_bytes(o, "name", s->subject);
		set(o, "type", type_words(s->type));
		break;
	case TRACE_QUERY:
		object_of_query(o, s, server);
		break;
	case TRACE_VOID:
		set_number(o, "number", s->number);
		break;
	case TRACE_RECORD:
		set_bytes(o, "domain", s->name);
		set_bytes(o, "record", s->subject);
		break;
	case TRACE_FLAW:
		set_number(o, "at", s->number);
		set_bytes(o, "term", s->subject);
		set(o, "why", s->why);
		break;
	case TRACE_TERM:
		set_bytes(o, "term", s->subject);
		set_number(o, "number", s->number);
		break;
	case TRACE_EXPANDED:
		set_bytes(o, "domain", s->subject);
		set_bytes(o, "name", s->name);
		break;
	case TRACE_MATCH:
		set_bytes(o, "term", s->subject);
		json_object_set_new(o, "matched",
		    json_boolean(s->words[0] != '\0'));
		set(o, "result", s->words);
		set(o, "why", s->why);
		break;
	case TRACE_MODIFIER:
		set_bytes(o, "term", s->subject);
		set(o, "why", s->why);
		break;
	case TRACE_DEFAULT:
		set(o, "result", s->words);
		break;
	case TRACE_EXPLANATION:
		set_bytes(o, "text", s->subject);
		break;
	case TRACE_RESULT:
		object_of_result(o, s->outcome);
		break;
	}
	return o;
}
