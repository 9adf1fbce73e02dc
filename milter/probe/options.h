/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * options.h - the command line of `relayguard probe`.
 */
#ifndef PROBE_OPTIONS_H
#define PROBE_OPTIONS_H

#include "milter/probe/report.h"
#include "milter/probe/target.h"

struct probe_options {
	struct target target;
	struct ip source;
	struct ip literal;
	struct probe_names names;
	unsigned n_to;
	enum probe_profile profile;
	enum probe_door door;
	const char *socket; /* of the door */
	bool local_given;
	bool list;
	enum report_format format;
	const char *compare; /* files, or NULL */
	const char *keep;
	bool no_colour;
	struct tls_wish tls;
	bool brief;
	bool advice;
	bool prove;
	struct target catch; /* an address; port 0: not given */
	int wait_s;
	enum report_dialogue dialogue;
	int timeout_s;
	int total_s; /* 0: as the runner thinks */
	int rate;    /* -1: not given */
};

/* What --help prints. */
extern const char options_usage[];

#define OPTIONS_GO_ON (-1) /* no exit code yet */

/*
 * Read the command line into o, which becomes the defaults first.
 * OPTIONS_GO_ON, or the exit code after help, version or a complaint.
 */
int options_read(struct probe_options *o, int argc, char **argv);

#endif
