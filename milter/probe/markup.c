/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/markup.h"

#include <string.h>

static const char special[] = "&<>\"'";
static const char *const entity[] = { "&amp;", "&lt;", "&gt;", "&quot;",
	"&#39;" };

void
markup_text(const char *s, FILE *out)
{
	for (; *s != '\0'; s++) {
		const char *at = strchr(special, *s);

		if (at != NULL)
			fputs(entity[at - special], out);
		else
			fputc(*s >= ' ' && *s <= '~' ? *s : '?', out);
	}
}

void
markup_attribute(const char *name, const char *s, FILE *out)
{
	fprintf(out, " %s=\"", name);
	markup_text(s, out);
	fputc('"', out);
}
