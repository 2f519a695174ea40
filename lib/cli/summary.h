/*
 * summary: how many records list would print, and their sums (private to cli/):
 * --count, --sum, --min, --max, --avg, --by.
 */
#ifndef CLI_SUMMARY_H
#define CLI_SUMMARY_H

#include "cli/sweep.h"

/* Counts and sums up what the sweep, which is open, finds, and prints that. */
enum status summary_print(struct sweep *sweep, struct error *error);

#endif
