/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dates of the native policy file, without the C library's time functions:
 * those know time zones and locales, which a policy must not depend on.
 */
#include "conf/policy_file.h"

/* Exactly n decimal digits at position at, as a number, or -1. */
static int
digits(struct text s, size_t at, size_t n)
{
	int value = 0;
	size_t i;

	for (i = at; i < at + n; i++) {
		if (s.at[i] < '0' || s.at[i] > '9')
			return -1;
		value = value * 10 + (s.at[i] - '0');
	}
	return value;
}

static bool
is_leap(int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/* How long a month is; month is 1..12. */
static int
month_days(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31,
		30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

/* Days from 1970-01-01 to a valid later date of the Gregorian calendar. */
static int
days_since_epoch(int year, int month, int day)
{
	int y, m, days = day - 1;

	for (m = 1; m < month; m++)
		days += month_days(year, m);
	y = year - 1;
	return days + (year - 1970) * 365 + (y / 4 - y / 100 + y / 400) -
	    (1969 / 4 - 1969 / 100 + 1969 / 400);
}

/* The time behind the date: "Thh:mm:ssZ", as seconds of the day, or -1. */
static int
seconds_of_day(struct text s)
{
	int hour = digits(s, 11, 2), minute = digits(s, 14, 2);
	int second = digits(s, 17, 2);

	if (s.at[10] != 'T' || s.at[13] != ':' || s.at[16] != ':' ||
	    s.at[19] != 'Z')
		return -1;
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 59)
		return -1;
	return (hour * 60 + minute) * 60 + second;
}

bool
policy_file_date(struct text s, int64_t *out)
{
	int year, month, day, seconds = 24 * 60 * 60;

	if (s.n != 10 && s.n != 20)
		return false;
	year = digits(s, 0, 4);
	month = digits(s, 5, 2);
	day = digits(s, 8, 2);
	if (s.at[4] != '-' || s.at[7] != '-' || year < 1970 || month < 1 ||
	    month > 12 || day < 1 || day > month_days(year, month))
		return false;
	if (s.n == 20)
		seconds = seconds_of_day(s);
	if (seconds < 0)
		return false;
	*out = (int64_t)days_since_epoch(year, month, day) * (24 * 60 * 60) +
	    seconds;
	return *out > 0; /* 0 would mean never */
}
