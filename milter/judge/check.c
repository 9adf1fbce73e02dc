/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/check.h"

#include <getopt.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "milter/log.h"
#include "milter/judge/explain.h"
#include "milter/judge/sender_facts.h"
#include "milter/source/effective.h"
#include "milter/source/file.h"
#include "milter/source/roaming.h"
#include "policy/decide.h"
#include "policy/rule_modes.h"
#include "policy/escape.h"

static const char usage[] =
    "usage: relayguard check [-c FILE] --client IP [--helo NAME] [--auth ID]\n"
    "       [--cert SUBJECT] [--name NAME] [--auth-claim TEXT] [--own-name NAME]\n"
    "       [--own-address IP] [--utf8] [--explain | --no-dns] [--json]\n"
    "       --from ADDRESS --rcpt ADDRESS ...\n"
    "What would the guard answer, and why?  Nothing is sent or recorded;\n"
    "the DNS is asked about the sender as the guard would ask it.\n"
    "  -c, --config FILE    default " CONF_DEFAULT_PATH "\n"
    "      --client IP      the client's address\n"
    "      --helo NAME      its HELO (recorded, never trusted)\n"
    "      --auth ID        identity that the MTA authenticated\n"
    "      --cert SUBJECT   certificate that the MTA verified\n"
    "      --name NAME      the client's name in the DNS\n"
    "      --auth-claim TEXT  what AUTH= of MAIL says\n"
    "      --from ADDRESS   MAIL argument, as typed, with or without <>\n"
    "      --rcpt ADDRESS   RCPT argument; may be given several times\n"
    "      --own-name NAME  the MTA's own name; default: this host's\n"
    "      --own-address IP the address the client connected to\n"
    "      --utf8           the client said SMTPUTF8\n"
    "      --explain        tell each question to the DNS, its answer, and SPF\n"
    "                       term by term\n"
    "      --no-dns         ask nothing: the verdict without the DNS\n"
    "      --json           a JSON array, one object a step\n"
    "Exit: 0 accept, 1 refuse, 2 defer (the worst of all recipients),\n"
    "64 usage, 78 mistakes in the configuration.\n";

struct question_line {
	const char *conf_path;
	const char *client, *own_address;
	struct envelope envelope;
	char **rcpt;
	size_t rcpts;
	bool json, explain, no_dns;
	char own_name[256];
};

/* One judged step; printed at once, as text or into a JSON array. */
struct step {
	const char *command; /* "MAIL FROM" */
	struct text argument;
	const struct verdict *verdict;
	const struct policy *policy;
	enum rule_mode mode;
	struct explain *explain; /* what was asked for it, or NULL */
};

#define ESCAPED_MAX 4200

static void
print_step(const struct step *s)
{
	const struct verdict *v = s->verdict;
	char argument[ESCAPED_MAX], line[REASON_TEXT_MAX];
	size_t i;

	escape_text(s->argument, argument, sizeof argument);
	printf("%s:%s  %s", s->command, argument,
	    verdict_action_text(v->action));
	if (v->rule != NULL)
		printf(" %s %s %s%s", v->rule->code, v->rule->dsn,
		    v->rule->text,
		    s->mode == RULE_MONITOR ?
		    " [monitor: recorded, but accepted]" : "");
	if (s->mode == RULE_OFF)
		printf(" [the rule that would refuse is off]");
	putchar('\n');
	for (i = 0; i < v->n; i++)
		printf("    %s\n", reason_print(&v->reason[i], s->policy, line));
	if (v->rule != NULL)
		printf("    %s: %s\n", v->rule->form, v->rule->why);
	if (s->explain != NULL)
		explain_print(s->explain, stdout);
}

static void
set_string(json_t *object, const char *key, const char *value)
{
	json_object_set_new(object, key,
	    value != NULL ? json_string(value) : json_null());
}

