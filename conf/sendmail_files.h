/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendmail_files.h - sendmail's own files, read as sendmail 8.17 reads them:
 * local-host-names (class w), relay-domains (class R) and the source text of
 * the access map, as makemap(8) takes it.
 *
 * What would open the relay (a top-level domain, a whole address family) is an
 * error.  What sendmail judges by itself, or what must never make a client
 * trusted (host names, senders), is a note and grants nothing.  All three
 * register name as a source of b; lines without mistake are added all the
 * same, so drop the builder when c->errors has grown.
 */
#ifndef CONF_SENDMAIL_FILES_H
#define CONF_SENDMAIL_FILES_H

#include "conf/complaint.h"
#include "policy/policy.h"

/* Words become POLICY_LOCAL: names exactly, "[1.2.3.4]" as literals. */
void sendmail_local_host_names_parse(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c);

/*
 * Class R has no direction.  A domain becomes POLICY_RELAY with all below it
 * (".domain": only what is below); an address or the first groups of one
 * ("10.56", "IPv6:2001:db8") becomes POLICY_CLIENT.
 */
void sendmail_relay_domains_parse(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c);

/*
 * RELAY grants: "To:domain" is POLICY_RELAY, "Connect:address" is
 * POLICY_CLIENT, untagged keys are either.  Any other value is a denial that
 * takes back what a shorter key of this same file grants, because in sendmail
 * the longest key decides; where nothing is granted it is left out.
 */
void sendmail_access_parse(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c);

#endif
