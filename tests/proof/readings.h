/* SPDX-License-Identifier: BSD-2-Clause */
/* readings.h - words about readings; contracts of policy/readings.c. */
#ifndef TESTS_PROOF_READINGS_H
#define TESTS_PROOF_READINGS_H

#include "policy/readings.h"
#include "tests/proof/grammar.h"
#include "tests/proof/words.h"

/*@
// s[p] is "%" or "@", a user stands before it, and behind it a name, with no
// other "%" or "@" in between
predicate leads_right(char *s, integer n, integer p) = 0 <= p < n &&
    (s[p] == '%' || s[p] == '@') &&
    (\exists integer u; 0 <= u < p && user(s[u])) &&
    \exists integer k; p < k < n && name_byte(s[k]) &&
    \forall integer j; p < j < k ==> s[j] != '%' && s[j] != '@';

predicate no_bracket(char *s, integer n) =
    \forall integer k; 0 <= k < n ==> s[k] != '[';

// s[p] is "!", or begins "::" with no literal before it; a user stands behind
// it, and before it a name, with no other "!" in between
predicate leads_left(char *s, integer n, integer p) = 0 <= p < n &&
    (s[p] == '!' || (s[p] == ':' && p + 1 < n && s[p + 1] == ':' &&
    no_bracket(s, p))) &&
    (\exists integer u; p < u < n && user(s[u])) &&
    \exists integer k; 0 <= k < p && name_byte(s[k]) &&
    \forall integer j; k < j < p ==> s[j] != '!';

predicate nowhere(char *s, integer n) = \forall integer p;
    !leads_right(s, n, p) && !leads_left(s, n, p);

lemma right_alike: \forall char *s, *t; \forall integer n, p;
    alike(s, t, n) ==> leads_right(t, n, p) ==> leads_right(s, n, p);
lemma left_alike: \forall char *s, *t; \forall integer n, p;
    alike(s, t, n) ==> leads_left(t, n, p) ==> leads_left(s, n, p);

// t is a part, and not an empty one, of the n bytes at s
predicate of(struct text t, char *s, integer n) = t.n > 0 &&
    t.at == s + (t.at - s) && 0 <= t.at - s && (t.at - s) + t.n <= n;

// something was found
predicate found(struct readings *r) = r->n > 0 || r->too_many;

// from A to B, readings were only added, each a part of the n bytes at s
predicate grown{A, B}(struct readings *r, char *s, integer n) =
    0 <= \at(r->n, A) <= \at(r->n, B) <= READINGS_MAX &&
    (\at(r->too_many, A) ==> \at(r->too_many, B)) &&
    (\forall integer k; 0 <= k < \at(r->n, A) ==>
    \at(r->at[k].host, B) == \at(r->at[k].host, A)) &&
    \forall integer k; \at(r->n, A) <= k < \at(r->n, B) ==>
    of(\at(r->at[k].host, B), s, n);
*/

/*@ requires \valid(out) && 0 <= out->n <= READINGS_MAX;
    assigns out->n, out->too_many, out->at[0 .. READINGS_MAX - 1];
    ensures \old(out->n) <= out->n <= READINGS_MAX && found(out);
    ensures \old(out->too_many) ==> out->too_many;
    ensures \forall integer k; 0 <= k < \old(out->n) ==>
        out->at[k].host == \old(out->at[k].host);
    ensures \forall integer k; \old(out->n) <= k < out->n ==>
        out->at[k].host == host;
*/
static void add(struct readings *out, enum form form, size_t by,
    struct text host);

/*@ requires flat(f) && i < f.n;
    assigns \nothing;
*/
static enum form form_of(struct flat f, size_t i);

/*@ requires flat(f) && readable(host) && host.n <= ADDRESS_MAX;
    assigns \nothing;
    ensures f.first < i ==> \result;
*/
static bool has_user_before(struct flat f, size_t i, struct text host);

/*@ requires flat(f) && readable(host) && host.n <= ADDRESS_MAX;
    requires i < f.n;
    assigns \nothing;
    ensures f.last > i ==> \result;
*/
static bool has_user_behind(struct flat f, size_t i, struct text host);

/*@ requires flat(f) && from <= f.n;
    assigns \nothing;
    ensures from <= \result <= f.n;
*/
static size_t route_end(struct flat f, size_t from);

/*@ requires flat(f) && readable(host) && host.n <= ADDRESS_MAX;
    requires i < f.n && end <= f.n;
    assigns \nothing;
*/
static bool is_route(struct flat f, size_t i, size_t end, struct text host);

