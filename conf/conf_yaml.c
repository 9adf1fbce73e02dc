/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/conf_yaml.h"

#include <cyaml/cyaml.h>
#include <stdio.h>
#include <stdlib.h>

#include "conf/lines.h"

/* The text at hand, and where complaints go. */
struct source {
	struct text yaml;
	const char *file;
	struct complaints *complaints;
	struct yaml *out;
	bool written;  /* somebody has: a line is not blank */
	bool started;  /* a line other than comments has been seen */
	bool repeated; /* some option is there twice: libcyaml would stop */
	bool unknown;  /* some option is unknown, and that has been told */
};

#define WRONG(s, line, ...)                                                  \
	complaint_add((s)->complaints, COMPLAINT_ERROR, (s)->file, line,     \
	    __VA_ARGS__)

/* Does line begin with this mark, alone or followed by a blank? */
static bool
is_mark(struct text line, struct text mark)
{
	return text_begins(line, mark) &&
	    (line.n == mark.n || text_is_blank(line.at[mark.n]));
}

/* Length of the option name that line begins with; 0 without "name:". */
static size_t
name_length(struct text line)
{
	size_t n = 0;

	while (n < line.n && (line.at[n] == '_' ||
	    line.at[n] == '-' ||
	    (text_lower(line.at[n]) >= 'a' && text_lower(line.at[n]) <= 'z') ||
	    (line.at[n] >= '0' && line.at[n] <= '9')))
		n++;
	return n > 0 && n < line.n && line.at[n] == ':' &&
	    (n + 1 == line.n || text_is_blank(line.at[n + 1])) ? n : 0;
}

static void
scan_option(struct source *s, struct text line, size_t n, unsigned number)
{
	struct text name = text_cut(line, 0, n);
	struct text rest = text_trim(text_cut(line, n + 1, line.n));
	const char *names[OPTIONS + 1];
	char hint[WORD_HINT_MAX];
	size_t i = option_find(name);
	struct yaml_place *place = &s->out->place[i < OPTIONS ? i : 0];

	if (i == OPTIONS) {
		option_names(names);
		WRONG(s, number, "unknown option %.*s%s", TEXT_ARG(name),
		    word_hint(name, names, hint));
		s->unknown = true;
	} else if (place->line != 0) {
		WRONG(s, number, "%.*s: given before, on line %u",
		    TEXT_ARG(name), place->line);
		s->repeated = true;
	} else {
		place->line = number;
		place->offset = (size_t)(line.at - s->yaml.at);
		place->empty = rest.n == 0 || rest.at[0] == '#';
	}
}

/* One line that is not blank; false when the file is not usable. */
static bool
scan_line(struct source *s, struct text line, unsigned number)
{
	bool first = !s->started;
	size_t n = name_length(line);

	if (line.at[0] == '%' && first)
		return true;
	s->started = true;
	if (n > 0) {
		scan_option(s, line, n, number);
	} else if (first && text_equal(text_trim(line), TEXT("---"))) {
		return true;
	} else if (!first && (is_mark(line, TEXT("---")) ||
	    is_mark(line, TEXT("...")))) {
		WRONG(s, number, "a second YAML document; only one is read");
		return false;
	} else if (first || (!text_is_blank(line.at[0]) &&
	    !is_mark(line, TEXT("-")) && line.at[0] != ']')) {
		WRONG(s, number, "not an option; each begins at the left "
		    "margin with its name, a colon and a blank");
		return false;
	}
	return true;
}

/* Does the indentation of line hold a tab? */
static bool
is_tab_indented(struct text line)
{
	size_t i = 0;

	while (i < line.n && line.at[i] == ' ')
		i++;
	return i < line.n && line.at[i] == '\t';
}

/* Find out where each option stands; false when the file is not usable. */
static bool
scan(struct source *s)
{
	struct lines lines = lines_of(s->yaml);
	struct text line;
	bool usable = true;

	while (lines_next(&lines, &line)) {
		s->written = s->written || text_trim(line).n > 0;
		if (!line_is_clean(line, s->file, lines.number,
		    s->complaints)) {
			usable = false;
			continue;
		}
		if (text_trim(line).n == 0 || text_trim(line).at[0] == '#')
			continue;
		if (is_tab_indented(line)) {
			WRONG(s, lines.number,
			    "YAML is indented with spaces, not with a tab");
			usable = false;
			continue;
		}
		usable = scan_line(s, line, lines.number) && usable;
	}
	/* an editor may have emptied it, and has not written it yet */
	if (!s->written)
		WRONG(s, 0, "empty; a comment (#) alone would have "
		    "everything at its default");
	return usable && s->written && !s->repeated;
}

/* What libcyaml says while it loads. */
struct report {
	char problem[256]; /* of the YAML parser */
	char field[64];    /* the option it was at */
};

/* The text between a mark and the byte end, if message has the mark. */
static void
extract(const char *message, const char *mark, char end, char *out,
    size_t cap)
{
	const char *at = strstr(message, mark);
	struct text found;

	if (at == NULL)
		return;
	found = text_of(at + strlen(mark));
	found.n = text_find(found, end);
	if (found.n >= cap)
		found.n = cap - 1;
	memcpy(out, found.at, found.n);
	out[found.n] = '\0';
}

__attribute__((format(printf, 3, 0))) static void
take_message(cyaml_log_t level, void *context, const char *format,
    va_list arguments)
{
	struct report *r = context;
	char message[512];

	(void)level;
	vsnprintf(message, sizeof message, format, arguments);
	extract(message, "libyaml: ", '\n', r->problem, sizeof r->problem);
	extract(message, "in mapping field '", '\'', r->field,
	    sizeof r->field);
}

static const struct cyaml_schema_value element = {
	CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, CYAML_UNLIMITED)
};

