/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_clock.h"

#include <stdio.h>

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
