# One step of the priority of payments, in every lane of a block. Steps are data: a new structure is a new list.
# Its twin in plain NumPy: service/rackrate/kernel/reference/priority.py.

cimport lanes
from accounts cimport *
from records cimport PaymentRow

cdef enum Kind:
    PAY_FEES, PAY_INTEREST, FILL_RESERVE, PAY_SCHEDULED_PRINCIPAL, PAY_PRINCIPAL, FILL_TRAP, PAY_UNCAPPED_FEES
    PAY_ADDITIONAL_INTEREST, PAY_EQUITY

cdef enum Order:
    SEQUENTIAL, PRO_RATA

cdef enum When:
    ALWAYS, WHEN_AMORTISING, WHEN_TRAPPING, WHEN_NOT_PIK

cdef extern from *:
    """
    #define RACKRATE_LAST_CENT 1e-12     /* of a set's principal: a remainder below it is paid with the rest */
    """
    const double LAST_CENT "RACKRATE_LAST_CENT"


cdef inline void follow(const Plan* plan, Block* block, Py_ssize_t t, const PaymentRow* step) noexcept nogil:
    """One step of the priority of payments."""
    cdef Py_ssize_t n = block.lanes
    cdef double* on = row(block, ON)
    cdef double* cash = row(block, CASH)
    set_condition(block, step.when, on)
    lanes.copy(n, row(block, SHORT), row(block, SHORT_BEFORE))
    lanes.copy(n, cash, row(block, START))
    if step.kind == FILL_TRAP:
        lanes.transfer(n, on, cash, row(block, TRAP_IN), row(block, TRAP))
    elif step.kind == PAY_EQUITY:
        lanes.transfer(n, on, cash, row(block, SHARE), row(block, EQUITY))
    elif step.kind == FILL_RESERVE:
        fill_reserve(block, on)
    elif step.kind == PAY_FEES or step.kind == PAY_UNCAPPED_FEES:
        pay_fees(block, on, step.kind == PAY_UNCAPPED_FEES)
    elif step.kind != PAY_SCHEDULED_PRINCIPAL or t < plan.terms.term:
        pay_classes(plan, block, t, step, on)
    lanes.check_seniors(n, row(block, SHORT_BEFORE), row(block, START), cash, row(block, UNJUST))


cdef inline void set_condition(Block* block, long long when, double* on) noexcept nogil:
    if when == WHEN_AMORTISING:
        lanes.copy(block.lanes, row(block, AMORTISING), on)
    elif when == WHEN_TRAPPING:
        lanes.copy(block.lanes, row(block, TRAPPING), on)
    elif when == WHEN_NOT_PIK:
        lanes.opposite(block.lanes, row(block, PIK), on)
    else:
        lanes.fill(block.lanes, 1.0, on)


cdef inline void pay_fees(Block* block, double* on, bint uncapped) noexcept nogil:
    cdef Py_ssize_t n = block.lanes
    cdef double* due = row(block, TOTAL)
    cdef double* owed = row(block, JUNIOR_FEES_OWED if uncapped else SENIOR_FEES_OWED)
    lanes.copy(n, owed, due)
    lanes.multiply(n, on, due)
    if not uncapped:
        draw(block, due)
    lanes.pay(n, due, row(block, SHORT_BEFORE), row(block, CASH), row(block, SHORT), row(block, UNJUST), owed,
              row(block, UNCAPPED_FEES if uncapped else FEES))


cdef inline void fill_reserve(Block* block, double* on) noexcept nogil:
    cdef Py_ssize_t n = block.lanes
    cdef double* due = row(block, TOTAL)
    cdef double* deposit = row(block, MISSING)
    lanes.copy(n, row(block, RESERVE), due)
    lanes.lack(n, row(block, TARGET), due)
    lanes.multiply(n, on, due)
    lanes.fill(n, 0.0, deposit)
    lanes.pay(n, due, row(block, SHORT_BEFORE), row(block, CASH), row(block, SHORT), row(block, UNJUST),
              row(block, SHARE), deposit)
    lanes.add(n, deposit, row(block, RESERVE))
    lanes.add(n, deposit, row(block, RESERVE_IN))


cdef inline void pay_classes(const Plan* plan, Block* block, Py_ssize_t t, const PaymentRow* step, double* on
                             ) noexcept nogil:
    """A step of interest or principal: what each class is due, then cash to the classes in the step's order."""
    cdef Py_ssize_t n = block.lanes, i, k
    if step.kind == PAY_INTEREST or step.kind == PAY_ADDITIONAL_INTEREST:
        for i in range(step.first, step.last):
            k = plan.members[i]
            lanes.copy(n, class_row(block, owed_by(step.kind), k), class_row(block, DUE, k))
            lanes.multiply(n, on, class_row(block, DUE, k))
        settle(plan, block, step)
    elif step.kind == PAY_SCHEDULED_PRINCIPAL:
        ask_schedule(plan, block, t, step, on)
        settle(plan, block, step)
    else:
        sweep(plan, block, step, on)


