/* SPDX-License-Identifier: BSD-2-Clause */
/* relayguard.yaml: vectors, the shipped example, complaints, hints. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "conf/conf.h"
#include "conf/conf_option.h"
#include "conf/lines.h"
#include "tests/unit/policy_dump.h"

/* One option as it could be written, "name=value" or "name!=" if given. */
static void
print_option(const struct conf *conf, const struct option *o, char *out,
    size_t cap)
{
	const char *at = (const char *)conf + o->at;
	const struct conf_list *list = (const void *)at;
	size_t n = (size_t)snprintf(out, cap, "%s%s", o->name,
	    o->given != 0 && *((const char *)conf + o->given) ? "!=" : "=");
	unsigned i;

	switch (o->kind) {
	case OPTION_TEXT:
		snprintf(out + n, cap - n, "%s", *(char *const *)at);
		break;
	case OPTION_LIST:
		for (i = 0; i < list->n; i++)
			n += (size_t)snprintf(out + n, cap - n, "%s%s",
			    i > 0 ? " " : "", list->at[i]);
		break;
	case OPTION_CHOICE:
		snprintf(out + n, cap - n, "%s",
		    o->choices[*(const enum rule_mode *)at]);
		break;
	case OPTION_BOOL:
		snprintf(out + n, cap - n, "%s", o->choices[*(const bool *)at]);
		break;
	case OPTION_NUMBER:
		snprintf(out + n, cap - n, "%u", *(const unsigned *)at);
		break;
	}
}

/*
 * Every option that is not at its default must be a field of v, and every
 * field an option.
 */
static const char *
compare_options(const struct conf *conf, const struct vector *v)
{
	static char wrong[2400];
	struct conf *standard = conf_default();
	char got[1200], usual[1200];
	size_t i, field = 1;

	assert_non_null(standard);
	wrong[0] = '\0';
	for (i = 0; i < OPTIONS && wrong[0] == '\0'; i++) {
		print_option(conf, &option_table[i], got, sizeof got);
		print_option(standard, &option_table[i], usual, sizeof usual);
		if (strcmp(got, usual) == 0)
			continue;
		if (field >= v->n || !text_equal(v->field[field],
		    text_of(got)))
			snprintf(wrong, sizeof wrong, "got '%s'", got);
		field++;
	}
	if (wrong[0] == '\0' && field < v->n)
		snprintf(wrong, sizeof wrong, "nothing for '%.*s'",
		    (int)v->field[field].n, v->field[field].at);
	conf_free(standard);
	return wrong[0] != '\0' ? wrong : NULL;
}

static const char *
run(const struct vector *v)
{
	struct complaints c = { 0 };
	struct conf *conf = conf_parse(v->field[0], "f", &c);
	const char *wrong;

	if (conf == NULL && c.errors == 0)
		wrong = "failed without an error";
	else if (conf != NULL && c.n == 0)
		wrong = compare_options(conf, v);
	else
		wrong = dump_compare(v, 1, &c, NULL);
	conf_free(conf);
	complaints_free(&c);
	return wrong;
}

static void
vectors_hold(void **state)
{
	(void)state;
	assert_int_equal(vectors_run("conf.txt", run), 0);
}

/* The shipped file shows every option at its default, and nothing else. */
static void
shipped_file_is_the_default(void **state)
{
	static char content[16384];
	struct complaints c = { 0 };
	FILE *f = fopen("conf/relayguard.yaml", "r");
	struct conf *conf, *standard = conf_default();
	char got[1200], usual[1200];
	size_t n, i;

	(void)state;
	assert_non_null(f);
	assert_non_null(standard);
	n = fread(content, 1, sizeof content, f);
	fclose(f);
	conf = conf_parse((struct text){ content, n }, "f", &c);
	assert_int_equal(c.n, 0);
	assert_non_null(conf);
	for (i = 0; i < OPTIONS; i++) {
		const struct option *o = &option_table[i];
		char line[100];

		snprintf(line, sizeof line, "%s: ", o->name);
		assert_non_null(strstr(content, line));
		if (o->given != 0) {
			/* sendmail's files stand there as comments */
			assert_int_equal(*((char *)conf + o->given),
			    strcmp(o->name, "policy_files") == 0);
			*((char *)conf + o->given) = false;
		}
		print_option(conf, o, got, sizeof got);
		print_option(standard, o, usual, sizeof usual);
		assert_string_equal(got, usual);
	}
	conf_free(conf);
	conf_free(standard);
}

