/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/table.h"

#include "policy/rules.h"

#define MAIL_OK "250 2.1.0"
#define DENIED "550 5.7.1"

/*
 * Where this table departs from the print: P17 and P18 have 172.16.4.14, a
 * typing error for the server's .140; P17's recipients are printed as
 * <x!root>, x!nobody, x!root, which two recipients give, as every test is sent
 * with and without brackets.  P02..P04 have no recipient in the paper.
 */
static const struct probe_test tests[] = {
	{ "P00", "a user of the server as sender", TRICK_SENDER,
	    "<{u}@{h}>", MAIL_OK, { "<{u}90@{d}>" }, DENIED },
	{ "P01", "foreign to foreign, the same address twice",
	    TRICK_RECIPIENT, "{u}@{s}", MAIL_OK, { "{u}@{s}" }, DENIED },
	{ "P02", "sender in a domain that does not exist",
	    TRICK_SENDER_ONLY, " spamtest@relayguard-probe.invalid",
	    "501 5.1.8", { "{u}90@{d}" }, DENIED },
	{ "P03", "sender at localhost",
	    TRICK_SENDER_ONLY, " relaytest@localhost", "553 5.5.4",
	    { "{u}90@{d}" }, DENIED },
	{ "P04", "sender without a domain",
	    TRICK_SENDER_ONLY, " <relaytest>", "553 5.5.4",
	    { "{u}90@{d}" }, DENIED },
	{ "P05", "the null sender", TRICK_SENDER,
	    "<>", MAIL_OK, { "{u}90@{d}" }, DENIED },
	{ "P06", "root of the server as sender", TRICK_SENDER,
	    " root@{h}", MAIL_OK, { " {u}90@{d}" }, DENIED },
	{ "P07", "sender at the server's address",
	    TRICK_SENDER, " spamtest@{ip}", MAIL_OK, { " {u}90@{d}" },
	    DENIED },
	{ "P08", "percent hack at the server's name",
	    TRICK_RECIPIENT, "{u}@{s}", MAIL_OK, { "{u}90%{d}@{h}" },
	    DENIED },
	{ "P09", "percent hack at the server's address",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK, { "{u}%{s}@{ip}" }, DENIED },
	{ "P10", "the whole address in quotes",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK,
	    { "\"{u}90@{d}\"", "\"{u}@{s}\"" }, DENIED },
	{ "P11", "percent hack in quotes, no domain",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK,
	    { "\"{u}90%{d}\"", "\"{u}%{s}\"" }, DENIED },
	{ "P12", "two at-signs in quotes", TRICK_RECIPIENT,
	    "{u}@{ip}", MAIL_OK, { "\"{u}90@{d}@{h}\"" }, DENIED },
	{ "P13", "quoted address at the server's address",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK, { "\"{u}90@{d}\"@{ip}" },
	    DENIED },
	{ "P14", "two at-signs", TRICK_RECIPIENT,
	    "{u}@{h}", MAIL_OK, { "{u}90@{d}@{ip}" }, DENIED },
	{ "P15", "source route over the server",
	    TRICK_RECIPIENT, "{u}@{ip}", MAIL_OK, { "@{h}:root@{s}" },
	    DENIED },
	{ "P16", "source route over the tester's address",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK, { "@{own}:root@{s}" },
	    DENIED },
	{ "P17", "UUCP path", TRICK_RECIPIENT,
	    "{u}@{ip}", MAIL_OK, { "{s}!root", "{s}!nobody" }, DENIED },
	{ "P18", "UUCP path at the server's address",
	    TRICK_RECIPIENT, "{u}@{h}", MAIL_OK, { "{s}!nobody@{ip}" },
	    DENIED },
	{ "P19", "postmaster of the server as sender",
	    TRICK_SENDER, "postmaster@{h}", MAIL_OK, { "root@{s}" }, DENIED },
};

/* A user of its own in A, so that the server's log tells it from P01. */
static const struct probe_test control_a = { "A", "foreign to foreign",
	TRICK_RECIPIENT, "<{u}-control@{s}>", MAIL_OK,
	{ "<{u}-control@{d}>" }, DENIED };
static const struct probe_test control_b = { "B",
	"foreign to an honest recipient", TRICK_RECIPIENT,
	"<{u}-control@{s}>", MAIL_OK, { "<{local}>" }, "250 2.1.5" };
static const struct probe_test control_c = { "C",
	"like A, from the machine itself", TRICK_RECIPIENT,
	"<{u}-control@{s}>", MAIL_OK, { "<{u}-control@{d}>" }, "250 2.1.5" };

size_t
table_count(void)
{
	return sizeof tests / sizeof tests[0];
}

const struct probe_test *
table_at(size_t i)
{
	return i < table_count() ? &tests[i] : NULL;
}

const struct probe_test *
table_control(char which)
{
	return which == 'A' ? &control_a : which == 'B' ? &control_b :
	    &control_c;
}

const char *
table_form(const struct probe_test *t)
{
	const struct rule *rule = rules_find(text_of(t->id));

	return rule != NULL ? rule->form : "control";
}
