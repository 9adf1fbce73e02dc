/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_import_read.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "conf/lines.h"
#include "conf/sendmail_files.h"
#include "milter/source/file.h"
#include "milter/source/policy_cf.h"
#include "milter/source/policy_ldif.h"

typedef void parser(struct text content, const char *name,
    struct policy_builder *b, struct complaints *c);

/* The lines of one source of which something is known. */
struct known {
	const char *file;
	bool *line; /* lines + 1 of them */
	unsigned lines;
	size_t entries, complaints; /* how many there were before it */
};

static void
know(struct known *k, unsigned line)
{
	if (line <= k->lines)
		k->line[line] = true;
}

static void
find_known(const struct policy_import *im, struct known *k)
{
	const struct policy *p = policy_builder_view(im->builder);
	const struct complaints *c = &im->complaints;
	struct policy_entry e;
	size_t i;

	for (i = k->entries; i < policy_entries(p); i++) {
		policy_entry_at(p, i, &e);
		know(k, e.line);
	}
	for (i = k->complaints; i < c->n; i++)
		know(k, c->at[i].line);
}

static bool
is_localhost(struct text word)
{
	if (word.n > 0 && word.at[word.n - 1] == '.')
		word.n--;
	return text_same(word, TEXT("localhost"));
}

#define NOTE(im, k, number, ...)                                             \
	complaint_add(&(im)->complaints, COMPLAINT_NOTE, (k)->file, number,  \
	    __VA_ARGS__)

/*
 * The parsers say nothing of what needs no mention in daily use.  Here all
 * that makes no entry is mentioned: a line of access ...
 */
static void
mention_access(struct policy_import *im, const struct known *k, unsigned number,
    struct text line)
{
	struct text key = line_word(&line), value = text_trim(line);

	if (k->line[number] || key.n == 0 || key.at[0] == '#')
		return;
	NOTE(im, k, number, "%.*s %.*s: %s", TEXT_ARG(key), TEXT_ARG(value),
	    text_same(value, TEXT("RELAY")) ?
	    "needs no entry, localhost is always here and always trusted" :
	    "neither grants relaying nor takes it back; stays in the access file");
}

/* ... or a word of relay-domains. */
static void
mention_class(struct policy_import *im, const struct known *k, unsigned number,
    struct text line)
{
	struct text word;

	line.n = text_find(line, '#');
	while ((word = line_word(&line)).n > 0)
		if (is_localhost(word))
			NOTE(im, k, number, "%.*s: needs no entry, it is "
			    "always here and always trusted", TEXT_ARG(word));
}

static void
mention(struct policy_import *im, const struct known *k, struct text content,
    parser *parse)
{
	struct lines lines = lines_of(content);
	struct text line;

	if (parse == sendmail_local_host_names_parse)
		return; /* says all by itself */
	while (lines_next(&lines, &line))
		if (parse == sendmail_access_parse)
			mention_access(im, k, lines.number, line);
		else
			mention_class(im, k, lines.number, line);
}

static unsigned
count_lines(struct text content)
{
	struct lines lines = lines_of(content);
	struct text line;

	while (lines_next(&lines, &line))
		;
	return lines.number;
}

/* Add what content says; all of it becomes entries or complaints. */
static void
add_text(struct policy_import *im, struct text content, const char *file,
    parser *parse)
{
	struct known k = { .file = file, .lines = count_lines(content),
		.entries = policy_entries(policy_builder_view(im->builder)),
		.complaints = im->complaints.n };

	k.line = calloc((size_t)k.lines + 1, sizeof *k.line);
	if (k.line == NULL) {
		im->complaints.out_of_memory = true;
		return;
	}
	parse(content, file, im->builder, &im->complaints);
	find_known(im, &k);
	mention(im, &k, content, parse);
	free(k.line);
}

