/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * policy_import_read.h - the sources of `policy import`: read as the guard
 * reads them, but with a word about everything that makes no entry.
 */
#ifndef SOURCE_POLICY_IMPORT_READ_H
#define SOURCE_POLICY_IMPORT_READ_H

#include "conf/complaint.h"
#include "milter/source/policy_import.h"
#include "policy/policy.h"

struct policy_import {
	struct policy_builder *builder; /* only while reading */
	struct complaints complaints;   /* notes: not carried over */
	struct policy *policy;          /* what the sources say */
	size_t n; /* its entries, less the other spellings at the end */
};

/* Read all sources into an empty *im; false with complaints. */
bool policy_import_read(struct policy_import *im,
    const struct policy_sources *sources);

#endif
