/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * text.h - words (ACSL) about slices and bytes, contracts of policy/text.h,
 * policy/domain.c and address_is_literal().  char is signed here, so a byte
 * c < 0 is an 8-bit one.
 */
#ifndef TESTS_PROOF_TEXT_H
#define TESTS_PROOF_TEXT_H

#include "policy/address.h"
#include "policy/domain.h"

/*@
predicate readable(struct text t) = \valid_read(t.at + (0 .. t.n - 1));

// t is a part of s
predicate inside(struct text t, struct text s) =
    t.at == s.at + (t.at - s.at) && 0 <= t.at - s.at &&
    (t.at - s.at) + t.n <= s.n;

lemma inside_inside: \forall struct text a, b, c;
    inside(a, b) ==> inside(b, c) ==> inside(a, c);

predicate blank(integer c) = c == ' ' || c == '\t';

predicate alnum(integer c) =
    'a' <= c <= 'z' || 'A' <= c <= 'Z' || '0' <= c <= '9';

// one word: no blank in it
predicate solid(struct text t) =
    \forall integer k; 0 <= k < t.n ==> !blank(t.at[k]);

// a byte of a host name; char is signed, so c < 0 is 8-bit
predicate domain_byte(integer c) =
    alnum(c) || c == '-' || c == '_' || c == '.' || c < 0;
*/

/*@ requires readable(t);
    requires from <= to <= t.n;
    assigns \nothing;
    ensures \result.at == t.at + from && \result.n == to - from;
*/
static inline struct text text_cut(struct text t, size_t from, size_t to);

/*@ requires readable(t);
    assigns \nothing;
    ensures 0 <= \result <= t.n;
    ensures \forall integer k; 0 <= k < \result ==> t.at[k] != c;
    ensures \result < t.n ==> t.at[\result] == c;
*/
static inline size_t text_find(struct text t, char c);

/*@ assigns \nothing;
    ensures \result == ('A' <= c <= 'Z' ? c + 32 : c);
*/
static inline char text_lower(char c);

/*@ assigns \nothing;
    ensures \result == (c < 0 ? c + 256 : c);
*/
static inline unsigned text_byte(char c);

/*@ assigns \nothing;
    ensures \result <==> blank(c);
*/
static inline bool text_is_blank(char c);

/*@ requires readable(a) && readable(b);
    assigns \nothing;
    ensures \result ==> a.n == b.n;
*/
static inline bool text_same(struct text a, struct text b);

/*@ requires readable(a) && readable(b);
    assigns \nothing;
*/
static inline bool text_equal(struct text a, struct text b);

/*@ requires readable(t) && readable(prefix);
    assigns \nothing;
    ensures \result ==> t.n >= prefix.n;
*/
static inline bool text_begins(struct text t, struct text prefix);

/*@ requires readable(t);
    assigns \nothing;
    ensures inside(\result, t) && readable(\result);
    ensures \result.n > 0 ==> !blank(\result.at[0]) &&
        !blank(\result.at[\result.n - 1]);
    ensures whole: solid(t) ==> \result == t;
*/
static inline struct text text_trim(struct text t);

/*@ assigns \nothing;
    ensures \result ==> domain_byte(c) && c != '.' && !('A' <= c <= 'Z');
*/
static bool is_label_byte(char c);

/*@ requires readable(name) && \valid(out + (0 .. DOMAIN_MAX - 1));
    requires \separated(out + (0 .. DOMAIN_MAX - 1),
        name.at + (0 .. name.n - 1));
    assigns out[0 .. DOMAIN_MAX - 1];
    ensures 0 <= \result <= DOMAIN_MAX;
    ensures \result == 0 || name.n == \result || name.n == \result + 1;
    ensures \result > 0 ==> \forall integer k; 0 <= k < name.n ==>
        domain_byte(name.at[k]);
*/
size_t domain_fold(struct text name, char *out);

/*@ requires readable(name) && readable(parent);
    assigns \nothing;
    ensures \result ==> 0 < parent.n <= name.n;
*/
bool domain_is_under(struct text name, struct text parent);

/*@ requires readable(name);
    assigns \nothing;
    ensures \result <==> \forall integer k; 0 <= k < name.n ==>
        name.at[k] != '.';
*/
bool domain_is_single_label(struct text name);

/*@ requires readable(domain);
    assigns \nothing;
    ensures \result <==> domain.n >= 2 && domain.at[0] == '[' &&
        domain.at[domain.n - 1] == ']';
*/
bool address_is_literal(struct text domain);

#endif