static json_t *
step_as_json(const struct step *s)
{
	const struct verdict *v = s->verdict;
	char argument[ESCAPED_MAX], line[REASON_TEXT_MAX];
	json_t *object = json_object(), *why = json_array();
	size_t i;

	escape_text(s->argument, argument, sizeof argument);
	set_string(object, "command", s->command);
	set_string(object, "argument", argument);
	set_string(object, "verdict", verdict_action_text(v->action));
	set_string(object, "code", v->rule != NULL ? v->rule->code : NULL);
	set_string(object, "dsn", v->rule != NULL ? v->rule->dsn : NULL);
	set_string(object, "text", v->rule != NULL ? v->rule->text : NULL);
	set_string(object, "rule", v->rule != NULL ? v->rule->id : NULL);
	set_string(object, "form", v->rule != NULL ? v->rule->form : NULL);
	json_object_set_new(object, "trusted", json_boolean(v->trusted));
	set_string(object, "mode", rule_mode_text(s->mode));
	for (i = 0; i < v->n; i++)
		json_array_append_new(why, json_string(
		    reason_print(&v->reason[i], s->policy, line)));
	json_object_set_new(object, "why", why);
	if (s->explain != NULL)
		json_object_set_new(object, "asked",
		    explain_take(s->explain));
	return object;
}

static int
exit_status(enum verdict_action action)
{
	return action == VERDICT_ACCEPT ? 0 : action == VERDICT_REFUSE ? 1 : 2;
}

/* Tell one step; its exit status. */
static int
tell(const struct step *s, json_t *steps)
{
	if (steps != NULL)
		json_array_append_new(steps, step_as_json(s));
	else
		print_step(s);
	return exit_status(s->verdict->action);
}

/* Judge the sender, then each recipient; the worst exit status. */
static int
judge_all(struct question_line *q, const struct policy *policy,
    const struct policy *roaming, const struct rule_modes *modes,
    struct sender_questions *questions, struct explain *explain,
    json_t *steps)
{
	struct sender_findings findings = { .switches = NULL };
	struct facts facts = { .now = time(NULL), .roaming = roaming };
	struct verdict v;
	struct step s = { "MAIL FROM", q->envelope.sender, &v, policy, 0,
		explain };
	int worst, status;
	bool asks_on;
	size_t i;

	decide_sender(policy, &q->envelope, &facts, &v);
	if (sender_facts_at_mail(&findings, questions, policy, &q->envelope,
	    &v, &facts))
		decide_sender(policy, &q->envelope, &facts, &v);
	s.mode = rule_modes_apply(modes, &v);
	worst = tell(&s, steps);
	/* the MTA asks no further unless */
	asks_on = v.action == VERDICT_ACCEPT || s.mode == RULE_MONITOR;
	s.command = "RCPT TO";
	for (i = 0; asks_on && i < q->rcpts; i++) {
		s.argument = q->envelope.recipient = text_of(q->rcpt[i]);
		decide_recipient(policy, &q->envelope, &facts, &v);
		if (sender_facts_at_rcpt(&findings, &q->envelope, &v, &facts))
			decide_recipient(policy, &q->envelope, &facts, &v);
		/* what is only marked would be asked at the end: tell it here */
		if (explain != NULL && v.action == VERDICT_ACCEPT)
			sender_facts_at_end(&findings, &q->envelope);
		s.mode = rule_modes_apply(modes, &v);
		status = tell(&s, steps);
		worst = status > worst ? status : worst;
	}
	sender_findings_clear(&findings);
	return worst;
}

/* Who asks the DNS, and who follows that; false with a message. */
static bool
open_questions(const struct question_line *q, struct conf *conf,
    struct sender_questions *questions, struct explain *explain)
{
	if (q->no_dns) {
		conf->sender_domain_check = false;
		conf->spf = CONF_SPF_OFF;
	}
	if (!sender_questions_open(questions, conf))
		return false;
	if (!q->explain)
		return true;
	if (!explain_open(explain, q->json)) {
		log_say("out of memory");
		return false;
	}
	explain->dns = questions->dns;
	questions->trace = &explain->trace;
	return true;
}

static void
print_steps(const json_t *steps)
{
	json_dumpf(steps, stdout, JSON_INDENT(2));
	putchar('\n');
}

static void
print_assumptions(const struct question_line *q)
{
	if (q->own_name[0] != '\0')
		printf("own name taken to be %s (--own-name)\n", q->own_name);
	if (q->no_dns)
		puts("what the DNS says of the sender is left out (--no-dns)");
}

/* The envelope, with the policy at hand; the exit status. */
static int
answer(struct question_line *q, struct conf *conf,
    const struct policy *policy, const struct policy *roaming)
{
	json_t *steps = q->json ? json_array() : NULL;
	struct sender_questions questions;
	struct explain explain = { .text = NULL };
	struct rule_modes modes;
	int status = EX_OSERR;

	conf_rule_modes(conf, &modes);
	if (!q->json)
		print_assumptions(q);
	if (open_questions(q, conf, &questions, &explain)) {
		status = judge_all(q, policy, roaming, &modes, &questions,
		    q->explain ? &explain : NULL, steps);
		explain_close(&explain);
		if (steps != NULL)
			print_steps(steps);
	}
	sender_questions_close(&questions);
	json_decref(steps);
	return status;
}

