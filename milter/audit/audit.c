/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/audit.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include "milter/audit/report.h"
#include "milter/audit/when.h"
#include "policy/escape.h"

#define DEFAULT_FILE "/var/log/relayguard/audit.jsonl"
#define DEFAULT_TOP 10
#define TOP_MAX 1000000
#define BAD_LINES_SHOWN 10 /* of each file */
#define NAME_MAX_SHOWN 256

struct options {
	unsigned wanted; /* bits of enum summary_by */
	int64_t since;
	size_t top;
	bool json, help;
};

static const char usage_text[] =
    "usage: relayguard audit [--since TIME] [--by WHAT]... [--top N]\n"
    "           [--format text|json] [FILE...]\n"
    "\n"
    "Reports what the guard refused and deferred.\n"
    "\n"
    "  --since TIME   records from this time on: 2026-11-24T09:00:00Z,\n"
    "                 2026-11-24 (midnight UTC), or 90s, 30m, 24h, 7d, 2w ago\n"
    "  --by WHAT      rule, client, form, recipient-domain or sender; may be\n"
    "                 repeated (default: rule, client, recipient-domain)\n"
    "  --top N        rows of each table (default 10)\n"
    "  --format text|json\n"
    "  FILE           audit file, - for standard input (default\n"
    "                 " DEFAULT_FILE ")\n"
    "\n"
    "Exit status: 0 done, 64 usage, 65 no audit record in the input, 66 a\n"
    "file cannot be read, 71 out of memory, 74 cannot write the report.\n";

/* All that is printed about the input goes through here: names are escaped. */
__attribute__((format(printf, 2, 3))) static void
complain(const char *name, const char *format, ...)
{
	char shown[NAME_MAX_SHOWN];
	va_list ap;

	escape_text(text_of(name), shown, sizeof shown);
	fprintf(stderr, "relayguard audit: %s", shown);
	va_start(ap, format);
	vfprintf(stderr, format, ap);
	va_end(ap);
	putc('\n', stderr);
}

/* An option's argument that is not what it should be. */
static bool
refuse(const char *option, const char *argument, const char *wanted)
{
	char shown[NAME_MAX_SHOWN];

	escape_text(text_of(argument), shown, sizeof shown);
	complain(option, " %s: %s", shown, wanted);
	return false;
}

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
set_by(struct options *o, const char *word)
{
	char wanted[160];
	enum summary_by by;
	unsigned i;
	size_t n;

	if (summary_by_find(text_of(word), &by)) {
		o->wanted |= 1u << by;
		return true;
	}
	n = (size_t)snprintf(wanted, sizeof wanted, "should be one of");
	for (i = 0; i < SUMMARY_BYS && n < sizeof wanted; i++)
		n += (size_t)snprintf(wanted + n, sizeof wanted - n, "%s %s",
		    i > 0 ? "," : "", summary_by_word((enum summary_by)i));
	return refuse("--by", word, wanted);
}

static bool
set_top(struct options *o, const char *number)
{
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(number, &end, 10);
	if (number[0] < '0' || number[0] > '9' || *end != '\0' || errno != 0 ||
	    n < 1 || n > TOP_MAX)
		return refuse("--top", number,
		    "should be a number from 1 to 1000000");
	o->top = n;
	return true;
}

static bool
set_format(struct options *o, const char *word)
{
	o->json = strcmp(word, "json") == 0;
	return o->json || strcmp(word, "text") == 0 ||
	    refuse("--format", word, "should be text or json");
}

static bool
set_since(struct options *o, const char *time)
{
	return when_parse_since(text_of(time), now_ms(), &o->since) ||
	    refuse("--since", time, "should be a time like "
		"2026-11-24T09:00:00Z, 2026-11-24, 24h or 7d");
}

/* Options that getopt_long returns as numbers, clear of any letter. */
enum { OPTION_BY = 256, OPTION_FORMAT, OPTION_SINCE, OPTION_TOP };

static const struct option long_options[] = {
	{ "by", required_argument, NULL, OPTION_BY },
	{ "format", required_argument, NULL, OPTION_FORMAT },
	{ "help", no_argument, NULL, 'h' },
	{ "since", required_argument, NULL, OPTION_SINCE },
	{ "top", required_argument, NULL, OPTION_TOP },
	{ 0 },
};

/* The option that getopt_long stumbled over, as it was typed. */
static const char *
option_typed(char **argv, char letter[3])
{
	if (strncmp(argv[optind - 1], "--", 2) == 0)
		return argv[optind - 1];
	letter[0] = '-';
	letter[1] = (char)optopt;
	letter[2] = '\0';
	return letter;
}

static bool
set_option(struct options *o, int option, char **argv)
{
	char letter[3];

	switch (option) {
	case OPTION_BY:
		return set_by(o, optarg);
	case OPTION_FORMAT:
		return set_format(o, optarg);
	case OPTION_SINCE:
		return set_since(o, optarg);
	case OPTION_TOP:
		return set_top(o, optarg);
	case 'h':
		o->help = true;
		return true;
	case ':':
		complain(option_typed(argv, letter), ": needs an argument");
		return false;
	default:
		complain(option_typed(argv, letter),
		    ": unknown option; --help lists them");
		return false;
	}
}

