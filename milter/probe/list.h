/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * list.h - the table of tests itself, for people and for programs.
 */
#ifndef PROBE_LIST_H
#define PROBE_LIST_H

#include <stdio.h>

#include "milter/probe/table.h"

/* The tests of a profile; 0, or -1 when out cannot be written to. */
int probe_list_text(enum probe_profile p, FILE *out);
int probe_list_json(enum probe_profile p, FILE *out);

#endif
