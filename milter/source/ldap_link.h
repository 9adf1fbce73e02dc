/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * ldap_link.h - one connection to the directory: secured, logged in, ready to
 * be searched.  It belongs to one thread; libldap gives the messages of one
 * handle to whoever asks first.  No call blocks for longer than the time limit
 * of the settings allows, but for the system's resolver.
 */
#ifndef SOURCE_LDAP_LINK_H
#define SOURCE_LDAP_LINK_H

#include "milter/source/ldap_plug.h"
#include "milter/source/ldap_settings.h"
#include "milter/source/ldap_trouble.h"

struct ldap; /* libldap's handle */
struct ldap_link;

/*
 * Once, before any other call to libldap and before there are threads that
 * read the environment: user's and system's ldaprc files and LDAP* variables
 * are ignored from then on.
 */
void ldap_link_prepare(void);

/*
 * Connect, secure and log in; NULL with why said.  plug: may be pulled by
 * others for as long as the link is open; nobody else's meanwhile.
 */
struct ldap_link *ldap_link_open(const struct ldap_settings *s,
    const char *uri, struct ldap_plug *plug, struct ldap_trouble *why);
void ldap_link_close(struct ldap_link *l);

struct ldap *ldap_link_handle(const struct ldap_link *l);
const struct ldap_settings *ldap_link_settings(const struct ldap_link *l);

/* Why the handle's last call failed with this code, with what it was about. */
void ldap_link_explain(const struct ldap_link *l, int code,
    enum ldap_step step, struct ldap_trouble *why);
/* The same with what the server said, NULL for nothing. */
void ldap_link_explain_said(const struct ldap_link *l, int code,
    enum ldap_step step, const char *said, struct ldap_trouble *why);

#endif
