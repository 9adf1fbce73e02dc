/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * plain.c - what `make prove` proves, with Frama-C WP, for every argument,
 * whatever its length and its bytes.  No part that is taken from one is longer
 * than ADDRESS_MAX.
 *
 * In policy/text.h, domain.c, utf8.c, address.c, flat.c, words.c and
 * readings.c, but for the four functions below: no access outside the slices
 * and buffers, no integer overflow or wrap, no shift out of range, no endless
 * loop, and nothing written but what the contract says.  And the contract of
 * each function; the sum of them is that of judged_plain() below, which rests
 * on those in grammar.h and readings.h alone.  And of every reading, that its
 * host is a part of the route or of scratch, and not empty: readings_find().
 *
 * The contracts are in the headers beside this file, the loops' invariants in
 * policy/ itself.
 *
 * Taken for granted:
 *  - text_of and text_equal (libc's strings), address_error_text and form_name
 *    (tables of words);
 *  - WP's model of memory: bytes, sizes and pointers do not share a place, and
 *    a char is signed, as on x86-64;
 *  - that Z3, CVC4 and WP itself are right.
 *
 * Not proved, and left to the vectors, the fuzzers and the differential test:
 *  - that a form has the right name, and in which order forms are found;
 *  - that what is in quotes or behind a backslash is laid flat rightly, and
 *    wide operators are folded.  read_flat() is proved for any flat text, so
 *    that no operator in it leads anywhere when nothing is found; that the
 *    flat text is the local part, only for those without quotes, backslashes
 *    and the byte 0xef: plain();
 *  - users made of operators and separators alone ("!%d"), the programs, the
 *    quoted source routes, "::" behind a "[";
 *  - that UTF-8 is well formed (only that what is taken for it is all 8-bit);
 *  - everything above: who may relay is policy, not grammar.
 */
#include "tests/proof/readings.h"

/*@ requires readable(argument) && \valid(a) && \valid(r);
    requires \separated(a, r, argument.at + (0 .. argument.n - 1));
    assigns *a, *r;

    // "judged plain" implies: each part lies in the argument;
    ensures parts: \result ==> inside(a->local, argument) &&
        inside(a->domain, argument) && a->route.n == 0;
    // all its bytes are printable, 8-bit ones only with SMTPUTF8;
    ensures printable: \result ==>
        clean(a->local, utf8) && clean(a->domain, utf8);
    // local part, at-sign, domain: this at-sign stands outside quotes, no
    // other one does, and nothing unquoted is there that no atom has;
    ensures one_at: \result ==> mailbox(*a) && a->extra_ats == 0;
    ensures no_at: \result ==> \forall integer k; 0 <= k < a->domain.n ==>
        a->domain.at[k] != '@';
    // and no operator leads anywhere.
    ensures nowhere: \result && plain(a->local) ==>
        nowhere(a->local.at, a->local.n);
*/
bool judged_plain(struct text argument, bool utf8, struct address *a,
    struct readings *r);

bool
judged_plain(struct text argument, bool utf8, struct address *a,
    struct readings *r)
{
	struct text s, d;
	size_t i;

	address_parse(argument, utf8, a);
	if (a->class != ADDRESS_MAILBOX || a->extra_ats > 0)
		return false;
	s = a->local;
	d = a->domain;
	/*@ assert domain: domain_text(d); */
	/*@ assert no_at: \forall integer k; 0 <= k < d.n ==>
	  @     d.at[k] != '@'; */
parsed:
	readings_find(a, r);
	/*@ assert class: a->class == \at(a->class, parsed) &&
	  @     a->extra_ats == \at(a->extra_ats, parsed); */
	/*@ assert local: a->local == s; */
	/*@ assert domain: a->domain == d; */
	/*@ assert route: a->route == \at(a->route, parsed); */
	/*@ assert nowhere: r->n == 0 && !r->too_many && plain(s) ==>
	  @     nowhere(s.at, s.n); */
	/*@ assert apart: \forall integer k; 0 <= k < argument.n ==>
	  @     \separated(r, argument.at + k); */
	/*@ assert bytes: \forall integer k; 0 <= k < argument.n ==>
	  @     argument.at[k] == \at(argument.at[k], parsed); */
	/*@ assert local_bytes: \forall integer k; 0 <= k <= s.n ==>
	  @     s.at[k] == \at(s.at[k], parsed); */
	/*@ assert domain_bytes: \forall integer k; 0 <= k < d.n ==>
	  @     d.at[k] == \at(d.at[k], parsed); */
	/*@ assert domain: domain_text(d); */
	/*@ assert no_at: \forall integer k; 0 <= k < d.n ==>
	  @     d.at[k] != '@'; */
	/* the bytes are the same, so is what was said of them: by induction */
	/*@ loop invariant 0 <= i <= s.n;
	  @ loop invariant \forall integer k; 0 <= k <= i ==>
	  @     quoting(s.at, k) == \at(quoting(s.at, k), parsed);
	  @ loop invariant
	  @     at_signs(s.at, i) == \at(at_signs(s.at, \at(i, Here)), parsed);
	  @ loop assigns i;
	  @ loop variant s.n - i;
	  @*/
	for (i = 0; i < s.n; i++)
		continue;
	/*@ assert local: local_text(s); */
	/*@ assert at: bare_at(s.at, s.n) && at_signs(s.at, s.n) == 0; */
	return r->n == 0 && !r->too_many;
}