/* Which of S05 to S09 are on, as their digits, with these options? */
static const char *
rules_on(const char *yaml, char on[8])
{
	struct complaints c = { 0 };
	struct conf *conf = conf_parse(text_of(yaml), "f", &c);
	struct rule_modes modes;
	struct verdict v;
	char id[] = "S05";
	size_t n = 0;

	assert_non_null(conf);
	conf_rule_modes(conf, &modes);
	for (; id[2] <= '9'; id[2]++) {
		v = (struct verdict){ .action = VERDICT_REFUSE,
			.rule = rules_find(text_of(id)) };
		if (rule_modes_apply(&modes, &v) != RULE_OFF)
			on[n++] = id[2];
	}
	on[n] = '\0';
	conf_free(conf);
	return on;
}

static void
options_switch_rules(void **state)
{
	static const struct {
		const char *yaml, *on;
	} cases[] = {
		{ "spf: off", "6" }, { "spf: mark", "6" },
		{ "spf: enforce", "56" },
		{ "spf: mark\nspf_permerror: refuse", "6" },
		{ "spf: enforce\nspf_permerror: refuse", "568" },
		{ "spf: enforce\nspf_temperror: defer", "569" },
		{ "sender_domain_unknown: defer", "67" },
		{ "sender_domain_null_mx: accept", "" },
		{ "spf: enforce\nrule_modes: [\"S05=off\"]", "6" },
		{ "rule_modes: [\"S07=monitor\"]", "67" },
		{ "mode: off\nspf: enforce", "" },
	};
	char on[8];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(rules_on(cases[i].yaml, on), cases[i].on);
}

static void
large_files_are_refused(void **state)
{
	struct complaints c = { 0 };
	char *content = malloc(CONF_BYTES_MAX + 1);
	struct conf *conf;

	(void)state;
	assert_non_null(content);
	memset(content, '\n', CONF_BYTES_MAX + 1);
	content[0] = '#';
	conf = conf_parse((struct text){ content, CONF_BYTES_MAX }, "f", &c);
	assert_non_null(conf);
	conf_free(conf);
	conf = conf_parse((struct text){ content, CONF_BYTES_MAX + 1 }, "f",
	    &c);
	assert_null(conf);
	assert_int_equal(c.errors, 1);
	assert_string_equal(c.at[0].text,
	    "file of 65537 bytes, the largest may have 65536");
	complaints_free(&c);
	free(content);
}

static void
complaints_are_printable(void **state)
{
	struct complaints c = { 0 };
	char many[2000];
	size_t i;

	(void)state;
	complaint_add(&c, COMPLAINT_NOTE, "f", 7, "a\n\033[2J %d \\", 5);
	assert_int_equal(c.n, 1);
	assert_int_equal(c.errors, 0);
	assert_string_equal(c.at[0].file, "f");
	assert_int_equal(c.at[0].line, 7);
	assert_string_equal(c.at[0].text, "a\\x0a\\x1b[2J 5 \\x5c");
	memset(many, 'x', sizeof many - 1);
	many[sizeof many - 1] = '\0';
	for (i = 0; i < 100; i++)
		complaint_add(&c, COMPLAINT_ERROR, "f", 0, "%s", many);
	assert_int_equal(c.n, 101);
	assert_int_equal(c.errors, 100);
	assert_int_equal(strlen(c.at[100].text), 1023);
	assert_false(c.out_of_memory);
	complaints_free(&c);
	assert_int_equal(c.n, 0);
	assert_null(c.at);
}

static void
hints_are_near(void **state)
{
	static const char *const words[] = { "mode", "user", "syslog",
		"max_sessions", NULL };
	static const struct {
		const char *word, *meant;
	} cases[] = {
		{ "mdoe", "mode" }, { "mod", "mode" }, { "modes", "mode" },
		{ "MODE", "mode" }, { "max-sessions", "max_sessions" },
		{ "maxsession", "max_sessions" }, { "sylsog", "syslog" },
		{ "mine", "mode" }, { "m", NULL }, { "spf", NULL },
		{ "", NULL }, { "maximum_sessions", NULL },
		{ "a_word_that_is_far_longer_than_any_of_ours_", NULL },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *meant = word_meant(text_of(cases[i].word), words);

		if (meant != NULL && cases[i].meant != NULL)
			assert_string_equal(meant, cases[i].meant);
		else
			assert_ptr_equal(meant, cases[i].meant);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors_hold),
		cmocka_unit_test(shipped_file_is_the_default),
		cmocka_unit_test(options_switch_rules),
		cmocka_unit_test(large_files_are_refused),
		cmocka_unit_test(complaints_are_printable),
		cmocka_unit_test(hints_are_near),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
