/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/audit/when.h"

#include <stdio.h>

#define DAY_MS (INT64_C(24) * 60 * 60 * 1000)

struct date {
	int64_t year;
	unsigned month, day;
};

/*
 * Days from 1970-01-01 in the Gregorian calendar.  Years begin in March here,
 * so that the leap day is their last day.
 */
static int64_t
days_of(const struct date *d)
{
	int64_t year = d->year - (d->month <= 2);
	int64_t era = (year >= 0 ? year : year - 399) / 400;
	int64_t of_era = year - era * 400;
	int64_t of_year = (153 * ((d->month + 9) % 12) + 2) / 5 + d->day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 +
	    of_year - 719468;
}

/* The way back. */
static struct date
date_of(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t n = z - era * 146097;
	int64_t year = (n - n / 1460 + n / 36524 - n / 146096) / 365;
	int64_t of_year = n - (365 * year + year / 4 - year / 100);
	int64_t m = (5 * of_year + 2) / 153;
	struct date d;

	d.day = (unsigned)(of_year - (153 * m + 2) / 5 + 1);
	d.month = (unsigned)(m < 10 ? m + 3 : m - 9);
	d.year = year + era * 400 + (d.month <= 2);
	return d;
}

/* Split into days and the milliseconds of the day, which are never < 0. */
static int64_t
split_day(int64_t ms, unsigned *of_day)
{
	int64_t days = ms / DAY_MS, rest = ms % DAY_MS;

	if (rest < 0) {
		rest += DAY_MS;
		days--;
	}
	*of_day = (unsigned)rest;
	return days;
}

const char *
when_print(int64_t ms, char *out)
{
	unsigned t;
	struct date d = date_of(split_day(ms, &t));

	snprintf(out, WHEN_TEXT_MAX, "%04u-%02u-%02uT%02u:%02u:%02u.%03uZ",
	    (unsigned)((d.year % 10000 + 10000) % 10000), d.month % 100,
	    d.day % 100, t / 3600000 % 24, t / 60000 % 60, t / 1000 % 60,
	    t % 1000);
	return out;
}

const char *
when_print_minute(int64_t ms, char *out)
{
	when_print(ms, out);
	out[10] = ' ';
	out[16] = '\0';
	return out;
}

/* Take exactly n digits from the front of s. */
static bool
take_number(struct text *s, size_t n, unsigned *out)
{
	size_t i;

	if (s->n < n)
		return false;
	*out = 0;
	for (i = 0; i < n; i++) {
		if (s->at[i] < '0' || s->at[i] > '9')
			return false;
		*out = *out * 10 + (unsigned)(s->at[i] - '0');
	}
	*s = text_cut(*s, n, s->n);
	return true;
}

static bool
take_byte(struct text *s, char c)
{
	if (s->n == 0 || text_lower(s->at[0]) != c)
		return false;
	*s = text_cut(*s, 1, s->n);
	return true;
}

static bool
take_date(struct text *s, int64_t *days)
{
	struct date d, again;
	unsigned year;

	if (!take_number(s, 4, &year) || !take_byte(s, '-') ||
	    !take_number(s, 2, &d.month) || !take_byte(s, '-') ||
	    !take_number(s, 2, &d.day) || d.month < 1 || d.month > 12)
		return false;
	d.year = year;
	*days = days_of(&d);
	/* 31 April comes back as another day */
	again = date_of(*days);
	return again.day == d.day && again.month == d.month;
}

/* ".123456": everything after the milliseconds is read and dropped. */
static bool
take_fraction(struct text *s, unsigned *ms)
{
	unsigned digit, scale = 100;

	*ms = 0;
	if (!take_byte(s, '.'))
		return true;
	if (!take_number(s, 1, &digit))
		return false;
	do {
		*ms += digit * scale;
		scale /= 10;
	} while (take_number(s, 1, &digit));
	return true;
}

static bool
take_time(struct text *s, int64_t *of_day)
{
	unsigned hour, minute, second, ms;

	if (!take_number(s, 2, &hour) || !take_byte(s, ':') ||
	    !take_number(s, 2, &minute) || !take_byte(s, ':') ||
	    !take_number(s, 2, &second) || !take_fraction(s, &ms))
		return false;
	*of_day = ((INT64_C(60) * hour + minute) * 60 + second) * 1000 + ms;
	return hour <= 23 && minute <= 59 && second <= 60;
}

/* "Z", "+02:00", "-05:30": in milliseconds east of UTC. */
static bool
take_offset(struct text *s, int64_t *east)
{
	unsigned hour, minute;
	int64_t sign;

	*east = 0;
	if (take_byte(s, 'z'))
		return true;
	sign = take_byte(s, '-') ? -1 : 1;
	if (sign > 0 && !take_byte(s, '+'))
		return false;
	if (!take_number(s, 2, &hour) || !take_byte(s, ':') ||
	    !take_number(s, 2, &minute) || hour > 23 || minute > 59)
		return false;
	*east = sign * (INT64_C(60) * hour + minute) * 60000;
	return true;
}

bool
when_parse(struct text s, int64_t *ms)
{
	int64_t days, of_day, east;

	if (!take_date(&s, &days) || !(take_byte(&s, 't') ||
	    take_byte(&s, ' ')) || !take_time(&s, &of_day) ||
	    !take_offset(&s, &east) || s.n != 0)
		return false;
	*ms = days * DAY_MS + of_day - east;
	return true;
}

/* One to six digits and a unit. */
static bool
parse_span(struct text s, int64_t *ms)
{
	static const char units[] = "smhdw";
	static const int64_t length[] = { 1000, 60000, 3600000, DAY_MS,
		7 * DAY_MS };
	unsigned number;
	const char *unit;

	if (s.n < 2 || s.n > 7 || s.at[s.n - 1] == '\0' ||
	    (unit = strchr(units, text_lower(s.at[s.n - 1]))) == NULL)
		return false;
	s.n--;
	if (!take_number(&s, s.n, &number))
		return false;
	*ms = number * length[unit - units];
	return true;
}

bool
when_parse_since(struct text s, int64_t now, int64_t *ms)
{
	struct text date = s;
	int64_t n;

	if (when_parse(s, ms))
		return true;
	if (take_date(&date, &n) && date.n == 0) {
		*ms = n * DAY_MS;
		return true;
	}
	if (!parse_span(s, &n))
		return false;
	*ms = now - n;
	return true;
}
