/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/report.h"

#include <string.h>

#include "milter/probe/report_formats.h"

static const struct {
	const char *name;
	report_writer *write;
} formats[] = {
	[FORMAT_TEXT] = { "text", probe_report_text },
	[FORMAT_TAP] = { "tap", probe_report_tap },
	[FORMAT_JUNIT] = { "junit", probe_report_junit },
	[FORMAT_JSON] = { "json", probe_report_json },
	[FORMAT_JSONL] = { "jsonl", probe_report_jsonl },
	[FORMAT_HTML] = { "html", probe_report_html },
	[FORMAT_NAGIOS] = { "nagios", probe_report_nagios },
};
#define FORMATS (sizeof formats / sizeof formats[0])

bool
report_find(const char *name, enum report_format *out)
{
	size_t i;

	for (i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].name, name) == 0) {
			*out = (enum report_format)i;
			return true;
		}
	return false;
}

int
report_print(enum report_format f, const struct probe_result *r,
    const struct report_options *o, FILE *out)
{
	bool ok = formats[f].write(r, o, out);

	return ok && fflush(out) == 0 && !ferror(out) ? 0 : -1;
}

int
report_exit(enum report_format f, const struct probe_result *r)
{
	return f == FORMAT_NAGIOS ? report_nagios_exit(r->verdict) :
	    (int)r->verdict;
}
