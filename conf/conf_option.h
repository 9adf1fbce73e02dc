/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_option.h - the table of options: name, kind, place in struct conf,
 * default, what is allowed.  To add an option: a field in conf.h, a row in
 * conf_option_table.c, an entry in relayguard.yaml and relayguard.yaml(5).
 */
#ifndef CONF_CONF_OPTION_H
#define CONF_CONF_OPTION_H

#include "conf/conf.h"

enum option_kind {
	OPTION_TEXT,   /* char * */
	OPTION_LIST,   /* struct conf_list */
	OPTION_CHOICE, /* an enum, whose values count from 0 */
	OPTION_BOOL,   /* bool: true or false, no other word */
	OPTION_NUMBER  /* unsigned */
};

struct option {
	const char *name;
	enum option_kind kind;
	size_t at;            /* offset in struct conf */
	size_t given;         /* offset of its X_given, or 0 */
	const char *fallback; /* the default, as it would be written; NULL: none */
	const char *right;    /* what is right, in words */
	bool (*check)(struct text value); /* text, each element of a list */
	const char *const *choices;       /* NULL-terminated */
	unsigned least, most; /* of a number; most elements of a list, 0: any */
};

#define OPTIONS 46
extern const struct option option_table[OPTIONS];

/* Decimal digits alone, within least and most. */
bool option_number(struct text s, unsigned least, unsigned most,
    unsigned *out);

/* Index of the option with this name, or OPTIONS. */
size_t option_find(struct text name);

/* All names, NULL-terminated, for word_hint. */
void option_names(const char *out[OPTIONS + 1]);

/* Results of option_set. */
enum option_error {
	OPTION_OK = 0,
	OPTION_WRONG,     /* not what option->right says */
	OPTION_TWICE,     /* element of a list that is there already */
	OPTION_NO_MEMORY
};

/*
 * Set one option of conf from its text, or append one element to a list.
 * Text that was there before is freed.
 */
enum option_error option_set(struct conf *conf, const struct option *o,
    struct text value);

/* The option stands in the file: set its X_given, make a list empty. */
void option_begin(struct conf *conf, const struct option *o);

/* Release what the option holds. */
void option_free(struct conf *conf, const struct option *o);

#endif
