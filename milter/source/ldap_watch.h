/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_watch.h - notices a server that hangs.  A search that goes on for ever
 * looks the same whether nothing changes or the server has stopped, and the
 * kernel of a stopped server still answers keepalive.  So a second connection
 * asks a small question now and then; when no answer comes, the plug of the
 * first one is pulled.
 */
#ifndef SOURCE_LDAP_WATCH_H
#define SOURCE_LDAP_WATCH_H

#include "milter/source/ldap_plug.h"
#include "milter/source/ldap_settings.h"

struct ldap_watch;

/* A thread of its own, asleep at first; NULL: it cannot be had. */
struct ldap_watch *ldap_watch_start(const struct ldap_settings *s,
    struct ldap_plug *watched);

/*
 * Watch the connection to this server from now on, whose plug is in; NULL:
 * none.  When that returns, the plug is not pulled for an earlier one.
 */
void ldap_watch_server(struct ldap_watch *w, const char *uri);

/* Was the plug pulled since ldap_watch_server was last called with a URI? */
bool ldap_watch_barked(struct ldap_watch *w);

void ldap_watch_stop(struct ldap_watch *w);

#endif
