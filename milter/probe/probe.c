/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/probe.h"

#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "milter/probe/list.h"
#include "milter/probe/options.h"
#include "milter/probe/prove.h"
#include "milter/probe/run.h"
#include "milter/probe/tell.h"

#define RATE_ELSEWHERE 10 /* tests a second */

static void
show_progress(void *context, const char *id, size_t i, size_t n)
{
	(void)context;
	fprintf(stderr, "\rprobing %s %zu/%zu", id, i, n);
	fflush(stderr);
}

static void
set_literal(struct probe_names *names, const struct ip *ip)
{
	spelling_literal(ip, names->literal);
	ip_print(ip, names->address);
}

/* Find the target and the source.  NULL, or why the test would not be valid. */
static const char *
find_server(struct probe_options *o, struct probe_result *r,
    struct run_options *run)
{
	const char *bad = target_resolve(&o->target, o->source.family);

	r->peer = (struct smtp_peer){ .address = o->target.address,
		.port = o->target.port, .source = o->source };
	if (bad != NULL)
		return bad;
	set_literal(&r->names, o->literal.family != IP_NONE ? &o->literal :
	    &r->peer.address);
	bad = target_source(&r->peer, &run->trusted);
	target_others(&r->peer, run->stranger);
	run->fallback = o->target.is_address ? r->names.literal :
	    o->target.host;
	return bad;
}

/* A guard believes what it is told about client and server. */
static void
find_door(const struct probe_options *o, struct probe_result *r,
    struct run_options *run)
{
	struct ip here = { IP_V4, { 127, 0, 0, 1 } };
	struct ip outside = { IP_V4, { 198, 51, 100, 7 } };

	r->door = o->door;
	r->socket = o->socket;
	r->peer.source = o->source.family != IP_NONE ? o->source : outside;
	set_literal(&r->names, o->literal.family != IP_NONE ? &o->literal :
	    &here);
	if (r->names.server[0] == '\0')
		gethostname(r->names.server, sizeof r->names.server - 1);
	run->trusted = here;
	run->fallback = r->names.literal;
}

/* Run, with a catcher if messages are to be sent.  NULL, or why not. */
static const char *
run_proving(const struct probe_options *o, const struct run_options *run,
    struct probe_result *r)
{
	struct run_options proving = *run;
	struct prover prover;
	const char *bad;

	if (!o->prove) {
		run_probes(r, run);
		return NULL;
	}
	bad = prove_begin(&prover, &o->catch.address, o->catch.port,
	    o->wait_s);
	if (bad != NULL)
		return bad;
	r->proving = true;
	proving.prover = &prover;
	run_probes(r, &proving);
	prove_end(&prover);
	return NULL;
}

static void
run(struct probe_options *o, struct probe_result *r)
{
	bool progress = isatty(STDERR_FILENO);
	struct run_options run = { .timeout_s = o->timeout_s,
		.total_s = o->total_s, .local_given = o->local_given,
		.tls = o->tls.use != TLS_NONE ? &o->tls : NULL,
		.progress = progress ? show_progress : NULL };
	const char *bad = NULL;

	r->names = o->names;
	if (o->door == DOOR_SMTP)
		bad = find_server(o, r, &run);
	else
		find_door(o, r, &run);
	/* trusted is there for a server on this machine alone */
	run.rate = o->rate >= 0 ? o->rate : run.trusted.family != IP_NONE ?
	    0 : RATE_ELSEWHERE;
	if (bad != NULL) {
		r->verdict = PROBE_INVALID;
		result_reason(r, "%s: %s", o->target.host, bad);
		return;
	}
	bad = run_proving(o, &run, r);
	if (progress)
		fputs("\r\033[K", stderr);
	if (bad == NULL)
		return;
	r->verdict = PROBE_INVALID;
	result_reason(r, "--catch %s port %u: %s", o->catch.host,
	    o->catch.port, bad);
}

int
probe_command(int argc, char **argv)
{
	struct probe_options o;
	int code = options_read(&o, argc, argv);
	struct comparison *since;
	struct probe_result *r;

	if (code != OPTIONS_GO_ON)
		return code;
	if (o.list)
		return (o.format == FORMAT_JSON ? probe_list_json :
		    probe_list_text)(o.profile, stdout) == 0 ? EX_OK : EX_IOERR;
	code = tell_earlier(&o, &since);
	if (code != OPTIONS_GO_ON)
		return code;
	r = result_new(o.profile);
	if (r != NULL) {
		run(&o, r);
		code = tell_result(&o, r, since);
	} else {
		fputs("relayguard probe: out of memory\n", stderr);
		code = EX_OSERR;
	}
	result_free(r);
	compare_free(since);
	return code;
}
