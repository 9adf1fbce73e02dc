/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/report_parts.h"

#include "milter/probe/verdict.h"
#include "policy/escape.h"

/* ---- one test ---- */

const struct probe_step *
report_mail(const struct probe_score *s)
{
	const struct probe_attempt *a = score_attempt(s);

	return a != NULL && a->mail < a->n ? &a->step[a->mail] : NULL;
}

const struct probe_step *
report_rcpt(const struct probe_score *s)
{
	const struct probe_step *step = score_step(s);

	return step != NULL && step->verb == VERB_RCPT ? step : NULL;
}

void
report_sent(const struct probe_score *s, char out[REPORT_SENT_MAX])
{
	bool sender = s->test->trick != TRICK_RECIPIENT;
	const struct probe_attempt *a = score_attempt(s);
	const struct probe_step *step = sender ? report_mail(s) :
	    report_rcpt(s);
	size_t n = 0;

	if (step == NULL)
		step = score_step(s);
	if (s->test->helo != NULL && a != NULL && a->n > 0)
		step = &a->step[0];
	if (step == NULL) {
		memcpy(out, "-", 2);
		return;
	}
	if (step->verb != VERB_RCPT)
		n = (size_t)snprintf(out, REPORT_SENT_MAX, "%s ",
		    step->verb == VERB_MAIL ? "from" : "helo");
	escape_text(text_trim(text_of(step->argument)), out + n,
	    REPORT_SENT_MAX - n);
}

void
report_by(const struct probe_score *s, char out[REPORT_BY_MAX])
{
	const struct probe_step *step = score_step(s);
	struct reply_by by = score_by(s);

	if (by.layer == LAYER_NONE || step == NULL)
		snprintf(out, REPORT_BY_MAX, "-");
	else if (by.layer == LAYER_GUARD)
		snprintf(out, REPORT_BY_MAX, "guard %.*s %.*s",
		    (int)by.rule.n, by.rule.at, by.form.n > 60 ? 60 :
		    (int)by.form.n, by.form.at);
	else if (step->reply.dsn[0] != '\0')
		snprintf(out, REPORT_BY_MAX, "%s %s", layer_text(by.layer),
		    step->reply.dsn);
	else
		snprintf(out, REPORT_BY_MAX, "%s %u", layer_text(by.layer),
		    step->reply.code);
}

void
report_outcome(const struct probe_score *s, char out[REPORT_OUTCOME_MAX])
{
	enum probe_proof proof = score_proof(s);

	snprintf(out, REPORT_OUTCOME_MAX, "%s%s%s", outcome_text(s->outcome),
	    proof != PROOF_NONE ? ", " : "",
	    proof == PROOF_REFUSED ? "refused at DATA" :
	    proof != PROOF_NONE ? probe_proof_text(proof) : "");
}

bool
report_is_notable(const struct probe_score *s)
{
	return s->outcome != OUTCOME_REFUSED;
}

bool
report_shows_dialogue(const struct probe_score *s,
    const struct report_options *o)
{
	return o->dialogue == DIALOGUE_ALL ||
	    (o->dialogue == DIALOGUE_NOTABLE && report_is_notable(s));
}

void
report_target(const struct probe_result *r, char out[PROBE_NOTE_MAX])
{
	char ip[IP_TEXT_MAX], shown[PROBE_NOTE_MAX / 2];

	if (r->door == DOOR_SMTP) {
		snprintf(out, PROBE_NOTE_MAX, "%s port %u",
		    ip_print(&r->peer.address, ip), r->peer.port);
		return;
	}
	escape_text(text_of(r->socket), shown, sizeof shown);
	snprintf(out, PROBE_NOTE_MAX, "the %s door %s",
	    probe_door_text(r->door), shown);
}

void
report_reply(const struct probe_step *s, char out[REPORT_REPLY_MAX])
{
	if (s == NULL)
		snprintf(out, REPORT_REPLY_MAX, "-");
	else if (s->reply.code == 0)
		snprintf(out, REPORT_REPLY_MAX, "none");
	else
		snprintf(out, REPORT_REPLY_MAX, "%u%s%s", s->reply.code,
		    s->reply.dsn[0] != '\0' ? " " : "", s->reply.dsn);
}

/* ---- all of them ---- */

const char *
report_grade_text(enum report_grade g)
{
	static const char *const text[GRADES] = { "closed", "relays",
		"unclear", "skipped" };

	return text[g];
}

