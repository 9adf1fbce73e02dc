/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/probe/lint_opens.h"

#include <stdbool.h>
#include <string.h>

#define PLENTY 24

/* These ids are open when all of needs is there and nothing of unless. */
struct row {
	unsigned needs;
	unsigned unless;
	const char *ids[PLENTY];
};

/*
 * An open door lets every form through that ends abroad.  With nospecial
 * "!" and "%" are letters of a local user's name, so that those forms end
 * here.  P12 and P14 are refused by sendmail's parser whatever is configured.
 * By the time that delay_checks looks at "@localhost" and "@[ip]" they have
 * become the own name.
 */
#define ANYTHING(door)                                                       \
	{ door, 0, { "P00", "P01", "P05", "P06", "P10", "P13", "P15",        \
	    "P16", "P19", "G01", "G02", "G03", "G04", "G06", "G08", "G09",   \
	    "G10", "P01.31" } },                                             \
	{ door, OPEN_NO_UUCP, { "P17", "P18", "G11", "G12" } },              \
	{ door, OPEN_NO_PERCENT, { "P08", "P09", "P11", "G07", "G12",        \
	    "P08.28", "T17" } },                                             \
	{ (door) | OPEN_UNRESOLVABLE, 0, { "P02" } },                        \
	{ (door) | OPEN_UNQUALIFIED, 0, { "P03", "P04", "P07" } },           \
	{ (door) | OPEN_DELAY, 0, { "P03", "P07" } }

static const struct row rows[] = {
	ANYTHING(OPEN_ALL),
	ANYTHING(OPEN_CLASS),
	ANYTHING(OPEN_RULE),
	/* "$#" ends it all, before the look at the sender */
	{ OPEN_RULE | OPEN_AT_ONCE | OPEN_DELAY, 0, { "P02", "P04" } },
	/* P09 ... P18: their senders claim to be ours, as printed */
	{ OPEN_LOCAL_FROM, 0, { "P00", "P06", "P10", "P13", "P16", "P19" } },
	{ OPEN_LOCAL_FROM, OPEN_NO_PERCENT, { "P09", "P11" } },
	{ OPEN_LOCAL_FROM, OPEN_NO_UUCP, { "P18" } },
	{ OPEN_LOCAL_FROM | OPEN_UNQUALIFIED, 0, { "P03", "P07", "P15" } },
	{ OPEN_LOCAL_FROM | OPEN_UNQUALIFIED, OPEN_NO_UUCP, { "P17" } },
	{ OPEN_LOCAL_FROM | OPEN_DELAY, 0, { "P03", "P07", "P15" } },
	{ OPEN_LOCAL_FROM | OPEN_DELAY, OPEN_NO_UUCP, { "P17" } },
	{ OPEN_MAIL_FROM | OPEN_FROM_DOMAIN, 0, { "P00", "P06", "P10", "P13",
	    "P16", "P19" } },
	{ OPEN_MAIL_FROM | OPEN_FROM_DOMAIN, OPEN_NO_PERCENT,
	    { "P09", "P11" } },
	{ OPEN_MAIL_FROM | OPEN_FROM_DOMAIN, OPEN_NO_UUCP, { "P18" } },
	{ OPEN_MAIL_FROM | OPEN_FROM_ROOT, 0, { "P06" } },
	{ OPEN_MAIL_FROM | OPEN_FROM_POSTMASTER, 0, { "P19" } },
	{ OPEN_ENTIRE, 0, { "P01.31" } },
	/* the next hop reads the operator that nobody here has looked at */
	{ OPEN_LOOSE | OPEN_RELAY_DOMAIN, 0,
	    { "G01", "G02", "G03", "G06", "G08", "G09", "G10" } },
	{ OPEN_LOOSE | OPEN_RELAY_DOMAIN, OPEN_NO_PERCENT, { "G07" } },
	{ OPEN_LOOSE | OPEN_RELAY_DOMAIN, OPEN_NO_UUCP, { "G11" } },
	{ OPEN_NO_UUCP | OPEN_RELAY_DOMAIN, 0, { "G03", "G09" } },
	{ OPEN_NO_UUCP | OPEN_RELAY_DOMAIN, OPEN_NO_PERCENT, { "G12" } },
	{ OPEN_NO_PERCENT | OPEN_RELAY_DOMAIN, 0,
	    { "G01", "G06", "G08", "G10" } },
	/* and so does the hub */
	{ OPEN_HUB, 0, { "P13.1" } },
	{ OPEN_HUB | OPEN_NO_PERCENT, 0,
	    { "P08", "P09", "P11", "G07", "P08.28", "T17" } },
	{ OPEN_HUB | OPEN_NO_UUCP, 0, { "P17", "P18", "G11" } },
	{ OPEN_HUB | OPEN_NO_UUCP | OPEN_NO_PERCENT, 0, { "G12" } },
};

/* All of them, in the order of the tables. */
static const char *const order[] = { "P00", "P01", "P02", "P03", "P04", "P05",
	"P06", "P07", "P08", "P09", "P10", "P11", "P13", "P15", "P16", "P17",
	"P18", "P19", "G01", "G02", "G03", "G04", "G06", "G07", "G08", "G09",
	"G10", "G11", "G12", "P08.28", "T17", "P13.1", "P01.31" };

static bool
has(const struct row *row, const char *id)
{
	size_t i;

	for (i = 0; i < PLENTY && row->ids[i] != NULL; i++)
		if (strcmp(row->ids[i], id) == 0)
			return true;
	return false;
}

static bool
is_open(unsigned all, unsigned one, const char *id)
{
	const struct row *row;

	for (row = rows; row < rows + sizeof rows / sizeof rows[0]; row++)
		if ((row->needs & all) == row->needs &&
		    (row->needs & one) != 0 && (row->unless & all) == 0 &&
		    has(row, id))
			return true;
	return false;
}

size_t
lint_opens(unsigned all, unsigned one, const char *ids[LINT_OPENS_MAX])
{
	size_t i, n = 0;

	for (i = 0; i < sizeof order / sizeof order[0]; i++)
		if (is_open(all, one, order[i]))
			ids[n++] = order[i];
	return n;
}
