/* SPDX-License-Identifier: BSD-2-Clause */
#include "milter/serve/roaming_watch.h"

#include <stdlib.h>

#include "milter/log.h"
#include "milter/source/roaming.h"

void
roaming_watch_look(struct roaming_watch *w)
{
	const struct rule_modes unused = { 0 };
	struct complaints c = { 0 };
	struct policy *p;

	if (!roaming_changed(w->path, &w->seen))
		return;
	p = roaming_read(w->path, &c);
	log_complaints(&c);
	complaints_free(&c);
	if (p != NULL && current_swap(w->current, p, &unused, false) != 0)
		policy_free(p);
}

void
roaming_watch_use(struct roaming_watch *w, const char *path)
{
	char *copy = strdup(path);

	if (copy == NULL) {
		log_say("roaming_file: out of memory, the old one stays");
		return;
	}
	free(w->path);
	w->path = copy;
	w->seen = (struct stat){ .st_size = -1 }; /* like none there is */
	roaming_watch_look(w);
}