static bool
parse_options(struct options *o, int argc, char **argv)
{
	int option;

	*o = (struct options){ .since = INT64_MIN, .top = DEFAULT_TOP };
	optind = 0; /* start afresh, whoever used getopt before */
	opterr = 0; /* our own messages: getopt prints arguments raw */
	while ((option = getopt_long(argc, argv, ":h", long_options, NULL)) !=
	    -1)
		if (!set_option(o, option, argv))
			return false;
	if (o->wanted == 0)
		o->wanted = 1u << BY_RULE | 1u << BY_CLIENT |
		    1u << BY_RECIPIENT_DOMAIN;
	return true;
}

/* Name a bad line, the first few of each file. */
static void
report_bad_line(const char *name, const struct audit_reader *r, uint64_t bad)
{
	if (bad <= BAD_LINES_SHOWN)
		complain(name, ":%" PRIu64 ": %s", audit_reader_line(r),
		    audit_reader_error(r));
}

/* Add all records of f; an exit status. */
static int
read_records(struct summary *s, FILE *f, const char *name)
{
	struct audit_reader *r = audit_reader_new(f);
	enum audit_read_result result = AUDIT_READ_END;
	struct audit_record record;
	uint64_t bad = 0;
	int status = r == NULL ? EX_OSERR : EX_OK;

	while (status == EX_OK &&
	    (result = audit_read(r, &record)) <= AUDIT_READ_BAD) {
		if (result == AUDIT_READ_BAD)
			report_bad_line(name, r, ++bad);
		else if (summary_add(s, &record) != 0)
			status = EX_OSERR;
	}
	if (bad > BAD_LINES_SHOWN)
		complain(name, ": %" PRIu64 " more lines are no audit records",
		    bad - BAD_LINES_SHOWN);
	if (result == AUDIT_READ_FAILED) {
		complain(name, ": %s", strerrordesc_np(errno));
		status = EX_NOINPUT;
	}
	s->bad += bad;
	audit_reader_free(r);
	return status;
}

static int
read_file(struct summary *s, const char *name)
{
	FILE *f;
	int status;

	if (strcmp(name, "-") == 0)
		return read_records(s, stdin, "standard input");
	f = fopen(name, "re");
	if (f == NULL) {
		complain(name, ": %s", strerrordesc_np(errno));
		return EX_NOINPUT;
	}
	status = read_records(s, f, name);
	fclose(f);
	return status;
}

/*
 * EX_OK when all were read, EX_NOINPUT when some could not be, EX_OSERR at
 * once when memory is short.
 */
static int
read_files(struct summary *s, char **name, int n)
{
	int i, one, status = EX_OK;

	for (i = 0; i < n; i++) {
		one = read_file(s, name[i]);
		if (one == EX_OSERR)
			return one;
		if (one != EX_OK)
			status = one;
	}
	return status;
}

static struct report_options
page_options(const struct options *o)
{
	struct report_options page = { .top = o->top, .width = 80 };
	const char *term = getenv("TERM"), *no_colour = getenv("NO_COLOR");
	struct winsize size;

	if (!isatty(STDOUT_FILENO))
		return page;
	page.colour = term != NULL && strcmp(term, "dumb") != 0 &&
	    (no_colour == NULL || no_colour[0] == '\0');
	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		page.width = size.ws_col < 60 ? 60 : size.ws_col;
	return page;
}

static int
print_report(const struct summary *s, const struct options *o)
{
	struct report_options page = page_options(o);
	int result = o->json ? report_json(s, &page, stdout) :
	    report_text(s, &page, stdout);

	if (result != 0)
		return EX_OSERR;
	if (fflush(stdout) != 0 || ferror(stdout)) {
		complain("standard output", ": %s", strerrordesc_np(errno));
		return EX_IOERR;
	}
	return EX_OK;
}

/* Read everything, then print; an exit status. */
static int
run(struct summary *s, const struct options *o, char **name, int n)
{
	int printed, status = read_files(s, name, n);

	if (status == EX_OSERR)
		return status;
	if (summary_records(s) == 0 && s->before == 0 &&
	    (status != EX_OK || s->bad > 0)) {
		complain("cannot report", ": no audit record was read");
		return status != EX_OK ? status : EX_DATAERR;
	}
	printed = print_report(s, o);
	return printed != EX_OK ? printed : status;
}

int
audit_command(int argc, char **argv)
{
	static char default_name[] = DEFAULT_FILE;
	char *default_files[] = { default_name };
	struct options o;
	struct summary s;
	int status = EX_OSERR;

	if (!parse_options(&o, argc, argv))
		return EX_USAGE;
	if (o.help) {
		fputs(usage_text, stdout);
		return EX_OK;
	}
	if (summary_init(&s, o.wanted, o.since) == 0)
		status = argc > optind ? run(&s, &o, argv + optind,
		    argc - optind) : run(&s, &o, default_files, 1);
	if (status == EX_OSERR)
		complain("cannot report", ": out of memory");
	summary_free(&s);
	return status;
}
