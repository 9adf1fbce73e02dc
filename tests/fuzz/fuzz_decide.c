/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judgement on any bytes: grammar, readings, decision, reasons.  Input:
 * recipient, newline, sender, newline, {rcpt_addr}.  Beyond memory errors it checks the promise:
 * what is accepted is plain or leads only to places of ours, and what the DNS
 * says of the sender never opens anything.
 */
#include "policy/decide.h"
#include "tests/fuzz/exact.h"

static struct policy *
make_policy(void)
{
	struct policy_builder *b = policy_builder_new(1);
	struct policy_entry local = { .kind = POLICY_LOCAL,
		.value = TEXT("guard.test") };
	struct policy_entry relay = { .kind = POLICY_RELAY,
		.span = SPAN_BOTH, .value = TEXT("relay.test") };
	unsigned id;

	policy_source(b, TEXT("fuzz"), &id);
	policy_add(b, &local, NULL);
	policy_add(b, &relay, NULL);
	return policy_freeze(b);
}

/* An accepted recipient's every destination was found to be allowed. */
static void
check_promise(const struct verdict *v)
{
	size_t i;

	if (v->action == VERDICT_REFUSE && v->rule == NULL)
		abort();
	if (v->action == VERDICT_DEFER)
		abort(); /* there is a policy, so there is an answer */
	if (v->action != VERDICT_ACCEPT)
		return;
	if (v->readings.too_many)
		abort();
	for (i = 0; i < v->n; i++)
		if (v->reason[i].kind == REASON_FOREIGN ||
		    v->reason[i].kind == REASON_DENIED ||
		    v->reason[i].kind == REASON_MALFORMED)
			abort();
}

/* Any answers to what the DNS is asked, as the number says. */
static struct facts
facts_of(size_t number)
{
	struct facts f = { .now = 1 };
	enum answer *answer[] = { &f.sender_domain, &f.sender_mail,
		&f.sender_answered, &f.spf, &f.spf_record, &f.spf_answered };
	size_t i;

	for (i = 0; i < sizeof answer / sizeof answer[0]; i++, number /= 3)
		*answer[i] = (enum answer)(number % 3);
	return f;
}

/* The same verdict as without them, or a rule about them. */
static void
check_facts(enum verdict_action action, const struct rule *rule,
    const struct verdict *told)
{
	if (action == VERDICT_ACCEPT && told->action != VERDICT_ACCEPT &&
	    (told->rule == NULL || told->rule->stage != STAGE_RCPT_ALLOWED))
		abort();
	if (action != VERDICT_ACCEPT &&
	    (told->action != action || told->rule != rule))
		abort();
}

/* The next line of rest, as an exact copy. */
static struct text
take_line(struct text *rest)
{
	size_t cut = text_find(*rest, '\n');
	struct text line = exact_copy(rest->at, cut);

	*rest = text_cut(*rest, cut < rest->n ? cut + 1 : cut, rest->n);
	return line;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy *policy;
	static struct verdict v;
	struct envelope e = { .own_name = TEXT("mx.guard.test") };
	struct facts facts = { .now = 1 };
	struct text all = { (const char *)data, size };
	struct text part[3];
	char line[REASON_TEXT_MAX];
	enum verdict_action action;
	const struct rule *rule;
	size_t i;

	if (policy == NULL)
		policy = make_policy();
	for (i = 0; i < 3; i++)
		part[i] = take_line(&all);
	e.recipient = part[0];
	e.sender = part[1];
	e.rcpt_address = part[2];
	e.rcpt_mailer = TEXT("esmtp");
	e.utf8 = size % 2 != 0;
	decide_recipient(policy, &e, &facts, &v);
	check_promise(&v);
	for (i = 0; i < v.n; i++)
		reason_print(&v.reason[i], policy, line);
	action = v.action;
	rule = v.rule;
	facts = facts_of(size * 2654435761u);
	decide_recipient(policy, &e, &facts, &v);
	check_facts(action, rule, &v);
	decide_sender(policy, &e, &facts, &v);
	for (i = 0; i < 3; i++)
		exact_free(part[i]);
	return 0;
}
