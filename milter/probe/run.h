/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * run.h - the runner: control probes, the tests, the control probes again.
 * Many transactions on one connection, RSET before each; after 421 or a lost
 * connection it connects again and goes on.  DATA only to prove what was
 * accepted.  All loops are bounded: by tries, by connections and by time.
 */
#ifndef PROBE_RUN_H
#define PROBE_RUN_H

#include "milter/probe/result.h"
#include "milter/probe/target.h"

struct run_options {
	int timeout_s;       /* for one command */
	int total_s;         /* for the whole run; 0: RUN_SECONDS() */
	int rate;            /* transactions a second at most; 0: any */
	struct ip trusted;   /* source of control C; IP_NONE: no C */
	struct ip stranger[TARGET_OTHERS]; /* of S; IP_NONE: no S */
	bool local_given;    /* names.local is the only honest recipient */
	const char *fallback; /* the server's name when it tells none */
	const struct tls_wish *tls; /* NULL: in the clear */
	struct prover *prover; /* NULL: never DATA */
	/* Told before each test; may be NULL. */
	void (*progress)(void *context, const char *id, size_t i, size_t n);
	void *context;
};

/* The whole run is over after this many seconds, but for what rate asks. */
#define RUN_SECONDS(timeout_s) (60 + 10 * (timeout_s))

/*
 * Run everything against r->peer with r->names (server may be "") and judge.
 * r is fresh from result_new(), with peer and names set.
 */
void run_probes(struct probe_result *r, const struct run_options *o);

#endif
