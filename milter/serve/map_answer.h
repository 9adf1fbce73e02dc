/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * map_answer.h - one question at the map door, and its answer.
 *
 * A request is "MAP KEY", a reply "STATUS VALUE", as in sendmail's and
 * Postfix's socketmap protocol.  The maps:
 *
 *   guard   sendmail's Local_check_rcpt asks it about each recipient.  KEY is
 *           fields between bytes 0x9b (sendmail's "$|"), the last ones may be
 *           missing: client address, sender, recipient, identity, own name, own
 *           address, queue id, result of TLS verification, certificate
 *           subject, result of the client's name ("OK": it leads back to the
 *           address), that name, HELO.  No client
 *           may get that byte into any but the last: sendmail takes 0x80-0x9f
 *           neither in MAIL nor in RCPT, for Exim contrib/ takes it out.
 *             OK RELAY         the policy grants it: skip sendmail's own rules
 *             OK DENY:D:"TEXT" refuse, enhanced code D, reply TEXT
 *             NOTFOUND         nothing against it: go on with sendmail's rules
 *             TEMP             no answer now: 451
 *   relay   KEY is a domain: OK RELAY when mail for it is relayed.
 *   client  KEY is an address: OK RELAY when it may relay anywhere.
 *   access  sendmail's access map: what the access file says, word for word,
 *           and OK RELAY for "connect:ADDRESS" and "to:DOMAIN" that another
 *           source of the policy grants; OK SKIP where a shorter key would
 *           grant what the policy does not (so FEATURE(`access_db') needs its
 *           argument `skip').
 */
#ifndef SERVE_MAP_ANSWER_H
#define SERVE_MAP_ANSWER_H

#include "milter/judge/judge.h"

/* Longest reply, without its frame; a line of the access file fits. */
#define MAP_REPLY_MAX 4200

/*
 * Answer one request (the payload of its netstring) into out; how many bytes.
 * session: number for the audit.  Never fails: what cannot be understood is
 * answered PERM.
 */
size_t map_answer(const struct judge *judge, unsigned long session,
    struct text request, char out[MAP_REPLY_MAX]);

#endif
