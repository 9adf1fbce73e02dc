/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/ask/trace.h"

#include "milter/clock.h"

void
trace_skip(const struct trace *t, const char *what, const char *why)
{
	trace_tell(t, &(struct trace_step){ .kind = TRACE_SKIPPED,
		.words = what, .why = why });
}

void
trace_ahead(const struct trace *t, unsigned depth, struct text name,
    enum dns_type type)
{
	trace_tell(t, &(struct trace_step){ .kind = TRACE_AHEAD,
		.depth = depth, .subject = name, .type = type });
}

int64_t
trace_start(const struct trace *t)
{
	return t != NULL ? clock_ms() : 0;
}

void
trace_query(const struct trace *t, unsigned depth, struct text name,
    enum dns_type type, const struct dns_answer *answer, int64_t start_ms)
{
	if (t != NULL && answer != NULL)
		trace_tell(t, &(struct trace_step){ .kind = TRACE_QUERY,
			.depth = depth, .subject = name, .type = type,
			.answer = answer, .took_ms = clock_ms() - start_ms });
}
