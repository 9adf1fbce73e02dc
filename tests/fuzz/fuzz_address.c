/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The judgement on any bytes: grammar, readings, decision, reasons.  Input:
 * recipient, newline, sender.  Beyond memory errors it checks the promise:
 * what is accepted is plain or leads only to places of ours.
 */
#include <stdint.h>
#include <stdlib.h>

#include "policy/decide.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct policy *policy;
	static struct verdict v;
	struct envelope e = { .own_name = TEXT("mx.guard.test") };
	struct facts facts = { .now = 1 };
	struct text all = { (const char *)data, size };
	size_t cut = text_find(all, '\n'), i;
	char line[REASON_TEXT_MAX];

	if (policy == NULL)
		policy = make_policy();
	e.recipient = text_cut(all, 0, cut);
	e.sender = text_cut(all, cut < size ? cut + 1 : cut, size);
	decide_recipient(policy, &e, &facts, &v);
	check_promise(&v);
	for (i = 0; i < v.n; i++)
		reason_print(&v.reason[i], policy, line);
	decide_sender(policy, &e, &facts, &v);
	return 0;
}
