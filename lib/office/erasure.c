#include "office/erasure.h"

static enum status
check_erasure(struct batch *batch, struct draft *draft, struct error *error)
{
	(void)batch;
	if (draft->is_new)
		return STATUS_OK; /* all of its fields are computed */
	return error_add(error, &draft->place, "what was erased stays so");
}

const struct rule rule_erasure = { .table = "erasure", .check = check_erasure };
