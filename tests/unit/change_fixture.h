/*
 * change_fixture: a store of its own with the tables that come with bo, and edits in few words
 */
#ifndef CHANGE_FIXTURE_H
#define CHANGE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "record/change.h"
#include "record/view.h"

/* One process's eyes on the store. */
struct eyes {
	struct store *store;
	struct view *view;
};

static char directory[64];

static inline void
open_eyes(struct eyes *eyes)
{
	struct error error = ERROR_INIT;
	struct snapshot *snapshot;

	assert_int_equal(store_open(directory, &eyes->store, &error), STATUS_OK);
	assert_int_equal(snapshot_open(eyes->store, &snapshot, &error), STATUS_OK);
	assert_int_equal(view_open(eyes->store, snapshot, "share", NULL, &eyes->view, &error), STATUS_OK);
}

static inline void
close_eyes(struct eyes *eyes)
{
	view_close(eyes->view);
	store_close(eyes->store);
}

static inline int
set_up(void **state)
{
	struct error error = ERROR_INIT;
	struct eyes *eyes = memory_new(sizeof *eyes);

	snprintf(directory, sizeof directory, "/tmp/bo-change-%ld", (long)getpid());
	assert_int_equal(store_create(directory, &error), STATUS_OK);
	open_eyes(eyes);
	*state = eyes;
	return 0;
}

static inline int
tear_down(void **state)
{
	char command[128];
	pid_t child;

	close_eyes(*state);
	free(*state);
	snprintf(command, sizeof command, "%s", directory);
	child = fork();
	if (child == 0)
		execlp("rm", "rm", "-rf", command, (char *)NULL);
	while (wait(NULL) > 0)
		;
	return 0;
}

/* FIELD=VALUE … of one record, ended by NULL. */
struct wish {
	const char *table;
	uint64_t number;
	const char *verb;
	const char *values[8];
};

static inline enum status
wish_edit(struct batch *batch, const struct wish *wish, uint64_t *number, struct error *error)
{
	struct assign assigns[8];
	struct edit edit = { .number = wish->number, .verb = wish->verb, .assigns = assigns };

	assert_int_equal(view_table(batch_view(batch), wish->table, &edit.table, error), STATUS_OK);
	for (size_t i = 0; wish->values[i] != NULL; i++) {
		struct slice rest = slice_of(wish->values[i]), name = slice_cut(&rest, '=');
		enum status status = target_resolve(batch_view(batch), edit.table, name, &assigns[i].target,
		    error);

		if (status != STATUS_OK)
			return status;
		assigns[i].value = rest;
		edit.assign_count++;
	}
	return batch_edit(batch, &edit, number, error);
}

/* A change_build: edits until a wish without a table. */
static inline enum status
build_wishes(struct batch *batch, void *context, struct error *error)
{
	enum status status = STATUS_OK;

	for (const struct wish *wish = context; wish->table != NULL; wish++) {
		status = wish_edit(batch, wish, NULL, error);
		if (status != STATUS_OK && status != STATUS_REFUSED)
			break;
	}
	return status;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