enum report_grade
report_grade(const struct probe_result *r, const struct probe_score *s)
{
	if (s->skipped != NULL)
		return GRADE_SKIPPED;
	if (s->outcome == OUTCOME_REFUSED)
		return GRADE_CLOSED;
	if (s->outcome != OUTCOME_ACCEPTED)
		return GRADE_UNCLEAR;
	switch (verdict_sign(r, s)) {
	case SIGN_RELAYS:
	case SIGN_TWO_HOPS:
		return GRADE_RELAYS;
	case SIGN_OPEN:
	case SIGN_BESIDE:
		return GRADE_UNCLEAR;
	case SIGN_NONE:
		break;
	}
	return GRADE_CLOSED;
}

size_t
report_graded(const struct probe_result *r, enum report_grade g)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_tests; i++)
		n += report_grade(r, &r->test[i]) == g;
	return n;
}

/* One more "N word" at out + n, when N is not 0; the length then. */
static size_t
add_count(char out[REPORT_SUMMARY_MAX], size_t n, size_t count,
    const char *word, const char **separator)
{
	if (count == 0)
		return n;
	n += (size_t)snprintf(out + n, REPORT_SUMMARY_MAX - n, "%s%zu %s",
	    *separator, count, word);
	*separator = ", ";
	return n;
}

void
report_summary(const struct probe_result *r, char out[REPORT_SUMMARY_MAX])
{
	size_t relayed = report_graded(r, GRADE_RELAYS), n;
	const char *separator = relayed > 0 ? "; " : ": ";
	int k;

	if (relayed > 0)
		n = (size_t)snprintf(out, REPORT_SUMMARY_MAX,
		    "%zu of %zu tests relayed", relayed, r->n_tests);
	else
		n = (size_t)snprintf(out, REPORT_SUMMARY_MAX, "%zu tests",
		    r->n_tests);
	for (k = 0; k < OUTCOMES; k++) {
		enum outcome o = (enum outcome)k;

		n = add_count(out, n, result_total(r, o) -
		    (o == OUTCOME_ACCEPTED ? relayed : 0), outcome_text(o),
		    &separator);
	}
	add_count(out, n, result_skipped(r), "skipped", &separator);
}

void
report_layers(const struct probe_result *r, char out[REPORT_SUMMARY_MAX])
{
	const char *separator = "refused by: ";
	size_t n = 0;
	int k;

	out[0] = '\0';
	for (k = LAYER_GUARD; k < LAYERS; k++)
		n = add_count(out, n, result_refused_by(r, (enum layer)k),
		    layer_text((enum layer)k), &separator);
}

void
report_proofs(const struct probe_result *r, char out[REPORT_SUMMARY_MAX])
{
	out[0] = '\0';
	if (r->proving && result_total(r, OUTCOME_ACCEPTED) > 0)
		snprintf(out, REPORT_SUMMARY_MAX, "messages: %zu delivered, "
		    "%zu not seen, %zu bounced, %zu refused at DATA",
		    result_proved(r, PROOF_DELIVERED),
		    result_proved(r, PROOF_UNSEEN),
		    result_proved(r, PROOF_BOUNCED),
		    result_proved(r, PROOF_REFUSED));
}

void
report_control(const struct probe_result *r, size_t i,
    char out[REPORT_CONTROL_MAX])
{
	const struct probe_score *s = &r->control[i];
	const struct probe_step *step = score_step(s);
	char outcome[REPORT_OUTCOME_MAX];
	int n;

	report_outcome(s, outcome);
	n = snprintf(out, REPORT_CONTROL_MAX, "control %s %s: %s: %s",
	    s->test->id, i < r->n_before ? "before" : "after", s->test->what,
	    outcome);
	if (step != NULL && step->reply.code != 0)
		snprintf(out + n, REPORT_CONTROL_MAX - (size_t)n, " (%u %s)",
		    step->reply.code, step->reply.last);
}

void
report_time(int64_t unix_time, char out[REPORT_TIME_MAX])
{
	time_t t = (time_t)unix_time;
	struct tm tm;

	out[0] = '\0';
	if (unix_time != 0 && gmtime_r(&t, &tm) != NULL)
		strftime(out, REPORT_TIME_MAX, "%Y-%m-%dT%H:%M:%SZ", &tm);
}
