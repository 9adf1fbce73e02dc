/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * conf_yaml.h - from the bytes of relayguard.yaml to the text of each option.
 * libcyaml does the reading; around it stands what it does not do (1.3.1):
 * every unknown option in one run, the right line for unknown and repeated
 * options and for syntax errors, an error for a second document.  So that
 * lines can be told, the file must be flat: each option begins at the left
 * margin.
 */
#ifndef CONF_CONF_YAML_H
#define CONF_CONF_YAML_H

#include "conf/conf_option.h"

/* The value of one option; all NULL when it has none. */
struct yaml_value {
	char *text;
	char **list; /* n of them */
	unsigned n;
};

/* Where an option stands. */
struct yaml_place {
	unsigned line; /* 0: not in the file */
	size_t offset; /* of the line's first byte */
	bool empty;    /* nothing behind the colon */
};

struct yaml {
	struct yaml_place place[OPTIONS];
	struct yaml_value *value; /* OPTIONS of them, or NULL: no options */
};

/*
 * Read yaml.  False when its text is not usable, which c then tells; some
 * complaints (unknown options) leave the rest usable.  Call yaml_release in
 * every case.
 */
bool yaml_load(struct text yaml, const char *file, struct yaml *out,
    struct complaints *c);
void yaml_release(struct yaml *y);

#endif
