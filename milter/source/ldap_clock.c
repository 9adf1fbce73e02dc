/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_clock.h"

#include <stdio.h>

/* The number in the n digits from from on; -1: one is none. */
static int
digits(struct text t, size_t from, size_t n)
{
	int value = 0;
	size_t i;

	for (i = from; i < from + n; i++) {
		if (t.at[i] < '0' || t.at[i] > '9')
			return -1;
		value = value * 10 + (t.at[i] - '0');
	}
	return value;
}

/* "Z", or ".123Z" */
static bool
is_end(struct text t)
{
	size_t i;

	if (t.n == 1)
		return t.at[0] == 'Z';
	if (t.n < 3 || (t.at[0] != '.' && t.at[0] != ',') ||
	    t.at[t.n - 1] != 'Z')
		return false;
	for (i = 1; i + 1 < t.n; i++)
		if (t.at[i] < '0' || t.at[i] > '9')
			return false;
	return true;
}

bool
ldap_clock_parse(struct text t, time_t *out)
{
	int part[6]; /* year, month, day, hour, minute, second */
	struct tm tm = { 0 };
	size_t i;

	if (t.n < 15 || !is_end(text_cut(t, 14, t.n)))
		return false;
	part[0] = digits(t, 0, 4);
	for (i = 1; i < 6; i++)
		part[i] = digits(t, 2 + 2 * i, 2);
	if (part[0] < 0 || part[1] < 1 || part[1] > 12 || part[2] < 1 ||
	    part[2] > 31 || part[3] < 0 || part[3] > 23 || part[4] < 0 ||
	    part[4] > 59 || part[5] < 0 || part[5] > 60)
		return false;
	tm.tm_year = part[0] - 1900;
	tm.tm_mon = part[1] - 1;
	tm.tm_mday = part[2];
	tm.tm_hour = part[3];
	tm.tm_min = part[4];
	tm.tm_sec = part[5];
	*out = timegm(&tm);
	return true;
}

const char *
ldap_clock_print(time_t when, char *out)
{
	struct tm tm = { 0 };

	gmtime_r(&when, &tm);
	snprintf(out, LDAP_CLOCK_MAX, "%04d%02d%02d%02d%02d%02dZ",
	    tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour,
	    tm.tm_min, tm.tm_sec);
	return out;
}
