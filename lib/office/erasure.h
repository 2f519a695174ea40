/*
 * erasure: what is erased stays erased.
 *
 * The records of `erasure` are made by record/erase.h alone, and never change: the store
 * goes by them for what is blank.
 */
#ifndef OFFICE_ERASURE_H
#define OFFICE_ERASURE_H

#include "record/rule.h"

extern const struct rule rule_erasure;

#endif
