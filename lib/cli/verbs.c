/* verbs: the generic ones, in the order of the manual */
#include "cli/verbs.h"

const struct verb generic_verbs[] = { { "add", verb_add,
					  "FIELD=VALUE ... [: FIELD=VALUE ...] ...\n- [FIELD=VALUE ...]",
					  "add a record, or those of standard input", VERB_WRITES | VERB_MANY },
	{ "set", verb_set, "ID ... FIELD=VALUE ... [: FIELD=VALUE ...] ...\n- [FIELD=VALUE ...]",
	    "change records", VERB_WRITES },
	{ "put", verb_put, "--match FIELD -", "add records, or change those that are there",
	    VERB_WRITES | VERB_MANY },
	{ "archive", verb_archive, "ID ...\n-", "put records out of sight", VERB_WRITES | VERB_MANY },
	{ "unarchive", verb_unarchive, "ID ...\n-", "take records back into sight", VERB_WRITES | VERB_MANY },
	{ "list", verb_list, "", "print records that match", VERB_MANY | VERB_FILTERS | VERB_SUMS },
	{ "show", verb_show, "ID ...", "print records in full, for a person", 0 },
	{ "log", verb_log, "[ID ...]", "print who changed what, when and why", VERB_FILTERS },
	{ "fields", verb_fields, "", "print the fields that records have", VERB_CLOSED | VERB_ROWS },
	{ "edit", verb_edit, "ID", "change a record in $VISUAL or $EDITOR", VERB_WRITES },
	{ "export-data", verb_export_data, "ID ...", "print everything that is held on somebody, as JSON",
	    VERB_PERSONAL },
	{ "erase", verb_erase, "-m REASON ID ...", "erase everything that is held on somebody, for good",
	    VERB_WRITES | VERB_PERSONAL },
	{ NULL, NULL, NULL, NULL, 0 } };
