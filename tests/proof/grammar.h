/* SPDX-License-Identifier: BSD-2-Clause */
/* grammar.h - words about the grammar, contracts of policy/address.h. */
#ifndef TESTS_PROOF_GRAMMAR_H
#define TESTS_PROOF_GRAMMAR_H

#include "tests/proof/text.h"

/*@
// what no argument may hold; char is signed, so c < 0 is 8-bit
predicate clean_byte(integer c, integer utf8) =
    0x20 <= c <= 0x7e || (utf8 != 0 && c < 0);

predicate clean(struct text t, integer utf8) =
    \forall integer k; 0 <= k < t.n ==> clean_byte(t.at[k], utf8);

lemma same_byte: \forall struct text a, b; \forall integer k;
    inside(a, b) ==> a.at[k] == b.at[k + (a.at - b.at)];
lemma clean_byte_inside: \forall struct text a, b; \forall integer utf8, k;
    inside(a, b) ==> clean(b, utf8) ==> 0 <= k < a.n ==>
    clean_byte(a.at[k], utf8);
lemma clean_inside: \forall struct text a, b; \forall integer utf8;
    inside(a, b) ==> clean(b, utf8) ==> clean(a, utf8);

predicate keeps(struct text t, struct text s) =
    \forall integer utf8; clean(s, utf8) ==> clean(t, utf8);

predicate literal_byte(integer c) = c != '[' && c != ']' && c != '\\' &&
    c != ' ' && c != ',' && c != '@';

// a host name or a literal: in either, no at-sign, comma, blank, backslash
predicate domain_text(struct text t) = t.n > 0 &&
    ((\forall integer k; 0 <= k < t.n ==> domain_byte(t.at[k])) ||
    (t.n > 2 && t.at[0] == '[' && t.at[t.n - 1] == ']' &&
    \forall integer k; 1 <= k < t.n - 1 ==> literal_byte(t.at[k])));

// "@a,@b": no host is empty
predicate route_text(struct text r) =
    (r.n > 0 ==> r.n > 1 && r.at[1] != ',') &&
    \forall integer k; 0 <= k < r.n ==> r.at[k] == ',' ==>
    k + 2 < r.n && r.at[k + 2] != ',';

// what may stand outside quotes: an atom's bytes, dot, at-sign, and what
// begins a quotation.  None of < > ( ) [ ] : ; , and no blank
predicate bare_byte(integer c) = alnum(c) || c < 0 ||
    c == '!' || c == '#' || c == '$' || c == '%' || c == '&' || c == '\'' ||
    c == '*' || c == '+' || c == '-' || c == '/' || c == '=' || c == '?' ||
    c == '^' || c == '_' || c == '`' || c == '{' || c == '|' || c == '}' ||
    c == '~' || c == '.' || c == '@' || c == '"' || c == '\\';

// RFC 5322 3.2.4 as a machine: 0 plain, 1 in quotes, 2 and 3 the same behind
// a backslash; quoting(s, n) is its state before byte n
logic integer quoting_step(integer q, integer c) =
    q >= 2 ? q - 2 : c == '\\' ? q + 2 : c == '"' ? 1 - q : q;
logic integer quoting(char *s, integer n) =
    n <= 0 ? 0 : quoting_step(quoting(s, n - 1), s[n - 1]);

predicate bare_at(char *s, integer i) = s[i] == '@' && quoting(s, i) == 0;

// the unquoted at-signs among the first n bytes
logic integer at_signs(char *s, integer n) = n <= 0 ? 0 :
    at_signs(s, n - 1) +
    ((s[n - 1] == '@' && quoting(s, n - 1) == 0) ? 1 : 0);

// quotation closed at the end, and outside it only what may stand there
predicate local_text(struct text t) = t.n > 0 && quoting(t.at, t.n) == 0 &&
    \forall integer k; 0 <= k < t.n ==>
    quoting(t.at, k) == 0 ==> bare_byte(t.at[k]);

predicate bare(struct address a) = local_text(a.local) &&
    at_signs(a.local.at, a.local.n) == 0 && a.extra_ats == 0;

// local, at-sign, domain lie side by side, and the local part is all that
// stands before the last unquoted at-sign
predicate mailbox(struct address a) = local_text(a.local) &&
    domain_text(a.domain) && a.domain.at == a.local.at + (a.local.n + 1) &&
    bare_at(a.local.at, a.local.n) &&
    at_signs(a.local.at, a.local.n) == a.extra_ats;
*/

/*@ requires readable(argument) && \valid(out);
    assigns *out;
    ensures out->class == ADDRESS_MALFORMED || out->class == ADDRESS_NULL ||
        out->class == ADDRESS_BARE || out->class == ADDRESS_MAILBOX;
    ensures l: out->local.n == 0 || inside(out->local, argument);
    ensures d: out->domain.n == 0 || inside(out->domain, argument);
    ensures r: out->route.n == 0 || inside(out->route, argument);
    ensures max: out->local.n <= ADDRESS_MAX && out->domain.n <= ADDRESS_MAX &&
        out->route.n <= ADDRESS_MAX;
    ensures lc: out->class != ADDRESS_MALFORMED ==> clean(out->local, utf8);
    ensures dc: out->class != ADDRESS_MALFORMED ==> clean(out->domain, utf8);
    ensures rc: out->class != ADDRESS_MALFORMED ==> clean(out->route, utf8);
    ensures hosts: route_text(out->route);
    ensures null: out->class == ADDRESS_NULL ==> out->local.n == 0 &&
        out->domain.n == 0 && out->route.n == 0 && out->extra_ats == 0;
    ensures bare: out->class == ADDRESS_BARE ==>
        bare(*out) && out->domain.n == 0;
    ensures mailbox: out->class == ADDRESS_MAILBOX ==> mailbox(*out);
*/
void address_parse(struct text argument, bool utf8, struct address *out);

#endif
