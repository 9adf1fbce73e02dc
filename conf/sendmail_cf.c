/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/sendmail_cf.h"

#include <stdlib.h>

#include "conf/sendmail_cf_text.h"

/* A file with more mistakes than this is something else. */
#define ERRORS_MAX 20

struct reader {
	const char *file;
	struct sendmail_cf *cf;
	struct complaints *complaints;
	struct text set; /* the rule set being read; at is NULL before any */
	struct text command; /* what is being read now */
	size_t errors;
};

/* A comment at the very end of a command, and the spaces before it. */
static struct text
without_comment(struct text t)
{
	size_t at = cf_find_comment(t);

	if (cf_newlines(text_cut(t, at, t.n)) == 0)
		t.n = at;
	return cf_strip(t);
}

static void
complain(struct reader *r, unsigned line, const char *what, struct text t)
{
	size_t n = text_find(t, '\n');

	r->errors++;
	complaint_add(r->complaints, COMPLAINT_ERROR, r->file, line,
	    "%s: \"%.*s\"", what, (int)(n < 40 ? n : 40), n > 0 ? t.at : "");
}

static void
keep(struct reader *r, struct cf_line line)
{
	struct sendmail_cf *cf = r->cf;
	size_t cap = cf->cap == 0 ? 512 : cf->cap * 2;
	struct cf_line *at;

	if (cf->n == cf->cap) {
		at = realloc(cf->at, cap * sizeof *at);
		if (at == NULL) {
			r->complaints->out_of_memory = true;
			r->complaints->errors++;
			return;
		}
		cf->at = at;
		cf->cap = cap;
	}
	line.value_line = line.line;
	if (line.value.n > 0)
		line.value_line += cf_newlines(text_cut(r->command, 0,
		    (size_t)(line.value.at - r->command.at)));
	cf->at[cf->n++] = line;
}

/* ---- names and values ---- */

static void
split(struct cf_line *line, struct text rest, size_t name_end)
{
	line->name = text_cut(rest, 0, name_end);
	line->value = without_comment(text_cut(rest, name_end, rest.n));
}

/* "{Name}value" or one letter: macros and classes. */
static void
split_id(struct cf_line *line, struct text rest)
{
	size_t close = text_find(rest, '}');

	if (rest.n > 0 && rest.at[0] == '{' && close < rest.n) {
		split(line, rest, close + 1);
		line->name = text_cut(rest, 1, close);
	} else {
		split(line, rest, rest.n > 0 ? 1 : 0);
	}
}

/* "O Name=value", or the old "Oxvalue". */
static void
split_option(struct cf_line *line, struct text rest)
{
	if (rest.n == 0 || !cf_is_space(rest.at[0])) {
		split(line, rest, rest.n > 0 ? 1 : 0);
		return;
	}
	rest = cf_strip(rest);
	split(line, rest, cf_word_end(rest, "="));
	if (line->value.n > 0 && line->value.at[0] == '=')
		line->value = cf_strip(text_cut(line->value, 1, line->value.n));
}

/* "Xname, S=..., F=..." */
static void
split_milter(struct cf_line *line, struct text rest)
{
	split(line, rest, cf_word_end(rest, ","));
	if (line->value.n > 0 && line->value.at[0] == ',')
		line->value = cf_strip(text_cut(line->value, 1, line->value.n));
}

static void
take_rule(struct reader *r, struct cf_line *line, struct text rest)
{
	if (r->set.at == NULL) {
		complain(r, line->line, "a rule before any rule set", rest);
		return;
	}
	if (text_find(rest, '\t') == rest.n) {
		complain(r, line->line, "a rule without a tab", rest);
		return;
	}
	line->name = r->set;
	line->value = without_comment(rest);
	keep(r, *line);
}

/* One command; what is behind its letter is rest. */
static void
take_command(struct reader *r, char letter, struct text rest, unsigned number)
{
	struct cf_line line = { .kind = (enum cf_kind)letter, .line = number };

	switch (letter) {
	case CF_RULE:
		take_rule(r, &line, rest);
		return;
	case CF_RULESET:
		rest = cf_strip(rest);
		split(&line, rest, cf_word_end(rest, "=#"));
		r->set = line.name;
		break;
	case CF_OPTION:
		split_option(&line, rest);
		break;
	case CF_MACRO:
	case CF_CLASS:
	case CF_CLASS_FILE:
		split_id(&line, rest);
		break;
	case CF_MAP:
		rest = cf_strip(rest);
		split(&line, rest, cf_word_end(rest, ""));
		break;
	case CF_MILTER:
		split_milter(&line, rest);
		break;
	default:
		line.kind = CF_OTHER;
		line.value = without_comment(rest);
		break;
	}
	keep(r, line);
}

/* ---- lines ---- */

/* The next command with the lines that it goes on over. */
static struct text
next_command(struct text *rest)
{
	struct text command = *rest;
	size_t end = 0;

	do {
		end += text_find(text_cut(*rest, end, rest->n), '\n');
		end += end < rest->n;
	} while (end < rest->n && text_is_blank(rest->at[end]));
	command.n = end;
	*rest = text_cut(*rest, end, rest->n);
	return command;
}

/* Letters that sendmail knows, beside those of enum cf_kind. */
static bool
is_known(char letter)
{
	return letter != '\0' && strchr("ODCFKXSREHMPQTV", letter) != NULL;
}

static void
read_command(struct reader *r, struct text command, unsigned number)
{
	size_t nul = text_find(command, '\0');

	r->command = command;
	if (nul < command.n) {
		complain(r, number + cf_newlines(text_cut(command, 0, nul)),
		    "a NUL byte", TEXT(""));
		return;
	}
	if (command.at[0] == '#' || cf_strip(command).n == 0)
		return;
	if (!is_known(command.at[0]))
		complain(r, number, "no command of a sendmail.cf", command);
	else
		take_command(r, command.at[0],
		    text_cut(command, 1, command.n), number);
}

void
sendmail_cf_parse(struct text content, const char *file,
    struct sendmail_cf *out, struct complaints *c)
{
	struct reader r = { .file = file, .cf = out, .complaints = c };
	unsigned number = 1;
	struct text command;

	*out = (struct sendmail_cf){ 0 };
	while (content.n > 0 && r.errors < ERRORS_MAX && !c->out_of_memory) {
		command = next_command(&content);
		read_command(&r, command, number);
		number += cf_newlines(command);
	}
	if (r.set.at == NULL)
		complaint_add(c, COMPLAINT_ERROR, file, 0,
		    "not a sendmail.cf: there is no rule set in it");
}

void
sendmail_cf_free(struct sendmail_cf *cf)
{
	free(cf->at);
	*cf = (struct sendmail_cf){ 0 };
}
