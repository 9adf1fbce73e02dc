/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * sendmail_cf.h - takes a sendmail.cf apart, as readcf() of sendmail 8.17
 * does: into commands of one letter, each with a name and a value.  What the
 * commands mean is for others to judge.
 *
 * A command goes on over lines that begin with a blank or a tab; a '#' that
 * stands behind neither '$' nor '\' ends its line.  All text points into
 * the content given.
 */
#ifndef CONF_SENDMAIL_CF_H
#define CONF_SENDMAIL_CF_H

#include "conf/complaint.h"
#include "policy/text.h"

/* Each is the letter that the command begins with. */
enum cf_kind {
	CF_OPTION = 'O',     /* name as written, value without '=' */
	CF_MACRO = 'D',      /* name, value */
	CF_CLASS = 'C',      /* name; the words of value are its members */
	CF_CLASS_FILE = 'F', /* name; cf_class_file() tells the rest */
	CF_MAP = 'K',        /* name; value is its class and arguments */
	CF_MILTER = 'X',     /* name; cf_field() finds S, F and T in value */
	CF_RULESET = 'S',    /* name, without "=number" */
	CF_RULE = 'R',       /* name is the rule set, value both sides */
	CF_OTHER = '?'       /* any other that sendmail knows; value is all */
};

struct cf_line {
	enum cf_kind kind;
	unsigned line;     /* where it begins, from 1 */
	unsigned value_line; /* where value begins */
	struct text name;  /* without the braces of "{Name}" */
	struct text value; /* no blanks at its ends; may hold line ends */
};

struct sendmail_cf {
	size_t n;
	struct cf_line *at;
	size_t cap;
};

/*
 * Take content apart.  c gets an error for each line that sendmail too would
 * stop at (an unknown command, a rule without a tab or before any rule set), a
 * NUL byte, and when nothing in it looks like a sendmail.cf: it has no rule
 * set.  What could be read is in *out all the same; free it in any case.
 */
void sendmail_cf_parse(struct text content, const char *file,
    struct sendmail_cf *out, struct complaints *c);

void sendmail_cf_free(struct sendmail_cf *cf);

/* A value being read word by word. */
struct cf_words {
	struct text rest;
	unsigned line; /* of the word handed out last */
};

struct cf_words cf_words_of(const struct cf_line *line);

/* The next word, comments and line ends left out; empty at the end. */
struct text cf_word(struct cf_words *words);

/*
 * "F{R}-o /etc/mail/relay-domains %[^\#]": where the members of a class come
 * from.  Empty path: there is none, the command is broken.
 */
struct cf_class_file {
	bool optional;      /* it may be missing */
	bool is_map;        /* "key@class:arguments", "@LDAP": not a file */
	bool is_program;    /* "|command": its output */
	struct text path;   /* the file, the map or the command line */
	struct text format; /* as for scanf(3), or empty */
};

struct cf_class_file cf_class_file(const struct cf_line *line);

/*
 * The field of a milter's line: cf_field(line, 'F') is "T" in
 * "Xguard, S=local:/run/x, F=T".  at is NULL when there is no such field.
 */
struct text cf_field(const struct cf_line *line, char key);

/* The sides of a rule; what stands behind the second is a comment. */
struct cf_rule {
	struct text left;
	struct text right;
};

struct cf_rule cf_rule(const struct cf_line *line);

/*
 * Are both the same but for blanks?  For finding a rule that m4 wrote: those
 * who touch it up change its blanks first.
 */
bool cf_same_but_blanks(struct text a, struct text b);

#endif