cdef inline void sweep(const Plan* plan, Block* block, const PaymentRow* step, double* on) noexcept nogil:
    """Principal beyond the schedule: while amortising the trap joins, and LTV triggers add their own class."""
    cdef Py_ssize_t n = block.lanes, i, k
    cdef double* share = row(block, SHARE)
    cdef double* joins = row(block, TOTAL)
    lanes.copy(n, row(block, AMORTISING), share)
    lanes.multiply(n, on, share)
    lanes.copy(n, row(block, TRAP), joins)
    lanes.multiply(n, share, joins)
    lanes.excuse(n, joins, row(block, SHORT))
    lanes.copy(n, row(block, SHORT), row(block, SHORT_BEFORE))
    lanes.transfer(n, share, row(block, TRAP), row(block, TRAP_OUT), row(block, CASH))
    for i in range(step.first, step.last):
        k = plan.members[i]
        lanes.copy(n, on, class_row(block, DUE, k))
        if step.when == WHEN_AMORTISING:
            lanes.at_least(n, class_row(block, LTV_ON, k), class_row(block, DUE, k))
        lanes.multiply(n, class_row(block, BALANCE, k), class_row(block, DUE, k))
    settle(plan, block, step)


cdef inline void ask_schedule(const Plan* plan, Block* block, Py_ssize_t t, const PaymentRow* step, double* on
                              ) noexcept nogil:
    """What a set of classes is due by schedule: outstanding less its share of principal and what was capitalised."""
    cdef Py_ssize_t n = block.lanes, i, k
    cdef double* left = row(block, TOTAL)
    cdef double* goal = row(block, SHARE)
    cdef double* due
    cdef double issued = 0.0
    lanes.fill(n, 0.0, left)
    lanes.fill(n, 0.0, goal)
    for i in range(step.first, step.last):
        k = plan.members[i]
        due = class_row(block, DUE, k)
        issued += plan.notes[k].principal
        lanes.fill(n, plan.notes[k].principal * plan.schedule[k * plan.periods + t], due)
        lanes.add(n, class_row(block, CAPITALISED_SO_FAR, k), due)
        lanes.add(n, due, goal)
        lanes.add(n, class_row(block, BALANCE, k), left)
    lanes.lower(n, goal, left)
    if step.order == PRO_RATA:
        share_schedule(plan, block, step, left)
    for i in range(step.first, step.last):
        k = plan.members[i]
        due = class_row(block, DUE, k)
        if step.order != PRO_RATA:
            lanes.ask(n, LAST_CENT * issued, class_row(block, BALANCE, k), left, due)
        lanes.multiply(n, on, due)


cdef inline void share_schedule(const Plan* plan, Block* block, const PaymentRow* step, double* left) noexcept nogil:
    """A set's due in proportion to how far each class is above its own share."""
    cdef Py_ssize_t n = block.lanes, i, k
    cdef double* total = row(block, MISSING)
    cdef double* share = row(block, SHARE)
    lanes.fill(n, 0.0, total)
    for i in range(step.first, step.last):
        k = plan.members[i]
        lanes.lack(n, class_row(block, BALANCE, k), class_row(block, DUE, k))
        lanes.add(n, class_row(block, DUE, k), total)
    lanes.divide(n, left, total, share)
    for i in range(step.first, step.last):
        lanes.multiply(n, share, class_row(block, DUE, plan.members[i]))


cdef inline void settle(const Plan* plan, Block* block, const PaymentRow* step) noexcept nogil:
    """Cash to the classes of a step, in sequence or in proportion to what they are due."""
    cdef Py_ssize_t n = block.lanes, i, k
    cdef bint draws = step.kind == PAY_INTEREST, pro_rata = step.order == PRO_RATA
    cdef double* total = row(block, TOTAL)
    if pro_rata:
        lanes.fill(n, 0.0, total)
        for i in range(step.first, step.last):
            lanes.add(n, class_row(block, DUE, plan.members[i]), total)
        if draws:
            draw(block, total)
        lanes.fund(n, total, row(block, CASH), row(block, FUNDED), row(block, MISSING))
        lanes.divide(n, row(block, FUNDED), total, row(block, SHARE))
    for i in range(step.first, step.last):
        k = plan.members[i]
        if pro_rata:
            lanes.multiply(n, row(block, SHARE), class_row(block, DUE, k))
        elif draws:
            draw(block, class_row(block, DUE, k))
        pay_class(block, k, owed_by(step.kind), paid_by(step.kind))
    if pro_rata:
        lanes.add(n, row(block, MISSING), row(block, SHORT))


cdef inline void draw(Block* block, double* due) noexcept nogil:
    """What cash lacks of an amount due comes from reserve, then trap."""
    lanes.draw(block.lanes, due, row(block, CASH), row(block, RESERVE), row(block, RESERVE_OUT))
    lanes.draw(block.lanes, due, row(block, CASH), row(block, TRAP), row(block, TRAP_OUT))


cdef inline void pay_class(Block* block, Py_ssize_t k, int owed, int paid) noexcept nogil:
    lanes.pay(block.lanes, class_row(block, DUE, k), row(block, SHORT_BEFORE), row(block, CASH), row(block, SHORT),
              row(block, UNJUST), class_row(block, owed, k), class_row(block, paid, k))


cdef inline int owed_by(long long kind) noexcept nogil:
    """The account a step of this kind pays down."""
    if kind == PAY_INTEREST:
        return INTEREST_UNPAID
    return ADDITIONAL_OWED if kind == PAY_ADDITIONAL_INTEREST else BALANCE


cdef inline int paid_by(long long kind) noexcept nogil:
    """The series a step of this kind is reported in."""
    if kind == PAY_INTEREST:
        return INTEREST_PAID
    return ADDITIONAL_PAID if kind == PAY_ADDITIONAL_INTEREST else PRINCIPAL_PAID
