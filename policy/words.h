/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * words.h - the words of a flat local part, and which of them can be hosts.
 *
 * On the host's side of an operator stand words with nothing but separators in
 * between, up to the next operator: a server that strips quotes may drop
 * comments, list punctuation and blanks, or keep them.  So each word is a
 * candidate, and so is the whole run: neither ";guard.example" nor
 * "guard.example |" is guard.example.
 *
 * Positions count bytes of f; from and to <= f.n.
 */
#ifndef POLICY_WORDS_H
#define POLICY_WORDS_H

#include "policy/flat.h"

/*
 * Where a word starts, from from on, up to "%" or "@"; there or at the end of f
 * stands an empty word.  Where "!" is no operator it is part of the host, so it
 * does not end the search.
 */
size_t word_next(struct flat f, size_t from);

/* Where the word that starts at from ends; a literal keeps its colons. */
size_t word_end(struct flat f, size_t from);

/* Where the word before to ends, back to "!".  See word_next. */
size_t word_previous(struct flat f, size_t to);

/* Where the word that ends at to starts. */
size_t word_start(struct flat f, size_t to);

/* Can any server take the bytes from (included) to to (excluded) for a host? */
bool word_is_host(struct flat f, size_t from, size_t to);

/* A dot between other bytes, an address literal, an address as a number. */
bool word_is_qualified(struct text word);

#endif
