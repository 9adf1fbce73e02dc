/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/verdict.h"

#include <stdio.h>
#include <stdlib.h>

static bool
control_is(const struct probe_score *s, enum outcome o)
{
	return s != NULL && s->outcome == o;
}

/* The reply or the mishap behind a score, in words. */
static void
describe(const struct probe_score *s, char *out, size_t cap)
{
	const struct probe_attempt *a = s != NULL ? score_attempt(s) : NULL;

	if (a == NULL)
		snprintf(out, cap, "not tried");
	else if (a->decides < a->n && a->step[a->decides].reply.code != 0)
		snprintf(out, cap, "%s%s: %u %.120s", outcome_text(s->outcome),
		    a->proof == PROOF_REFUSED ? " and refused at DATA" :
		    a->proof == PROOF_BOUNCED ? " and bounced" : "",
		    a->step[a->decides].reply.code,
		    a->step[a->decides].reply.last);
	else
		snprintf(out, cap, "%s: %.120s", outcome_text(s->outcome),
		    a->note);
}

/* Something has come to the catcher: it is the server's next hop. */
static bool
path_is_shown(const struct probe_result *r)
{
	size_t i;

	for (i = 0; i < r->n_controls; i++)
		if (score_proof(&r->control[i]) == PROOF_DELIVERED)
			return true;
	return result_proved(r, PROOF_DELIVERED) > 0;
}

/* A server that takes any name there tells nothing by taking this one. */
static bool
is_any_name(const struct probe_result *r, const struct probe_test *t)
{
	return control_is(result_control(r, 'N', 0), OUTCOME_ACCEPTED) &&
	    table_is_at_server(t);
}

/* Of what the server really takes for mail to elsewhere. */
static enum verdict_sign
sign_away(const struct probe_test *t)
{
	return table_is_beside(t) ? SIGN_BESIDE :
	    table_is_two_hops(t) ? SIGN_TWO_HOPS : SIGN_RELAYS;
}

enum verdict_sign
verdict_sign(const struct probe_result *r, const struct probe_score *s)
{
	const struct probe_attempt *a = score_attempt(s);

	if (s->outcome != OUTCOME_ACCEPTED || a == NULL)
		return SIGN_NONE;
	switch (a->proof) {
	case PROOF_DELIVERED:
		return sign_away(s->test);
	case PROOF_REFUSED:
	case PROOF_BOUNCED:
		return SIGN_NONE;
	case PROOF_UNSEEN:
		/* other mail has come: this went into a mailbox there */
		return path_is_shown(r) && is_any_name(r, s->test) ?
		    SIGN_NONE : SIGN_OPEN;
	case PROOF_NONE:
		break;
	}
	return is_any_name(r, s->test) ? SIGN_OPEN : sign_away(s->test);
}

static size_t
count_signs(const struct probe_result *r, enum verdict_sign sign)
{
	size_t i, n = 0;

	for (i = 0; i < r->n_tests; i++)
		n += verdict_sign(r, &r->test[i]) == sign;
	return n;
}

/* The ids of the tests with this sign and proof, in one line, if any. */
static void
reason_ids(struct probe_result *r, const char *what, enum verdict_sign sign,
    enum probe_proof proof)
{
	char ids[PROBE_NOTE_MAX * 2 - 100] = "";
	size_t i, n = 0;

	for (i = 0; i < r->n_tests; i++) {
		if (verdict_sign(r, &r->test[i]) != sign ||
		    score_proof(&r->test[i]) != proof)
			continue;
		if (n + 16 > sizeof ids) {
			snprintf(ids + n, sizeof ids - n, " ...");
			break;
		}
		n += (size_t)snprintf(ids + n, sizeof ids - n, " %.8s",
		    r->test[i].test->id);
	}
	if (n > 0)
		result_reason(r, "%s:%s", what, ids);
}

/* Plain foreign mail passes. */
static bool
relays_all(const struct probe_result *r)
{
	const struct probe_score *a = result_control(r, 'A', 0);
	const struct probe_score *after = result_control(r, 'A', r->n_before);

	return (a != NULL && verdict_sign(r, a) == SIGN_RELAYS) ||
	    (after != NULL && verdict_sign(r, after) == SIGN_RELAYS);
}

/* Another stranger is refused what the source may: it is no stranger. */
static bool
judge_trusted(struct probe_result *r)
{
	const struct probe_score *s = result_control(r, 'S', 0);

	while (s != NULL && s->outcome != OUTCOME_REFUSED)
		s = result_control(r, 'S', (size_t)(s - r->control) + 1);
	if (s == NULL || !relays_all(r))
		return false;
	result_reason(r, "the server trusts the source: another address of "
	    "this machine is refused the same mail; use another --source");
	return true;
}

