/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/judge.h"

#include <time.h>

struct judge_reply
judge_trouble(void)
{
	return (struct judge_reply){ VERDICT_DEFER, "451", "4.3.0",
		"Relay policy not available, please try again later", NULL,
		false };
}

/* What the owner of a domain says of the refusal he asks for. */
static const char *
explanation_of(const struct verdict *v, const struct sender_findings *f)
{
	if (v->rule->stage != STAGE_RCPT_ALLOWED || f == NULL ||
	    f->spf == NULL || f->spf->explanation[0] == '\0')
		return NULL;
	return f->spf->explanation;
}

static struct judge_reply
reply_to(const struct verdict *v, bool monitor,
    const struct sender_findings *f)
{
	if (v->action == VERDICT_ACCEPT || (v->rule != NULL && monitor))
		return (struct judge_reply){ .action = VERDICT_ACCEPT };
	if (v->rule == NULL)
		return judge_trouble();
	return (struct judge_reply){ v->action, v->rule->code, v->rule->dsn,
		v->rule->text, explanation_of(v, f), false };
}

static void
record(const struct judge *j, const struct judge_request *r,
    enum rule_stage stage, const struct in_force *f, const struct verdict *v,
    bool monitor)
{
	struct audit_decision d = {
		.door = r->door, .session = r->session,
		.queue_id = r->queue_id, .stage = stage,
		.envelope = &r->envelope, .verdict = v,
	};

	/* an accepted sender is no decision yet: its recipients are */
	if (j->audit == NULL ||
	    (stage == STAGE_MAIL && v->action == VERDICT_ACCEPT))
		return;
	if (f != NULL) {
		d.policy = f->policy;
		d.policy_serial = f->serial;
		d.monitor = monitor;
	}
	clock_gettime(CLOCK_REALTIME, &d.time);
	audit_write(j->audit, &d);
}

/* Decide, and once more when the DNS has something to say. */
static void
judge_sender(const struct judge *j, const struct policy *p,
    const struct judge_request *r, struct facts *facts, struct verdict *v)
{
	decide_sender(p, &r->envelope, facts, v);
	if (j->questions != NULL && r->findings != NULL &&
	    sender_facts_at_mail(r->findings, j->questions, p, &r->envelope,
	    v, facts))
		decide_sender(p, &r->envelope, facts, v);
}

static void
judge_recipient(const struct policy *p, const struct judge_request *r,
    struct facts *facts, struct verdict *v)
{
	if (r->findings != NULL)
		sender_facts_tell(r->findings, facts);
	decide_recipient(p, &r->envelope, facts, v);
	if (r->findings != NULL &&
	    sender_facts_at_rcpt(r->findings, &r->envelope, v, facts))
		decide_recipient(p, &r->envelope, facts, v);
}

/* Take the policy, decide, record, give it back, answer. */
static struct judge_reply
judge(const struct judge *j, const struct judge_request *r,
    enum rule_stage stage)
{
	const struct in_force *f = current_take(j->current);
	const struct in_force *roaming = j->roaming != NULL ?
	    current_take(j->roaming) : NULL;
	struct facts facts = { .now = time(NULL),
		.roaming = roaming != NULL ? roaming->policy : NULL };
	enum rule_mode mode = RULE_ENFORCE;
	struct judge_reply reply;
	struct verdict v;
	bool relays;

	if (stage == STAGE_MAIL)
		judge_sender(j, f != NULL ? f->policy : NULL, r, &facts, &v);
	else
		judge_recipient(f != NULL ? f->policy : NULL, r, &facts, &v);
	relays = verdict_relays(&v); /* before a rule that is off lets pass */
	if (f != NULL)
		mode = rule_modes_apply(&f->modes, &v);
	if (f != NULL && f->waiting && mode == RULE_ENFORCE)
		verdict_wait(&v);
	record(j, r, stage, f, &v, mode == RULE_MONITOR);
	reply = reply_to(&v, mode == RULE_MONITOR, r->findings);
	reply.relays = relays;
	if (roaming != NULL)
		current_give(j->roaming, roaming);
	if (f != NULL)
		current_give(j->current, f);
	return reply;
}

struct judge_reply
judge_mail(const struct judge *j, const struct judge_request *r)
{
	return judge(j, r, STAGE_MAIL);
}

struct judge_reply
judge_rcpt(const struct judge *j, const struct judge_request *r)
{
	return judge(j, r, STAGE_RCPT);
}

struct judge_reply
judge_overload(const struct judge *j, const struct judge_request *r)
{
	struct verdict v = { .action = VERDICT_DEFER, .n = 1 };

	v.reason[0].kind = REASON_OVERLOAD;
	record(j, r, STAGE_MAIL, NULL, &v, false);
	return (struct judge_reply){ VERDICT_DEFER, "451", "4.3.2",
		"Too many sessions, please try again later", NULL, false };
}

bool
judge_is_sane(struct current *current)
{
	const struct judge dry = { .current = current };
	struct judge_request r = { .door = "self-check" };

	ip_parse(TEXT("192.0.2.1"), &r.envelope.client);
	r.envelope.sender = TEXT("<>");
	r.envelope.recipient = TEXT("<two@a.example> <b@c.example>");
	return judge_rcpt(&dry, &r).action != VERDICT_DEFER;
}
