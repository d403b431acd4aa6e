# Whether every index in a plan's rows points at something: one that did not would read foreign memory.

from libc.math cimport isnan

from numerics.buffers cimport need
from payments.accounts cimport Plan


cdef inline int check_indices(const Plan* plan, object payments, object members, object fees, object notes,
                              Py_ssize_t member_count, bint has_value) except -1:
    """Refuse rows that point at no class or member, and an LTV trigger without a value to look at."""
    cdef Py_ssize_t i
    for i in range(plan.payment_count):
        need(0 <= plan.payments[i].first <= plan.payments[i].last <= member_count, payments,
             "payments [steps], each pointing at members")
    for i in range(member_count):
        need(0 <= plan.members[i] < plan.classes, members, "members [members], each pointing at a class")
    for i in range(plan.fee_count):
        need(-1 <= plan.fees[i].accrues_with < plan.classes, fees, "fees [fees], each accruing with a class or none")
    for i in range(plan.classes):
        need(has_value or isnan(plan.notes[i].ltv_trigger), notes, "notes [classes], without LTV triggers where value is empty")
    return 0
