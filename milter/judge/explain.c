/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/explain.h"

#include <stdlib.h>

#include "milter/judge/explain_step.h"

static void
on_step(void *with, const struct trace_step *s)
{
	struct explain *x = with;
	char server[DNS_SERVER_TEXT_MAX] = "";

	if (x->dns != NULL && s->kind == TRACE_QUERY)
		dns_answer_server(x->dns, s->answer, server);
	if (x->steps != NULL)
		json_array_append_new(x->steps, explain_object(s, server));
	else
		explain_line(x->text, s, server);
}

bool
explain_open(struct explain *x, bool json)
{
	*x = (struct explain){ .trace = { x, on_step } };
	if (json)
		x->steps = json_array();
	else
		x->text = open_memstream(&x->at, &x->n);
	return json ? x->steps != NULL : x->text != NULL;
}

void
explain_print(struct explain *x, FILE *out)
{
	fflush(x->text);
	fwrite(x->at, 1, x->n, out);
	rewind(x->text);
}

json_t *
explain_take(struct explain *x)
{
	json_t *steps = json_copy(x->steps);

	json_array_clear(x->steps);
	return steps;
}

void
explain_close(struct explain *x)
{
	json_decref(x->steps);
	if (x->text != NULL)
		fclose(x->text);
	free(x->at);
}
