/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/lint.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

#include "milter/bytes.h"
#include "milter/log.h"
#include "milter/probe/lint_report.h"
#include "policy/escape.h"

#ifndef RELAYGUARD_VERSION
#define RELAYGUARD_VERSION "unknown"
#endif

#define CF_DEFAULT "/etc/mail/sendmail.cf"
#define GO_ON (-1) /* no exit code yet */

enum status {
	LINT_CLEAN = 0,
	LINT_FINDINGS = 1,
	LINT_UNREADABLE = 2
};

static const char usage[] =
    "usage: relayguard lint [--mc FILE] [--json] [SENDMAIL.CF]\n"
    "What in a sendmail.cf opens the relay, and to which tests.\n"
    "Default " CF_DEFAULT ".\n"
    "\n"
    "  --mc FILE          the sendmail.mc it was made from: tells the line\n"
    "                     there, and what was changed but not made\n"
    "  --json\n"
    "  --no-color\n"
    "      --help, --version\n"
    "\n"
    "Files of class R and the access map are read where the .cf names them,\n"
    "and the directories of sockets are looked at.  Tests P00-P19: see\n"
    "relayguard(8); R, M, X, G: tests/table/forms.py of the source.\n"
    "Exit: 0 clean, 1 findings, 2 unreadable or no sendmail.cf, 64 usage\n";

struct lint_options {
	const char *cf, *mc;
	bool json;
	bool no_colour;
};

static const struct option long_options[] = {
	{ "mc", required_argument, NULL, 'm' },
	{ "json", no_argument, NULL, 'j' },
	{ "no-color", no_argument, NULL, 'n' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'v' },
	{ NULL, 0, NULL, 0 },
};

static int
wrong(const char *what, const char *word)
{
	char shown[200];

	escape_text(text_of(word), shown, sizeof shown);
	fprintf(stderr, "relayguard lint: %s%s\n"
	    "Try 'relayguard lint --help'.\n", shown, what);
	return EX_USAGE;
}

static int
take_option(struct lint_options *o, int key, const char *value)
{
	switch (key) {
	case 'm':
		o->mc = value;
		return GO_ON;
	case 'j':
		o->json = true;
		return GO_ON;
	case 'n':
		o->no_colour = true;
		return GO_ON;
	case 'h':
		fputs(usage, stdout);
		return EX_OK;
	case 'v':
		puts("relayguard " RELAYGUARD_VERSION);
		return EX_OK;
	}
	return EX_USAGE;
}

static int
take_arguments(struct lint_options *o, int argc, char **argv)
{
	int key, code;

	optind = 0; /* GNU: start afresh */
	opterr = 0;
	while ((key = getopt_long(argc, argv, ":", long_options, NULL)) !=
	    -1) {
		if (key == '?' || key == ':')
			return wrong(key == ':' ? ": a value is missing" :
			    ": no such option, or not so", argv[optind - 1]);
		code = take_option(o, key, optarg);
		if (code != GO_ON)
			return code;
	}
	if (argc - optind > 1)
		return wrong(": one file at a time", argv[optind + 1]);
	o->cf = optind < argc ? argv[optind] : CF_DEFAULT;
	return GO_ON;
}

static bool
read_or_complain(const char *path, struct bytes *out, struct complaints *c)
{
	if (bytes_read(path, out) == 0)
		return true;
	complaint_add(c, COMPLAINT_ERROR, path, 0, "cannot be read: %s",
	    bytes_trouble(errno));
	return false;
}

/* The report; what could not be looked at goes to standard error. */
static int
report(const struct lint_options *o, const struct lint *l)
{
	bool colour = isatty(STDOUT_FILENO) && !o->no_colour &&
	    getenv("NO_COLOR") == NULL;
	int status = l->n > 0 ? LINT_FINDINGS : LINT_CLEAN, written;

	log_complaints(&l->notes);
	if (l->notes.out_of_memory)
		return EX_OSERR;
	written = o->json ? lint_report_json(l, status, stdout) :
	    lint_report_text(l, colour, stdout);
	return written == 0 ? status : EX_IOERR;
}

/* Both files are in memory; the .mc may be empty. */
static int
look(const struct lint_options *o, struct bytes cf, struct bytes mc,
    struct complaints *c)
{
	struct lint l = { .cf_name = o->cf, .mc_name = o->mc,
		.mc = { mc.at, mc.n } };
	int status = LINT_UNREADABLE;

	sendmail_cf_parse((struct text){ cf.at, cf.n }, o->cf, &l.cf, c);
	if (c->errors == 0) {
		lint_find(&l);
		status = report(o, &l);
	}
	lint_free(&l);
	sendmail_cf_free(&l.cf);
	return status;
}

int
lint_command(int argc, char **argv)
{
	struct lint_options o = { 0 };
	struct complaints c = { 0 };
	struct bytes cf = { 0 }, mc = { 0 };
	int status = take_arguments(&o, argc, argv);

	if (status != GO_ON)
		return status;
	status = LINT_UNREADABLE;
	if (read_or_complain(o.cf, &cf, &c) &&
	    (o.mc == NULL || read_or_complain(o.mc, &mc, &c)))
		status = look(&o, cf, mc, &c);
	log_complaints(&c);
	complaints_free(&c);
	free(cf.at);
	free(mc.at);
	return status;
}
