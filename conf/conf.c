/* SPDX-License-Identifier: BSD-2-Clause */
#include "conf/conf.h"

#include <stdlib.h>

#include "conf/conf_ldap.h"
#include "conf/conf_option.h"
#include "conf/conf_yaml.h"
#include "conf/lines.h"

struct conf *
conf_default(void)
{
	struct conf *conf = calloc(1, sizeof *conf);
	size_t i;

	for (i = 0; conf != NULL && i < OPTIONS; i++) {
		const struct option *o = &option_table[i];

		if (o->fallback == NULL)
			continue; /* an empty list */
		if (option_set(conf, o, text_of(o->fallback)) != OPTION_OK) {
			conf_free(conf);
			return NULL;
		}
	}
	return conf;
}

void
conf_free(struct conf *conf)
{
	size_t i;

	if (conf == NULL)
		return;
	for (i = 0; i < OPTIONS; i++)
		option_free(conf, &option_table[i]);
	free(conf);
}

/* What options of their own let pass; without one, "refuse" or "defer". */
static void
let_pass(const struct conf *conf, struct rule_modes *out)
{
	bool spf = conf->spf == CONF_SPF_ENFORCE;
	const struct {
		struct text setting;
		bool turns_away;
	} rules[] = {
		{ TEXT("S05=off"), spf },
		{ TEXT("S06=off"), conf->sender_domain_null_mx },
		{ TEXT("S07=off"), conf->sender_domain_unknown },
		{ TEXT("S08=off"), spf && conf->spf_permerror },
		{ TEXT("S09=off"), spf && conf->spf_temperror },
	};
	size_t i;

	for (i = 0; i < sizeof rules / sizeof rules[0]; i++)
		if (!rules[i].turns_away)
			rule_modes_set(out, rules[i].setting);
}

void
conf_rule_modes(const struct conf *conf, struct rule_modes *out)
{
	unsigned i;

	*out = (struct rule_modes){ .all = conf->mode };
	let_pass(conf, out);
	for (i = 0; i < conf->rule_modes.n; i++)
		rule_modes_set(out, text_of(conf->rule_modes.at[i]));
}

/* Set one option or list element, or complain. */
static void
set(struct conf *conf, const struct option *o, const char *value,
    const char *file, unsigned line, struct complaints *c)
{
	char hint[WORD_HINT_MAX] = "";

	switch (option_set(conf, o, text_of(value))) {
	case OPTION_OK:
		break;
	case OPTION_WRONG:
		if (o->choices != NULL)
			word_hint(text_of(value), o->choices, hint);
		complaint_add(c, COMPLAINT_ERROR, file, line,
		    "%s: \"%.200s\" is wrong%s; right is %s", o->name, value,
		    hint, o->right);
		break;
	case OPTION_TWICE:
		complaint_add(c, COMPLAINT_ERROR, file, line,
		    "%s: \"%.200s\" is in the list twice", o->name, value);
		break;
	case OPTION_NO_MEMORY:
		complaint_add(c, COMPLAINT_ERROR, file, line,
		    "%s: out of memory", o->name);
		break;
	}
}

/* One option that stands in the file. */
static void
read_option(struct conf *conf, const struct option *o,
    const struct yaml_place *place, const struct yaml_value *value,
    const char *file, struct complaints *c)
{
	unsigned i;

	option_begin(conf, o);
	if (o->kind == OPTION_LIST && o->most > 0 && value->n > o->most)
		complaint_add(c, COMPLAINT_ERROR, file, place->line,
		    "%s: %u are too many; at most %u", o->name, value->n,
		    o->most);
	else if (o->kind == OPTION_LIST)
		for (i = 0; i < value->n; i++)
			set(conf, o, value->list[i], file, place->line, c);
	else if (value->text == NULL ||
	    (value->text[0] == '\0' && place->empty))
		complaint_add(c, COMPLAINT_ERROR, file, place->line,
		    "%s: has no value; right is %s", o->name, o->right);
	else
		set(conf, o, value->text, file, place->line, c);
}

static void
read_options(struct conf *conf, const struct yaml *y, const char *file,
    struct complaints *c)
{
	size_t i;

	for (i = 0; y->value != NULL && i < OPTIONS; i++)
		if (y->place[i].line != 0)
			read_option(conf, &option_table[i], &y->place[i],
			    &y->value[i], file, c);
}

struct conf *
conf_parse(struct text yaml, const char *file, struct complaints *c)
{
	size_t errors = c->errors;
	struct conf *conf = NULL;
	struct yaml y;

	if (yaml_load(yaml, file, &y, c)) {
		conf = conf_default();
		if (conf != NULL)
			read_options(conf, &y, file, c);
		else
			complaint_add(c, COMPLAINT_ERROR, file, 0,
			    "out of memory");
	}
	if (conf != NULL && c->errors == errors)
		conf_ldap_check(&conf->ldap, file, c);
	yaml_release(&y);
	if (c->errors == errors)
		return conf;
	conf_free(conf);
	return NULL;
}

const char *
conf_map_word(enum conf_map map)
{
	return option_table[option_find(TEXT("ldap_map"))].choices[map];
}
