/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * transcript.h - the dialogue of one probe, in the paper's ">>>" and "<<<"
 * style.  Every byte is escaped when it comes in, so that a line can go to a
 * terminal or into JSON as it is.
 */
#ifndef PROBE_TRANSCRIPT_H
#define PROBE_TRANSCRIPT_H

#include "policy/text.h"

/* A server may talk as much as it likes; we keep this many lines. */
#define TRANSCRIPT_LINES_MAX 400

/* An empty one is struct transcript t = { 0 }. */
struct transcript {
	size_t n;
	size_t cap;
	char **line;
	bool cut; /* lines are missing: too many, or out of memory */
};

/* Add "MARK text", for instance with mark "<<<"; t may be NULL. */
void transcript_add(struct transcript *t, const char *mark, struct text text);

void transcript_free(struct transcript *t);

#endif