static int
check(struct question_line *q)
{
	struct complaints c = { 0 };
	struct conf *conf = file_conf(q->conf_path, &c);
	struct policy *policy = conf != NULL ?
	    effective_policy(conf, EFFECTIVE_DO, &c) : NULL;
	struct policy *roaming = policy != NULL ?
	    roaming_read(conf->roaming_file, &c) : NULL;
	int status = EX_CONFIG;

	log_complaints(&c);
	if (policy != NULL)
		status = answer(q, conf, policy, roaming);
	policy_free(roaming);
	policy_free(policy);
	conf_free(conf);
	complaints_free(&c);
	return status;
}

/* Everything that was left out or is wrong; false with a message. */
static bool
complete(struct question_line *q, bool from_given)
{
	struct envelope *e = &q->envelope;

	if (q->client == NULL || !ip_parse(text_of(q->client), &e->client)) {
		fputs("check: --client wants an IP address\n", stderr);
		return false;
	}
	if (q->own_address != NULL &&
	    !ip_parse(text_of(q->own_address), &e->own_address)) {
		fputs("check: --own-address wants an IP address\n", stderr);
		return false;
	}
	if (q->explain && q->no_dns) {
		fputs("check: --explain and --no-dns exclude each other\n",
		    stderr);
		return false;
	}
	if (!from_given || q->rcpts == 0) {
		fputs("check: --from and --rcpt are needed\n", stderr);
		return false;
	}
	if (e->own_name.n == 0 &&
	    gethostname(q->own_name, sizeof q->own_name - 1) == 0)
		e->own_name = text_of(q->own_name);
	return true;
}

/* -1 to go on, else the exit status. */
static int
parse_options(int argc, char **argv, struct question_line *q)
{
	static const struct option options[] = {
		{ "config", required_argument, NULL, 'c' },
		{ "client", required_argument, NULL, 'i' },
		{ "helo", required_argument, NULL, 'e' },
		{ "auth", required_argument, NULL, 'a' },
		{ "cert", required_argument, NULL, 't' },
		{ "auth-claim", required_argument, NULL, 'l' },
		{ "name", required_argument, NULL, 'm' },
		{ "from", required_argument, NULL, 'f' },
		{ "rcpt", required_argument, NULL, 'r' },
		{ "own-name", required_argument, NULL, 'n' },
		{ "own-address", required_argument, NULL, 'o' },
		{ "utf8", no_argument, NULL, 'u' },
		{ "json", no_argument, NULL, 'j' },
		{ "explain", no_argument, NULL, 'x' },
		{ "no-dns", no_argument, NULL, 'd' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	bool from = false;
	int option;

	while ((option = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		switch (option) {
		case 'c': q->conf_path = optarg; break;
		case 'i': q->client = optarg; break;
		case 'e': q->envelope.helo = text_of(optarg); break;
		case 'a': q->envelope.auth = text_of(optarg); break;
		case 'l': q->envelope.auth_claim = text_of(optarg); break;
		case 'm': q->envelope.client_name = text_of(optarg); break;
		case 't': q->envelope.certificate = text_of(optarg); break;
		case 'f':
			q->envelope.sender = text_of(optarg);
			from = true;
			break;
		case 'r': q->rcpt[q->rcpts++] = optarg; break;
		case 'n': q->envelope.own_name = text_of(optarg); break;
		case 'o': q->own_address = optarg; break;
		case 'u': q->envelope.utf8 = true; break;
		case 'j': q->json = true; break;
		case 'x': q->explain = true; break;
		case 'd': q->no_dns = true; break;
		case 'h': fputs(usage, stdout); return EX_OK;
		default: fputs(usage, stderr); return EX_USAGE;
		}
	}
	if (optind == argc && complete(q, from))
		return -1;
	fputs(usage, stderr);
	return EX_USAGE;
}

int
check_command(int argc, char **argv)
{
	struct question_line q = { 0 };
	int status;

	q.rcpt = calloc((size_t)argc + 1, sizeof *q.rcpt);
	if (q.rcpt == NULL)
		return EX_OSERR;
	status = parse_options(argc, argv, &q);
	if (status < 0)
		status = check(&q);
	free(q.rcpt);
	return status;
}