#define HOPS "passed on to the relay domain as it is, so its server may relay " \
	"it (two hops)"

static bool
judge_relays(struct probe_result *r)
{
	size_t n = count_signs(r, SIGN_RELAYS) +
	    count_signs(r, SIGN_TWO_HOPS);
	bool plain = relays_all(r);

	if (!plain && n == 0)
		return false;
	reason_ids(r, "delivered to the catcher", SIGN_RELAYS,
	    PROOF_DELIVERED);
	reason_ids(r, "relayed", SIGN_RELAYS, PROOF_NONE);
	reason_ids(r, HOPS, SIGN_TWO_HOPS, PROOF_NONE);
	reason_ids(r, HOPS ", as the catcher saw", SIGN_TWO_HOPS,
	    PROOF_DELIVERED);
	if (plain)
		result_reason(r, "relays plain foreign mail: the server is "
		    "open, or it trusts the source (sendmail: classes w and R, "
		    "access map, PTR name of the source; Postfix: mynetworks)");
	if (!control_is(result_control(r, 'B', 0), OUTCOME_ACCEPTED))
		result_reason(r, "the honest recipient was not accepted, so "
		    "the refusals prove nothing");
	return true;
}

static void
advise_tls(struct probe_result *r, const struct probe_score *b)
{
	const struct probe_step *step = b != NULL ? score_step(b) : NULL;

	if (step != NULL && step->reply.code == 530 && r->tls[0] == '\0' &&
	    (r->extensions & REPLY_STARTTLS) != 0)
		result_reason(r, "the server wants TLS: use --starttls");
}

/* Without a recipient it accepts, a server that refuses proves nothing. */
static bool
judge_invalid(struct probe_result *r)
{
	const struct probe_score *b = result_control(r, 'B', 0);
	const struct probe_score *after = result_control(r, 'B', r->n_before);
	char why[PROBE_NOTE_MAX];

	if (result_total(r, OUTCOME_UNTESTED) + result_skipped(r) ==
	    r->n_tests) {
		describe(b, why, sizeof why);
		result_reason(r, "nothing could be tested (%s)", why);
	} else if (!control_is(b, OUTCOME_ACCEPTED)) {
		describe(b, why, sizeof why);
		result_reason(r, "an honest recipient is not accepted (%s); "
		    "see --local-user", why);
	} else if (!control_is(after, OUTCOME_ACCEPTED)) {
		describe(after, why, sizeof why);
		result_reason(r, "an honest recipient is no longer accepted "
		    "after the tests (%s): the server may have shut us out",
		    why);
	}
	advise_tls(r, b);
	return r->n_reasons > 0;
}

#define BESIDE "accepted for a host beside the server, which is well if that " \
	"domain is yours"

static bool
judge_inconclusive(struct probe_result *r)
{
	const struct probe_score *a[2] = { result_control(r, 'A', 0),
		result_control(r, 'A', r->n_before) };
	size_t tried = r->n_tests - result_skipped(r), i;
	size_t bad = tried - result_total(r, OUTCOME_REFUSED) -
	    result_total(r, OUTCOME_ACCEPTED);
	char why[PROBE_NOTE_MAX];

	if (bad > 0)
		result_reason(r, "%zu of %zu tests have no clear answer%s%s",
		    bad, tried, r->gave_up != NULL ? "; gave up: " : "",
		    r->gave_up != NULL ? r->gave_up : "");
	reason_ids(r, "accepted, which proves nothing for a server that takes "
	    "any name (see --prove)", SIGN_OPEN, PROOF_NONE);
	reason_ids(r, "accepted but not delivered", SIGN_OPEN, PROOF_UNSEEN);
	reason_ids(r, BESIDE, SIGN_BESIDE, PROOF_NONE);
	reason_ids(r, BESIDE, SIGN_BESIDE, PROOF_DELIVERED);
	if (r->proving && !path_is_shown(r) && count_signs(r, SIGN_OPEN) > 0)
		result_reason(r, "no mail has come to the catcher: is it the "
		    "server's next hop?");
	for (i = 0; i < 2; i++) {
		if (control_is(a[i], OUTCOME_REFUSED))
			continue;
		describe(a[i], why, sizeof why);
		result_reason(r, "plain foreign mail was not refused %s the "
		    "tests (%s)", i == 0 ? "before" : "after", why);
	}
	return r->n_reasons > 0;
}

void
verdict_judge(struct probe_result *r)
{
	if (judge_trusted(r))
		r->verdict = PROBE_INVALID;
	else if (judge_relays(r))
		r->verdict = PROBE_RELAYS;
	else if (judge_invalid(r))
		r->verdict = PROBE_INVALID;
	else if (judge_inconclusive(r))
		r->verdict = PROBE_INCONCLUSIVE;
	else
		r->verdict = PROBE_CLOSED;
}
