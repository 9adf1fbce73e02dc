/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GeneralizedTime: YYYYMMDDHH[MM[SS]][(.|,)fraction](Z|(+|-)HH[MM]).  The
 * calendar is that of policy_file_date.
 */
#include "conf/ldap_value.h"
#include "conf/policy_file.h"

static bool
is_digit(struct text s, size_t i)
{
	return i < s.n && s.at[i] >= '0' && s.at[i] <= '9';
}

/* Cut two digits off s; -1 when there are none. */
static int
two_digits(struct text *s)
{
	int value;

	if (!is_digit(*s, 0) || !is_digit(*s, 1))
		return -1;
	value = (s->at[0] - '0') * 10 + (s->at[1] - '0');
	*s = text_cut(*s, 2, s->n);
	return value;
}

/* Cut the fraction off s; false when its digits are missing. */
static bool
read_fraction(struct text *s, int64_t unit, int64_t *seconds)
{
	int64_t value = 0, scale = 1;
	size_t i;

	*seconds = 0;
	if (s->n == 0 || (s->at[0] != '.' && s->at[0] != ','))
		return true;
	for (i = 1; is_digit(*s, i); i++)
		if (scale < INT64_C(1000000000)) {
			value = value * 10 + (s->at[i] - '0');
			scale *= 10;
		}
	*s = text_cut(*s, i, s->n);
	*seconds = value * unit / scale;
	return i > 1;
}

/* What remains must be the time zone; its offset from UTC. */
static bool
read_zone(struct text s, int64_t *offset)
{
	bool minus = s.n > 0 && s.at[0] == '-';
	int hour, minute = 0;

	*offset = 0;
	if (s.n == 0)
		return false;
	if (s.at[0] == 'Z')
		return s.n == 1;
	if (!minus && s.at[0] != '+')
		return false;
	s = text_cut(s, 1, s.n);
	hour = two_digits(&s);
	if (s.n > 0)
		minute = two_digits(&s);
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || s.n > 0)
		return false;
	*offset = (minus ? -1 : 1) * (hour * 60 + minute) * INT64_C(60);
	return true;
}

/* The start of the day that the first eight digits name. */
static bool
read_day(struct text s, int64_t *out)
{
	char day[10] = "YYYY-MM-DD";

	if (s.n < 8)
		return false;
	memcpy(day, s.at, 4);
	memcpy(day + 5, s.at + 4, 2);
	memcpy(day + 8, s.at + 6, 2);
	if (!policy_file_date((struct text){ day, sizeof day }, out))
		return false;
	*out -= 24 * 60 * 60; /* that was its end */
	return true;
}

bool
ldap_time(struct text value, int64_t *out)
{
	int64_t day, unit = 3600, fraction, offset;
	int hour, minute = 0, second = 0;

	if (!read_day(value, &day))
		return false;
	value = text_cut(value, 8, value.n);
	hour = two_digits(&value);
	if (is_digit(value, 0)) {
		minute = two_digits(&value);
		unit = 60;
	}
	if (unit == 60 && is_digit(value, 0)) {
		second = two_digits(&value);
		unit = 1;
	}
	if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 ||
	    second > 60 || !read_fraction(&value, unit, &fraction) ||
	    !read_zone(value, &offset))
		return false;
	*out = day + (hour * 60 + minute) * 60 + second + fraction - offset;
	return *out > 0;
}