/*
 * Every value is loaded as text and judged by option_set: libcyaml 1.3.1
 * takes "12abc" for a number and stops at the first mistake.
 */
static struct cyaml_schema_field
field_of(size_t i)
{
	struct cyaml_schema_field f = {
		.key = option_table[i].name,
		.data_offset = (uint32_t)(i * sizeof(struct yaml_value)),
		.value = { .type = CYAML_STRING,
		    .flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		    .data_size = sizeof(char),
		    .string = { .min = 0, .max = CYAML_UNLIMITED } },
	};

	if (option_table[i].kind != OPTION_LIST)
		return f;
	f.count_offset = f.data_offset + offsetof(struct yaml_value, n);
	f.count_size = sizeof(unsigned);
	f.data_offset += offsetof(struct yaml_value, list);
	f.value = (struct cyaml_schema_value){ .type = CYAML_SEQUENCE,
		.flags = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL,
		.data_size = sizeof(char *),
		.sequence = { .entry = &element, .min = 0,
		    .max = CYAML_UNLIMITED } };
	return f;
}

static cyaml_err_t
load(struct text yaml, bool ignore_unknown, struct yaml_value **out,
    struct report *report)
{
	struct cyaml_schema_field fields[OPTIONS + 1];
	const struct cyaml_schema_value top = { .type = CYAML_MAPPING,
		.flags = CYAML_FLAG_POINTER_NULL,
		.data_size = OPTIONS * sizeof(struct yaml_value),
		.mapping = { .fields = fields } };
	const cyaml_config_t config = { .log_fn = take_message,
		.log_ctx = report, .mem_fn = cyaml_mem,
		.log_level = CYAML_LOG_ERROR,
		.flags = CYAML_CFG_NO_ALIAS | (ignore_unknown ?
		    CYAML_CFG_IGNORE_UNKNOWN_KEYS : 0) };
	size_t i;

	*report = (struct report){ 0 };
	for (i = 0; i < OPTIONS; i++)
		fields[i] = field_of(i);
	fields[OPTIONS] = (struct cyaml_schema_field)CYAML_FIELD_END;
	return cyaml_load_data((const uint8_t *)yaml.at, yaml.n, &config,
	    &top, (cyaml_data_t **)out, NULL);
}

/*
 * libcyaml keeps the line of a syntax error to itself.  But the text in front
 * of the entry that is wrong can be read, and with that entry it cannot.
 */
static unsigned
find_wrong_entry(const struct source *s)
{
	const struct yaml_place *at, *best = NULL;
	struct yaml front = { .value = NULL };
	struct report ignored;
	cyaml_err_t error;
	size_t i;

	for (i = 0; i < OPTIONS; i++) {
		at = &s->out->place[i];
		if (at->line == 0 || (best != NULL && at->line < best->line))
			continue;
		error = load(text_cut(s->yaml, 0, at->offset), true,
		    &front.value, &ignored);
		yaml_release(&front);
		if (error != CYAML_ERR_LIBYAML_PARSER)
			best = at;
	}
	return best != NULL ? best->line : 0;
}

/* Say what libcyaml did not like. */
static void
complain(const struct source *s, cyaml_err_t error, const struct report *r)
{
	size_t i = option_find(text_of(r->field));
	const struct option *o = &option_table[i < OPTIONS ? i : 0];
	unsigned line = i < OPTIONS ? s->out->place[i].line : 0;

	if (error == CYAML_ERR_LIBYAML_PARSER)
		WRONG(s, find_wrong_entry(s), "not YAML from here on: %s",
		    r->problem);
	else if (error == CYAML_ERR_ALIAS)
		WRONG(s, line, "YAML aliases (*) are not used here; put the "
		    "value in quotes if it begins with a star");
	else if (error == CYAML_ERR_INVALID_VALUE && i < OPTIONS)
		WRONG(s, line, "%s: must be %s; right is %s", o->name,
		    o->kind == OPTION_LIST ? "a list of plain values" :
		    "one plain value", o->right);
	else
		WRONG(s, line, "%s", cyaml_strerror(error));
}

/* Has libcyaml met an option that scan() has not?  Then its line is unknown. */
static bool
all_are_placed(const struct source *s)
{
	const struct yaml *y = s->out;
	bool good = true;
	size_t i;

	for (i = 0; y->value != NULL && i < OPTIONS; i++) {
		if (y->place[i].line != 0 || (y->value[i].text == NULL &&
		    y->value[i].list == NULL))
			continue;
		WRONG(s, 0, "%s: must begin at the left margin",
		    option_table[i].name);
		good = false;
	}
	return good;
}

bool
yaml_load(struct text yaml, const char *file, struct yaml *out,
    struct complaints *c)
{
	struct source s = { .yaml = yaml, .file = file, .complaints = c,
		.out = out };
	struct report report;
	cyaml_err_t error;

	*out = (struct yaml){ .value = NULL };
	if (yaml.n > CONF_BYTES_MAX) {
		WRONG(&s, 0, "file of %zu bytes, the largest may have %d",
		    yaml.n, CONF_BYTES_MAX);
		return false;
	}
	if (!scan(&s))
		return false;
	if (!s.started)
		return true;
	error = load(yaml, s.unknown, &out->value, &report);
	if (error != CYAML_OK)
		complain(&s, error, &report);
	return error == CYAML_OK && all_are_placed(&s);
}

/* What cyaml_mem allocates, free releases. */
void
yaml_release(struct yaml *y)
{
	size_t i;

	for (i = 0; y->value != NULL && i < OPTIONS; i++) {
		free(y->value[i].text);
		while (y->value[i].n > 0)
			free(y->value[i].list[--y->value[i].n]);
		free(y->value[i].list);
	}
	free(y->value);
	y->value = NULL;
}
