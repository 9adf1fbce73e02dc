/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/policy_import.h"

#include <stdlib.h>
#include <sysexits.h>

#include "conf/ldif.h"
#include "conf/policy_file.h"
#include "conf/policy_write.h"
#include "milter/log.h"
#include "milter/source/file.h"
#include "milter/idn.h"
#include "milter/source/policy_import_read.h"
#include "milter/source/policy_ldif.h"
#include "milter/source/policy_plain.h"
#include "milter/source/policy_view.h"
#include "policy/domain.h"
#include "policy/escape.h"

struct import {
	struct policy_import from;
	const char *base; /* of the directory the policy is for, or NULL */
	FILE *out; /* the new file while it is being written */
	struct access_map *written; /* what has an entry in the directory */
};

#define ORIGINS_MAX 6 /* named behind an entry, as more fit no line */

/* "# FILE:LINE, FILE:LINE": all that say the same of this value. */
static void
write_origins(const struct import *im, const struct plain_entry *entry)
{
	struct policy_entry from;
	char origin[ORIGIN_MAX];
	unsigned told = 0;
	size_t i;

	for (i = 0; i < entry->n; i++) {
		policy_entry_at(im->from.policy, entry->from[i], &from);
		if (from.action != entry->e.action ||
		    !policy_speaks(&from, entry->e.span))
			continue;
		if (told++ < ORIGINS_MAX)
			fprintf(im->out, "%s%s", told == 1 ? "# " : ", ",
			    policy_origin(im->from.policy, &from, origin,
			    ORIGIN_MAX));
	}
	if (told > ORIGINS_MAX)
		fputs(", ...", im->out);
	fputc('\n', im->out);
}

static bool
write_entry(const struct plain_entry *entry, void *with)
{
	struct import *im = with;
	char line[POLICY_LINE_MAX];
	enum policy_write_error error = policy_write(&entry->e, line);

	if (error != POLICY_WRITE_OK) {
		complaint_add(&im->from.complaints, COMPLAINT_ERROR,
		    "policy import", 0, "%s", policy_write_error_text(error));
		return true;
	}
	fprintf(im->out, "%s  ", line);
	write_origins(im, entry);
	return true;
}

/* Tell why an entry is not in the directory. */
static void
leave_out(struct import *im, const struct policy_entry *e, const char *why)
{
	char file[ORIGIN_MAX], value[POLICY_VALUE_MAX];
	unsigned line = policy_place(im->from.policy, e, file);

	complaint_add(&im->from.complaints, COMPLAINT_NOTE, file, line,
	    "%s %s: %s", policy_write_kind(e->kind),
	    policy_write_value(e, value), why);
}

/* Has this value been written before, in its other spelling? */
static bool
is_written(const struct import *im, const struct policy_entry *e, bool *good)
{
	char value[POLICY_VALUE_MAX], said[POLICY_VALUE_MAX + 16];
	struct text key, ignored;

	snprintf(said, sizeof said, "%s %s", policy_write_kind(e->kind),
	    policy_write_value(e, value));
	key = text_of(said);
	if (access_map_find(im->written, key, &ignored))
		return true;
	*good = access_map_add(im->written, key, TEXT(""));
	return false;
}

static bool
write_directory_entry(const struct plain_entry *entry, void *with)
{
	struct import *im = with;
	struct policy_entry e = entry->e;
	struct ldap_lines lines = { 0 };
	char ascii[DOMAIN_MAX + 1];
	const char *why;
	bool good;

	if (e.kind == POLICY_RELAY && idn_ascii(e.value, ascii))
		e.value = text_of(ascii);
	good = ldif_policy(&lines, &e, im->base, &why);
	if (good && why != NULL) {
		leave_out(im, &entry->e, why);
	} else if (good && !is_written(im, &e, &good)) {
		write_origins(im, entry);
		fwrite(lines.at, 1, lines.n, im->out);
	}
	ldap_lines_free(&lines);
	return good;
}

static int
compare_complaints(const void *a, const void *b)
{
	const struct complaint *x = a, *y = b;
	int file = strcmp(x->file, y->file);

	if (file != 0)
		return file;
	if (x->line != y->line)
		return x->line < y->line ? -1 : 1;
	return strcmp(x->text, y->text);
}

/* A file's name must not be able to end a comment. */
static void
write_missing(const struct import *im)
{
	const struct complaints *c = &im->from.complaints;
	char file[ORIGIN_MAX];
	size_t i;

	if (c->n > 0)
		fputs("\n# Not carried over:\n", im->out);
	for (i = 0; i < c->n; i++) {
		escape_text(text_of(c->at[i].file), file, sizeof file);
		fprintf(im->out, "# %s:", file);
		if (c->at[i].line != 0)
			fprintf(im->out, "%u:", c->at[i].line);
		fprintf(im->out, " %s\n", c->at[i].text);
	}
}

static void
write_head(const struct import *im, const struct policy_sources *s)
{
	const char *const names[] = { s->local_host_names, s->relay_domains,
		s->access, s->cf, s->ldif };
	char file[ORIGIN_MAX];
	size_t i;

	fprintf(im->out, "# %s, made by relayguard policy import from\n",
	    im->base == NULL ? "relay.policy(5)" :
	    "LDIF in the schema of relayguard");
	for (i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (names[i] == NULL)
			continue;
		escape_text(text_of(names[i]), file, sizeof file);
		fprintf(im->out, "#   %s\n", file);
	}
	fputc('\n', im->out);
}

