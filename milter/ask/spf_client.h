/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * spf_client.h - the names of the client: those of its PTR records that have
 * its address (RFC 7208 5.5).  For ptr and the macro %{p}.
 */
#ifndef MILTER_ASK_SPF_CLIENT_H
#define MILTER_ASK_SPF_CLIENT_H

#include "milter/ask/spf_run.h"

/* Find them, once for a check: r->name[], r->names_status. */
void spf_client_names(struct spf_run *r);

/* Is a name of the client the domain itself or below it?  After the above. */
bool spf_client_is_under(const struct spf_run *r, struct text domain);

/*
 * Set r->values for a text that stands on a page; its names are asked for if
 * the text has %{p}.
 */
void spf_client_values(struct spf_run *r, const struct spf_page *page,
    struct text text);

#endif
