/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * file.h - configuration and policy from files: reads them from disk, has
 * conf/ parse them, and turns them into one snapshot.
 */
#ifndef SOURCE_FILE_H
#define SOURCE_FILE_H

#include "conf/complaint.h"
#include "conf/conf.h"
#include "milter/bytes.h"
#include "policy/policy.h"

#define CONF_DEFAULT_PATH "/etc/relayguard/relayguard.yaml"

/*
 * The options in the file at path; NULL with complaints added when there is
 * any mistake.  path NULL: the default path, and when that does not exist all
 * options at their defaults.
 */
struct conf *file_conf(const char *path, struct complaints *c);

/*
 * The snapshot made of all files that the options name; NULL with complaints
 * added when there is any mistake.
 */
struct policy *file_policy(const struct conf *conf, struct complaints *c);

/* The bytes of a file; false with a complaint added. */
bool file_read(const char *path, struct bytes *out, struct complaints *c);

/*
 * The seed of all policies of this process, so that any of them can be joined:
 * drawn once, at random.
 */
uint64_t file_seed(void);

/* An empty builder with that seed; NULL with c told. */
struct policy_builder *file_builder(struct complaints *c);

/*
 * The builder as a snapshot, international names in both spellings; it is
 * gone in every case.  NULL when c holds any error.
 */
struct policy *file_freeze(struct policy_builder *b, struct complaints *c);

#endif
