/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/conf_option.h"

#include <stdlib.h>

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Decimal digits alone, within least and most. */
bool
option_number(struct text s, unsigned least, unsigned most, unsigned *out)
{
	size_t i;

	*out = 0;
	if (s.n == 0 || s.n > 9)
		return false;
	for (i = 0; i < s.n; i++) {
		if (!is_digit(s.at[i]))
			return false;
		*out = *out * 10 + (unsigned)(s.at[i] - '0');
	}
	return *out >= least && *out <= most;
}

size_t
option_find(struct text name)
{
	size_t i;

	for (i = 0; i < OPTIONS; i++)
		if (text_equal(name, text_of(option_table[i].name)))
			break;
	return i;
}

void
option_names(const char *out[OPTIONS + 1])
{
	size_t i;

	for (i = 0; i < OPTIONS; i++)
		out[i] = option_table[i].name;
	out[OPTIONS] = NULL;
}

static void *
field(struct conf *conf, size_t at)
{
	return (char *)conf + at;
}

static enum option_error
set_text(char **slot, struct text value)
{
	char *copy = value.n > 0 ? strndup(value.at, value.n) : strdup("");

	if (copy == NULL)
		return OPTION_NO_MEMORY;
	free(*slot);
	*slot = copy;
	return OPTION_OK;
}

static enum option_error
append(struct conf_list *list, struct text value)
{
	char **at;
	unsigned i;

	for (i = 0; i < list->n; i++)
		if (text_equal(text_of(list->at[i]), value))
			return OPTION_TWICE;
	at = realloc(list->at, (list->n + 1) * sizeof *at);
	if (at == NULL)
		return OPTION_NO_MEMORY;
	list->at = at;
	at[list->n] = strndup(value.at, value.n);
	if (at[list->n] == NULL)
		return OPTION_NO_MEMORY;
	list->n++;
	return OPTION_OK;
}

/* Which of the words value is; false when none. */
static bool
choose(const char *const *words, struct text value, unsigned *out)
{
	for (*out = 0; words[*out] != NULL; ++*out)
		if (text_equal(value, text_of(words[*out])))
			return true;
	return false;
}

static enum option_error
set_choice(struct conf *conf, const struct option *o, struct text value)
{
	unsigned chosen;

	_Static_assert(sizeof(enum rule_mode) == sizeof chosen,
	    "options store their choice as unsigned");
	if (!choose(o->choices, value, &chosen))
		return OPTION_WRONG;
	if (o->kind == OPTION_BOOL)
		*(bool *)field(conf, o->at) = chosen != 0;
	else
		memcpy(field(conf, o->at), &chosen, sizeof chosen);
	return OPTION_OK;
}

enum option_error
option_set(struct conf *conf, const struct option *o, struct text value)
{
	if (o->check != NULL && !o->check(value))
		return OPTION_WRONG;
	switch (o->kind) {
	case OPTION_TEXT:
		return set_text(field(conf, o->at), value);
	case OPTION_LIST:
		return append(field(conf, o->at), value);
	case OPTION_CHOICE:
	case OPTION_BOOL:
		return set_choice(conf, o, value);
	case OPTION_NUMBER:
		return option_number(value, o->least, o->most,
		    field(conf, o->at)) ? OPTION_OK : OPTION_WRONG;
	}
	return OPTION_WRONG;
}

static void
free_list(struct conf_list *list)
{
	while (list->n > 0)
		free(list->at[--list->n]);
	free(list->at);
	list->at = NULL;
}

void
option_begin(struct conf *conf, const struct option *o)
{
	if (o->kind == OPTION_LIST)
		free_list(field(conf, o->at));
	if (o->given != 0)
		*(bool *)field(conf, o->given) = true;
}

void
option_free(struct conf *conf, const struct option *o)
{
	if (o->kind == OPTION_LIST)
		free_list(field(conf, o->at));
	if (o->kind == OPTION_TEXT)
		free(*(char **)field(conf, o->at));
}
