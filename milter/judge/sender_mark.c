/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/judge/sender_mark.h"

#include <stdlib.h>

#include "milter/ask/auth_results.h"

/* The name that results are published under; empty: nobody's. */
static struct text
our_id(const struct sender_findings *f, struct text own_name)
{
	struct text id = text_of(f->switches->authserv_id);

	return id.n > 0 ? id : own_name;
}

/* Are messages marked at all, as far as this one's switches go? */
static bool
is_marking(const struct sender_findings *f, struct text own_name)
{
	return f->switches != NULL && f->switches->spf != CONF_SPF_OFF &&
	    our_id(f, own_name).n > 0;
}

bool
sender_mark_write(struct sender_findings *f, const struct envelope *e,
    struct sender_mark *out)
{
	if (!f->asks || !is_marking(f, e->own_name))
		return false;
	sender_facts_at_end(f, e);
	if (f->spf == NULL)
		return false;
	out->received[0] = '\0';
	if (f->spf->n > 0)
		spf_header_received(&f->spf->checked[0], out->received);
	spf_header_results(our_id(f, e->own_name), f->spf->checked, f->spf->n,
	    out->results);
	return true;
}

static void
add(struct sender_forged *forged, unsigned index)
{
	unsigned *at = realloc(forged->at, (forged->n + 1) * sizeof *at);

	if (at == NULL) {
		forged->missed = true;
		return;
	}
	forged->at = at;
	at[forged->n++] = index;
}

void
sender_forged_look(struct sender_forged *forged,
    const struct sender_findings *f, struct text own_name, struct text name,
    struct text value)
{
	if (!text_same(name, TEXT("Authentication-Results")))
		return;
	forged->seen++;
	if (f->cleans && is_marking(f, own_name) &&
	    auth_results_claim(value, our_id(f, own_name)))
		add(forged, forged->seen);
}

void
sender_forged_clear(struct sender_forged *forged)
{
	free(forged->at);
	*forged = (struct sender_forged){ .seen = 0 };
}