static void
add_file(struct policy_import *im, const char *path, parser *parse)
{
	struct bytes content;

	if (path == NULL || !file_read(path, &content, &im->complaints))
		return;
	add_text(im, (struct text){ content.at, content.n }, path, parse);
	free(content.at);
}

/* What an F line of a sendmail.cf names. */
static void
add_class_file(struct policy_import *im, const struct cf_class_file *f,
    const char *path, parser *parse)
{
	struct bytes content;

	if ((f->optional && access(path, F_OK) != 0 && errno == ENOENT) ||
	    !file_read(path, &content, &im->complaints))
		return;
	if (policy_cf_format(f->format) == CF_FORMAT_FIRST)
		policy_cf_first_words(content.at, content.n, path,
		    &im->complaints);
	add_text(im, (struct text){ content.at, content.n }, path, parse);
	free(content.at);
}

/* Why members of a class cannot be had from there, or NULL. */
static const char *
file_objection(const struct cf_class_file *f)
{
	if (f->is_program)
		return "the output of a program";
	if (f->is_map)
		return "what a map holds";
	if (f->path.n == 0 || text_find(f->path, '\0') < f->path.n)
		return "no file named";
	return policy_cf_format(f->format) == CF_FORMAT_OTHER ?
	    "neither the first word of a line nor all of them" : NULL;
}

static void
add_class_line(struct policy_import *im, const struct cf_line *line,
    const char *cf, parser *parse)
{
	struct cf_class_file f = cf_class_file(line);
	const char *objection = file_objection(&f);
	char *path;

	if (objection != NULL) {
		complaint_add(&im->complaints, COMPLAINT_NOTE, cf, line->line,
		    "class %.*s from %.*s: %s, not used", TEXT_ARG(line->name),
		    TEXT_ARG(f.path), objection);
		return;
	}
	path = strndup(f.path.at, f.path.n);
	if (path == NULL)
		im->complaints.out_of_memory = true;
	else
		add_class_file(im, &f, path, parse);
	free(path);
}

/* A class of a sendmail.cf: its members there and in files. */
static void
add_class(struct policy_import *im, const struct sendmail_cf *cf,
    const char *file, struct text class, parser *parse)
{
	struct text members;
	size_t i;

	members.at = policy_cf_members(cf, class, &members.n);
	if (members.at == NULL)
		im->complaints.out_of_memory = true;
	else
		add_text(im, members, file, parse);
	free((char *)members.at);
	for (i = 0; i < cf->n; i++)
		if (cf->at[i].kind == CF_CLASS_FILE &&
		    text_equal(cf->at[i].name, class))
			add_class_line(im, &cf->at[i], file, parse);
}

static void
add_cf(struct policy_import *im, const char *path)
{
	struct sendmail_cf cf;
	struct bytes content;

	if (path == NULL || !file_read(path, &content, &im->complaints))
		return;
	sendmail_cf_parse((struct text){ content.at, content.n }, path, &cf,
	    &im->complaints);
	add_class(im, &cf, path, TEXT("w"), sendmail_local_host_names_parse);
	add_class(im, &cf, path, TEXT("R"), sendmail_relay_domains_parse);
	sendmail_cf_free(&cf);
	free(content.at);
}

bool
policy_import_read(struct policy_import *im,
    const struct policy_sources *sources)
{
	im->builder = file_builder(&im->complaints);
	if (im->builder == NULL)
		return false;
	add_file(im, sources->local_host_names,
	    sendmail_local_host_names_parse);
	add_file(im, sources->relay_domains, sendmail_relay_domains_parse);
	add_cf(im, sources->cf);
	add_file(im, sources->access, sendmail_access_parse);
	if (sources->ldif != NULL)
		policy_ldif_add(sources->ldif, sources->map, true, im->builder,
		    &im->complaints);
	im->n = policy_entries(policy_builder_view(im->builder));
	im->policy = file_freeze(im->builder, &im->complaints);
	im->builder = NULL;
	return im->policy != NULL;
}
