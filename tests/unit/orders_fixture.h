/*
 * orders_fixture: a store of a few customers and orders, over the schemas of
 * tests/data/share.  Included by programs that put questions to them.
 */
#ifndef ORDERS_FIXTURE_H
#define ORDERS_FIXTURE_H

#include <ftw.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/date.h"
#include "base/memory.h"
#include "record/expr.h"
#include "store/store.h"

#define SHARE "tests/data/share"

static const char *const orders_logs[][2] = {
	{ "company", "id,tx,name,currency,timezone\nCO1,1,Test,EUR,Europe/Berlin\n" },
	{ "customer",
	    "id,tx,code,name,country,tags,active,limit,note,manager,since,archived\n"
	    "C1,1,ALFKI,Alfreds,DE,small vip,true,1000.00,one two,,2020-02-29,\n"
	    "C2,1,BERGS,Berglunds,SE,vip,false,,,C1,,\n"
	    "C3,1,in-dash,\"Dash, Ltd\",GB,,,50.00,xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx,C2,2021-01-01,true\n" },
	{ "order",
	    "id,tx,number,customer,state,priority,opened,date,due,terms,total,paid,qty,price,count,archived\n"
	    "O1,1,N-1,C1,open,low,2026-01-31T22:30:00Z,2026-02-01,2026-03-01,28d,100.00,40.00,2,1.333333,3,\n"
	    "O2,1,N-2,C1,paid,high,2026-01-31T23:00:00Z,2026-01-15,2026-03-10,1mo,100.00,100.00,3,0.5,0,\n"
	    "O3,1,N-3,C2,open,urgent,2026-02-28T22:59:59Z,2026-02-28,,,250.50,,,,,\n"
	    "O4,1,,C3,draft,,2025-12-31T23:30:00Z,2025-12-31,2026-03-11,1mo,,,1000000,9000000000000,-5,\n" },
	{ "loop", "id,tx,base,next,archived\nLP1,1,3,,\nLP2,1,4,LP1,\n" },
};

enum { LOGS = sizeof(orders_logs) / sizeof(orders_logs[0]) };

struct orders {
	char root[32]; /* removed at the end */
	struct store *store;
	struct view *view;
	struct error error;
	struct arena arena;
	char text[256]; /* the answer of the last question */
};

static inline int
orders_remove_one(const char *path, const struct stat *status, int kind, struct FTW *walk)
{
	(void)status;
	(void)kind;
	(void)walk;
	return remove(path);
}

/* One transaction of all logs; the view is of what came of it. */
static inline enum status
orders_fill(struct orders *orders)
{
	struct chunk chunks[LOGS];
	struct transaction transaction = { .command = "test add",
		.key = "",
		.reason = "",
		.chunks = chunks,
		.count = LOGS };
	struct error *error = &orders->error;
	struct snapshot *snapshot;
	enum status status;
	uint64_t tx;

	for (size_t i = 0; i < LOGS; i++) {
		chunks[i] = (struct chunk){ .table = orders_logs[i][0], .bytes = slice_of(orders_logs[i][1]) };
		chunk_digest(&chunks[i], (struct slice){ NULL, 0 });
	}
	status = snapshot_open(orders->store, &snapshot, error);
	if (status == STATUS_OK &&
	    (status = store_lock(orders->store, clock_monotonic() + 30000, error)) == STATUS_OK &&
	    (status = snapshot_to_head(snapshot, error)) == STATUS_OK &&
	    (status = store_append(orders->store, snapshot, &transaction, &tx, error)) == STATUS_OK &&
	    (status = store_settle(orders->store, tx, clock_monotonic() + 30000, error)) == STATUS_OK)
		status = snapshot_refresh(snapshot, error);
	return status == STATUS_OK ? view_open(orders->store, snapshot, SHARE, NULL, &orders->view, error)
				   : status;
}

static inline int
orders_setup(void **state)
{
	struct orders *orders = memory_new(sizeof(*orders));
	struct error *error = &orders->error;
	char *directory;
	enum status status;

	snprintf(orders->root, sizeof(orders->root), "%s", "/tmp/bo-expr-XXXXXX");
	if (mkdtemp(orders->root) == NULL)
		return -1;
	setenv("XDG_STATE_HOME", orders->root, 1);
	directory = memory_format("%s/store", orders->root);
	status = store_create(directory, error);
	if (status == STATUS_OK)
		status = store_open(directory, &orders->store, error);
	if (status == STATUS_OK)
		status = orders_fill(orders);
	free(directory);
	if (status != STATUS_OK) {
		fprintf(stderr, "%s\n", error->faults[0].reason);
		return -1;
	}
	view_set_today(orders->view, 20522); /* 2026-03-10 */
	*state = orders;
	return 0;
}

static inline int
orders_teardown(void **state)
{
	struct orders *orders = *state;

	view_close(orders->view);
	store_close(orders->store);
	nftw(orders->root, orders_remove_one, 16, FTW_DEPTH | FTW_PHYS);
	error_release(&orders->error);
	arena_release(&orders->arena);
	free(orders);
	return 0;
}

#endif
