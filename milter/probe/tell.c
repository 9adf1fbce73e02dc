/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/tell.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "milter/probe/advice.h"
#include "milter/probe/keep.h"

int
tell_earlier(const struct probe_options *o, struct comparison **out)
{
	const char *file = o->compare != NULL ? o->compare : o->keep;
	char why[COMPARE_WHY_MAX];
	bool absent;

	*out = NULL;
	if (file == NULL)
		return OPTIONS_GO_ON;
	*out = compare_read(file, why, &absent);
	if (*out != NULL || (absent && o->compare == NULL))
		return OPTIONS_GO_ON;
	fprintf(stderr, "relayguard probe: %s\n", why);
	return absent ? EX_NOINPUT : EX_DATAERR;
}

/* Does journald read what we print? */
static bool
is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	char ours[64];
	struct stat st;

	if (stream == NULL || fstat(STDOUT_FILENO, &st) != 0)
		return false;
	snprintf(ours, sizeof ours, "%ju:%ju", (uintmax_t)st.st_dev,
	    (uintmax_t)st.st_ino);
	return strcmp(stream, ours) == 0;
}

static int
report(const struct probe_options *o, const struct probe_result *r,
    const struct comparison *since)
{
	bool terminal = isatty(STDOUT_FILENO);
	struct winsize size = { 0 };
	struct advice advice;
	struct report_options how = { .dialogue = o->dialogue,
		.brief = o->brief, .since = since, .journal = is_journal(),
		.colour = terminal && !o->no_colour &&
		    getenv("NO_COLOR") == NULL };

	if (terminal && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0)
		how.width = size.ws_col;
	if (o->advice) {
		advice_make(&advice, r);
		how.advice = &advice;
	}
	return report_print(o->format, r, &how, stdout);
}

int
tell_result(const struct probe_options *o, const struct probe_result *r,
    struct comparison *since)
{
	int code = report_exit(o->format, r);

	if ((since != NULL && !compare_with(since, r)) ||
	    report(o, r, since) != 0)
		return EX_IOERR;
	if (o->keep != NULL && !keep_result(o->keep, r)) {
		fprintf(stderr, "relayguard probe: --keep: %s\n",
		    strerrordesc_np(errno));
		return code != 0 ? code : EX_CANTCREAT;
	}
	return code;
}
