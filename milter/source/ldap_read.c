/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/source/ldap_read.h"

#include <ldap.h>
#include <stdlib.h>

/* Room for one more of size bytes in *at; false: out of memory. */
static bool
make_room(void **at, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? 16 : *cap * 2;
	void *grown;

	if (n < *cap)
		return true;
	grown = realloc(*at, more * size);
	if (grown == NULL)
		return false;
	*at = grown;
	*cap = more;
	return true;
}

static bool
add_attribute(struct ldap_reader *r, const struct berval *name,
    const struct berval *values)
{
	void *at = r->attribute;
	size_t i;

	if (!make_room(&at, r->attributes, &r->attributes_cap,
	    sizeof *r->attribute))
		return false;
	r->attribute = at;
	for (i = 0; values != NULL && values[i].bv_val != NULL; i++) {
		at = r->value;
		if (!make_room(&at, r->values, &r->values_cap,
		    sizeof *r->value))
			return false;
		r->value = at;
		r->value[r->values++] = (struct text){ values[i].bv_val,
			values[i].bv_len };
	}
	/* where its values are is not known before the last one is in */
	r->attribute[r->attributes++] = (struct ldap_attribute){
		{ name->bv_val, name->bv_len }, NULL, i };
	return true;
}

static int
read_attributes(struct ldap_reader *r, LDAP *ld, LDAPMessage *message,
    BerElement *ber)
{
	struct berval name, *values = NULL;
	bool added;
	int code;

	while ((code = ldap_get_attribute_ber(ld, message, ber, &name,
	    &values)) == LDAP_SUCCESS && name.bv_val != NULL) {
		added = add_attribute(r, &name, values);
		ber_memfree(values);
		values = NULL;
		if (!added)
			return LDAP_NO_MEMORY;
	}
	return code;
}

int
ldap_read_entry(struct ldap_reader *r, struct ldap *ld,
    struct ldapmsg *message, struct ldap_entry *out)
{
	BerElement *ber = NULL;
	struct berval dn;
	size_t i, from = 0;
	int code = ldap_get_dn_ber(ld, message, &ber, &dn);

	r->attributes = r->values = 0;
	if (code == LDAP_SUCCESS)
		code = read_attributes(r, ld, message, ber);
	ber_free(ber, 0);
	if (code != LDAP_SUCCESS)
		return code;
	for (i = 0; i < r->attributes; i++) {
		if (r->attribute[i].n > 0)
			r->attribute[i].value = r->value + from;
		from += r->attribute[i].n;
	}
	*out = (struct ldap_entry){ { dn.bv_val, dn.bv_len }, r->attribute,
		r->attributes };
	return LDAP_SUCCESS;
}

void
ldap_reader_free(struct ldap_reader *r)
{
	free(r->attribute);
	free(r->value);
	*r = (struct ldap_reader){ .attribute = NULL };
}
