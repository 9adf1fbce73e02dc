/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/advice.h"

#include <string.h>

const char *
advice_mta_text(enum advice_mta m)
{
	static const char *const text[MTAS] = { "an unknown mail server",
		"Sendmail", "Postfix", "Exim", "Microsoft Exchange",
		"OpenSMTPD", "EMWAC IMS", "relayguard" };

	return text[m];
}

struct sign {
	const char *word;
	enum advice_mta mta;
};

/* In any case; the more special one first. */
static const struct sign banners[] = {
	{ "opensmtpd", MTA_OPENSMTPD },
	{ "sendmail", MTA_SENDMAIL },
	{ "postfix", MTA_POSTFIX },
	{ "exim", MTA_EXIM },
	{ "microsoft esmtp mail", MTA_EXCHANGE },
	{ "microsoft exchange", MTA_EXCHANGE },
	{ "emwac", MTA_IMS },
};

/* To the letter: they differ in little else. */
static const struct sign replies[] = {
	{ "... Sender ok", MTA_SENDMAIL },
	{ "... Recipient ok", MTA_SENDMAIL },
	{ "... Relaying denied", MTA_SENDMAIL },
	{ "... User unknown", MTA_SENDMAIL },
	{ "Relay access denied", MTA_POSTFIX },
	{ "Recipient address rejected", MTA_POSTFIX },
	{ "Sender address rejected", MTA_POSTFIX },
	{ "2.1.5 Ok", MTA_POSTFIX },
	{ "relay not permitted", MTA_EXIM },
	{ "Unrouteable address", MTA_EXIM },
	{ "Unable to relay", MTA_EXCHANGE },
	{ "2.1.0 Sender OK", MTA_EXCHANGE },
	{ "2.1.5 Recipient OK", MTA_EXCHANGE },
	{ "Destination address valid", MTA_OPENSMTPD },
	{ "Invalid recipient:", MTA_OPENSMTPD },
};

static enum advice_mta
mta_of_banner(const char *banner)
{
	size_t i;

	for (i = 0; i < sizeof banners / sizeof banners[0]; i++)
		if (strcasestr(banner, banners[i].word) != NULL)
			return banners[i].mta;
	return MTA_UNKNOWN;
}

static void
count_reply(const struct reply *reply, size_t votes[MTAS])
{
	size_t i;

	if (reply_by(reply).layer == LAYER_GUARD)
		return;
	for (i = 0; i < sizeof replies / sizeof replies[0]; i++)
		if (strstr(reply->last, replies[i].word) != NULL) {
			votes[replies[i].mta]++;
			return;
		}
}

static void
count_score(const struct probe_score *s, size_t votes[MTAS])
{
	size_t i, k;

	for (i = 0; i < s->n; i++)
		for (k = 0; k < s->attempt[i].n; k++)
			count_reply(&s->attempt[i].step[k].reply, votes);
}

/* What most replies read like; unknown when two are even. */
static enum advice_mta
mta_of_replies(const struct probe_result *r)
{
	size_t votes[MTAS] = { 0 }, i;
	enum advice_mta best = MTA_UNKNOWN;
	bool even = true;
	int m;

	for (i = 0; i < r->n_controls; i++)
		count_score(&r->control[i], votes);
	for (i = 0; i < r->n_tests; i++)
		count_score(&r->test[i], votes);
	for (m = MTA_SENDMAIL; m < MTAS; m++) {
		if (votes[m] > votes[best]) {
			best = (enum advice_mta)m;
			even = false;
		} else if (votes[m] > 0 && votes[m] == votes[best]) {
			even = true;
		}
	}
	return even ? MTA_UNKNOWN : best;
}

enum advice_mta
advice_mta_of(const struct probe_result *r, char how[ADVICE_HOW_MAX])
{
	enum advice_mta said = mta_of_banner(r->banner);
	enum advice_mta shown = mta_of_replies(r);

	if (r->door != DOOR_SMTP) {
		snprintf(how, ADVICE_HOW_MAX, "its door was asked");
		return MTA_GUARD;
	}
	if (said != MTA_UNKNOWN && shown != MTA_UNKNOWN && said != shown)
		snprintf(how, ADVICE_HOW_MAX, "as its banner says, though its "
		    "replies read like those of %s", advice_mta_text(shown));
	else if (said != MTA_UNKNOWN)
		snprintf(how, ADVICE_HOW_MAX, "as its banner says");
	else if (shown != MTA_UNKNOWN)
		snprintf(how, ADVICE_HOW_MAX, "as its replies read");
	else
		snprintf(how, ADVICE_HOW_MAX, "neither banner nor replies "
		    "tell which, so the advice is general");
	return said != MTA_UNKNOWN ? said : shown;
}