/* The new file in memory, to be freed; NULL with complaints. */
static char *
write_all(struct import *im, const struct policy_sources *s, size_t *size)
{
	struct complaints *c = &im->from.complaints;
	char *content = NULL;
	bool good;

	im->out = open_memstream(&content, size);
	if (im->out == NULL) {
		c->out_of_memory = true;
		return NULL;
	}
	write_head(im, s);
	good = policy_plain(im->from.policy, im->from.n, c, im->base == NULL ?
	    write_entry : write_directory_entry, im);
	if (c->n > 0)
		qsort(c->at, c->n, sizeof *c->at, compare_complaints);
	write_missing(im);
	if (fclose(im->out) != 0 || !good)
		c->out_of_memory = true;
	if (c->errors == 0 && !c->out_of_memory)
		return content;
	free(content);
	return NULL;
}

/* Does p grant what e is about: the value itself, or a name below? */
static bool
grants(const struct policy *p, const struct policy_entry *e, bool below)
{
	/* no other entry is about this name: it is no UTF-8 */
	char name[POLICY_VALUE_MAX + 2] = "\xff.";
	size_t at = below ? 0 : 2;
	struct policy_entry found;
	bool any = false;

	switch (e->kind) {
	case POLICY_LOCAL:
		if (e->network.base.family != IP_NONE) {
			any = policy_find_literal(p, &e->network.base, 0,
			    &found);
			break;
		}
		/* fallthrough */
	case POLICY_RELAY:
		memcpy(name + 2, e->value.at, e->value.n);
		any = policy_find_domain(p, e->kind, (struct text){ name + at,
		    e->value.n + 2 - at }, 0, &found);
		break;
	case POLICY_CLIENT:
		any = policy_find_client(p, &e->network.base, 0, &found);
		break;
	case POLICY_FORWARDER: /* from a directory */
		any = policy_find_forwarder(p, &e->network.base, 0, &found);
		break;
	case POLICY_IDENTITY:
	case POLICY_CERTIFICATE:
	case POLICY_NAME:
		break; /* not in sendmail's files */
	}
	return any && found.action == POLICY_GRANT;
}

/* The first entry of the sources where made decides else; false: none. */
static bool
find_difference(const struct policy *made, const struct policy *sources,
    bool in_directory, struct policy_entry *e)
{
	size_t i;
	int below;

	for (i = 0; i < policy_entries(sources); i++) {
		policy_entry_at(sources, i, e);
		if (e->kind == POLICY_LOCAL && in_directory)
			continue; /* told: such has none */
		for (below = 0; below < 2; below++)
			if (grants(made, e, below) != grants(sources, e, below))
				return true;
	}
	return false;
}

/* What the guard will make of the new file. */
static void
read_back(struct import *im, struct text content, struct policy_builder *b)
{
	static const char name[] = "the imported policy";
	struct complaints *c = &im->from.complaints;
	struct ldap_map *map;

	if (im->base == NULL) {
		policy_file_parse(content, name, b, c);
		return;
	}
	map = ldap_map_new(&(struct ldap_map_options){ .name = "relayguard" },
	    c);
	if (map != NULL)
		policy_ldif_add_text(content, name, map, false, b, c);
	ldap_map_free(map);
}

/*
 * Read the new file and ask it about all that the sources speak of.  Where
 * international names are spelled half one way, half the other, there is no
 * file that says the same.
 */
static bool
decides_the_same(struct import *im, struct text content)
{
	struct complaints *c = &im->from.complaints;
	struct policy_builder *b = file_builder(c);
	struct policy *made;
	struct policy_entry e;
	char file[ORIGIN_MAX];
	unsigned line;

	if (b == NULL)
		return false;
	read_back(im, content, b);
	made = file_freeze(b, c);
	if (made != NULL && find_difference(made, im->from.policy,
	    im->base != NULL, &e)) {
		line = policy_place(im->from.policy, &e, file);
		complaint_add(c, COMPLAINT_ERROR, file, line, "the imported "
		    "policy would not say the same; write this name and the "
		    "domains above it in one spelling");
	}
	policy_free(made);
	return c->errors == 0 && !c->out_of_memory;
}

static int
import_all(struct import *im, const struct policy_sources *sources, FILE *to)
{
	char *content = NULL;
	size_t size = 0;
	int status = EX_CONFIG;

	if (policy_import_read(&im->from, sources))
		content = write_all(im, sources, &size);
	if (content != NULL &&
	    decides_the_same(im, (struct text){ content, size })) {
		status = im->from.complaints.n > 0;
		fwrite(content, 1, size, to);
	}
	free(content);
	return status;
}

int
policy_import(const struct policy_sources *sources, const char *base, FILE *to)
{
	struct import im = { .base = base, .written = access_map_new(0) };
	int status = EX_OSERR;

	if (im.written != NULL)
		status = import_all(&im, sources, to);
	else
		im.from.complaints.out_of_memory = true;
	log_complaints(&im.from.complaints);
	access_map_free(im.written);
	policy_free(im.from.policy);
	complaints_free(&im.from.complaints);
	return status;
}