/*@ requires flat(f) && i < f.n && (f.at[i] == '%' || f.at[i] == '@');
    requires \valid(out) && 0 <= out->n <= READINGS_MAX;
    assigns out->n, out->too_many, out->at[0 .. READINGS_MAX - 1];
    ensures grown{Pre, Here}(out, f.at, f.n);
    ensures !found(out) ==> !leads_right(f.at, f.n, i);
*/
static void read_right(struct flat f, size_t i, struct readings *out);

/*@ requires flat(f) && i < f.n;
    requires \valid(out) && 0 <= out->n <= READINGS_MAX;
    assigns out->n, out->too_many, out->at[0 .. READINGS_MAX - 1];
    ensures grown{Pre, Here}(out, f.at, f.n);
    ensures !found(out) ==> !leads_left(f.at, f.n, i);
*/
static void read_left(struct flat f, size_t i, struct readings *out);

/*@ requires flat(f) && i < f.n;
    assigns \nothing;
    ensures \result <==>
        f.at[i] == ':' && i + 1 < f.n && f.at[i + 1] == ':';
*/
static bool is_double_colon(struct flat f, size_t i);

/*@ requires readable(s);
    assigns \nothing;
*/
static bool has_byte(struct text s, char c);

/*@ requires flat(f);
    requires \valid(out) && 0 <= out->n <= READINGS_MAX;
    assigns out->n, out->too_many, out->at[0 .. READINGS_MAX - 1];
    ensures grown{Pre, Here}(out, f.at, f.n);
*/
static void read_program(struct flat f, struct readings *out);

/*@ requires flat(f) && i < f.n;
    assigns \nothing;
*/
static bool is_behind_user(struct flat f, size_t i);

/*@ requires flat(f) && i < f.n;
    requires \valid(out) && 0 <= out->n <= READINGS_MAX;
    assigns out->n, out->too_many, out->at[0 .. READINGS_MAX - 1];
    ensures grown{Pre, Here}(out, f.at, f.n);
    ensures !found(out) ==> !leads_right(f.at, f.n, i);
    ensures !found(out) && (no_bracket(f.at, i) ==> !literal) ==>
        !leads_left(f.at, f.n, i);
*/
static void read_operator(struct flat f, size_t i, bool literal,
    struct readings *out);

/*@ requires flat(f);
    requires \valid(out) && 0 <= out->n <= READINGS_MAX;
    assigns out->n, out->too_many, out->at[0 .. READINGS_MAX - 1];
    ensures grown{Pre, Here}(out, f.at, f.n);
    ensures !found(out) ==> nowhere(f.at, f.n);
*/
static void read_flat(struct flat f, struct readings *out);

/*@ requires readable(local) && local.n <= ADDRESS_MAX;
    requires \valid(out) && 0 <= out->n <= READINGS_MAX;
    requires \separated(out, local.at + (0 .. local.n - 1));
    assigns *out;
    ensures grown{Pre, Here}(out, &out->scratch[0], ADDRESS_MAX);
    ensures !found(out) && plain(local) ==> nowhere(local.at, local.n);
*/
static void read_local(struct text local, struct readings *out);

/*@ requires readable(route) && route.n <= ADDRESS_MAX && route_text(route);
    requires \valid(out) && out->n == 0;
    assigns out->n, out->too_many, out->at[0 .. READINGS_MAX - 1];
    ensures 0 <= out->n <= READINGS_MAX;
    ensures \forall integer k; 0 <= k < out->n ==>
        of(out->at[k].host, route.at, route.n);
    ensures route.n > 0 ==> found(out);
*/
static void read_route(struct text route, struct readings *out);

/*@ requires \valid_read(a) && \valid(out);
    requires readable(a->local) && readable(a->route);
    requires a->local.n <= ADDRESS_MAX && a->route.n <= ADDRESS_MAX;
    requires route_text(a->route);
    requires \separated(out, a, a->local.at + (0 .. a->local.n - 1));
    requires \separated(out, a->route.at + (0 .. a->route.n - 1));
    assigns *out;

    // every host is a part of scratch or of the route, and not empty
    ensures 0 <= out->n <= READINGS_MAX;
    ensures placed: \forall integer k; 0 <= k < out->n ==>
        of(out->at[k].host, &out->scratch[0], ADDRESS_MAX) ||
        of(out->at[k].host, \old(a->route.at), \old(a->route.n));
    ensures !found(out) ==> \old(a->route.n) == 0;
    ensures !found(out) && plain(\old(a->local)) ==>
        nowhere(\old(a->local.at), \old(a->local.n));
*/
void readings_find(const struct address *a, struct readings *out);

/*@ requires \valid_read(r) && 0 <= r->n <= READINGS_MAX;
    assigns \nothing;
    ensures \result <==> \exists integer k; 0 <= k < r->n &&
        r->at[k].form == form;
*/
bool readings_have(const struct readings *r, enum form form);

#endif
