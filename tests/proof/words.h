/* SPDX-License-Identifier: BSD-2-Clause */
/* words.h - words about flat local parts; contracts of flat.c and words.c. */
#ifndef TESTS_PROOF_WORDS_H
#define TESTS_PROOF_WORDS_H

#include "policy/words.h"
#include "tests/proof/text.h"

/*@
predicate operator(integer c) = c == '@' || c == '%' || c == '!';

predicate separator(integer c) = blank(c) || c == ',' || c == ':' ||
    c == ';' || c == '<' || c == '>' || c == '(' || c == ')';

// what a user, and a word, can be made of
predicate user(integer c) = !operator(c) && !separator(c);

// what makes a word a host
predicate name_byte(integer c) = alnum(c) || c < 0;

predicate nameless(char *s, integer from, integer to) =
    \forall integer k; from <= k < to ==> !name_byte(s[k]);

// what may stand between an operator and the words it makes hosts of
predicate gap_right(integer c) = separator(c) || c == '!';
predicate gap_left(integer c) = separator(c) || c == '%' || c == '@';

// without quotes, backslashes and the first byte (0xef) of wide operators
predicate plain(struct text t) = \forall integer k; 0 <= k < t.n ==>
    t.at[k] != '"' && t.at[k] != '\\' && t.at[k] != -17;

predicate alike(char *s, char *t, integer n) =
    \forall integer k; 0 <= k < n ==> s[k] == t[k];

predicate flat(struct flat f) = f.n <= ADDRESS_MAX &&
    \valid_read(f.at + (0 .. f.n - 1)) &&
    \valid_read(f.mark + (0 .. f.n - 1)) &&
    (\forall integer k; 0 <= k < f.n ==> user(f.at[k]) ==>
    f.first <= k <= f.last) && f.first <= f.n;
*/

/*@ assigns \nothing;
    ensures \result <==> operator(c);
*/
static inline bool flat_is_operator(char c);

/*@ assigns \nothing;
    ensures \result <==> separator(c);
*/
static inline bool flat_is_separator(char c);

/*@ requires flat(f) && from <= to <= f.n;
    assigns \nothing;
    ensures \result.at == f.at + from && \result.n == to - from;
*/
static inline struct text flat_part(struct flat f, size_t from, size_t to);

/*@ requires readable(s) && s.n <= ADDRESS_MAX && i < s.n;
    assigns \nothing;
    ensures \result != 0 ==> s.n - i >= 3 && s.at[i] == -17;
*/
static char wide_operator(struct text s, size_t i);

/*@ requires readable(s) && s.n <= ADDRESS_MAX;
    requires \valid(to + (0 .. ADDRESS_MAX - 1));
    requires \valid(mark + (0 .. ADDRESS_MAX - 1));
    requires \separated(to + (0 .. ADDRESS_MAX - 1), s.at + (0 .. s.n - 1));
    requires \separated(to + (0 .. ADDRESS_MAX - 1),
        mark + (0 .. ADDRESS_MAX - 1));
    assigns to[0 .. ADDRESS_MAX - 1], mark[0 .. ADDRESS_MAX - 1];
    ensures 0 <= \result <= s.n;
    ensures plain(s) ==> \result == s.n && alike(to, s.at, s.n);
*/
static size_t flatten(struct text s, char *to, unsigned char *mark);

/*@ assigns \nothing;
    ensures \result <==> user(c);
*/
static bool is_user_byte(char c);

/*@ requires readable(s);
    assigns \nothing;
    ensures 0 <= \result <= s.n;
    ensures \forall integer k; 0 <= k < \result ==> !user(s.at[k]);
*/
static size_t first_user_byte(struct text s);

/*@ requires readable(s);
    assigns \nothing;
    ensures 0 <= \result;
    ensures \forall integer k; \result < k < s.n ==> !user(s.at[k]);
*/
static size_t last_user_byte(struct text s);

/*@ requires readable(local) && local.n <= ADDRESS_MAX;
    requires \valid(text + (0 .. ADDRESS_MAX - 1));
    requires \valid(mark + (0 .. ADDRESS_MAX - 1));
    requires \separated(text + (0 .. ADDRESS_MAX - 1),
        local.at + (0 .. local.n - 1));
    requires \separated(text + (0 .. ADDRESS_MAX - 1),
        mark + (0 .. ADDRESS_MAX - 1));
    assigns text[0 .. ADDRESS_MAX - 1], mark[0 .. ADDRESS_MAX - 1];
    ensures flat(\result) && \result.at == text && \result.mark == mark;
    ensures plain(local) ==> \result.n == local.n &&
        alike(\result.at, local.at, local.n);
*/
struct flat flat_make(struct text local, char *text, unsigned char *mark);

/*@ assigns \nothing;
    ensures \result <==> name_byte(c);
*/
static bool is_name_byte(char c);

/*@ requires readable(word) && word.n <= ADDRESS_MAX;
    assigns \nothing;
*/
static bool looks_like_number(struct text word);

/*@ requires readable(word) && word.n <= ADDRESS_MAX;
    assigns \nothing;
*/
bool word_is_qualified(struct text word);

/*@ requires flat(f) && from <= to <= f.n;
    assigns \nothing;
    ensures \result <==> !nameless(f.at, from, to);
*/
bool word_is_host(struct flat f, size_t from, size_t to);

/*@ requires flat(f) && from <= f.n;
    assigns \nothing;
    ensures from <= \result <= f.n && nameless(f.at, from, \result);
    ensures \result < f.n ==> !gap_right(f.at[\result]);
*/
size_t word_next(struct flat f, size_t from);

/*@ requires flat(f) && from <= f.n;
    assigns \nothing;
    ensures from <= \result <= f.n;
    ensures \result == from < f.n ==> !user(f.at[from]);
*/
size_t word_end(struct flat f, size_t from);

/*@ requires flat(f) && to <= f.n;
    assigns \nothing;
    ensures 0 <= \result <= to && nameless(f.at, \result, to);
    ensures \result > 0 ==> !gap_left(f.at[\result - 1]);
*/
size_t word_previous(struct flat f, size_t to);

/*@ requires flat(f) && to <= f.n;
    assigns \nothing;
    ensures 0 <= \result <= to;
    ensures \result == to > 0 ==> !user(f.at[to - 1]);
*/
size_t word_start(struct flat f, size_t to);

#endif
