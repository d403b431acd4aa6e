# Loops across the lanes of a block: what happens to one account of every lane at once.
# Design: each loop is a function of its own, because C compilers trust `restrict` on parameters only, and without it a
# loop over this many accounts is not vectorised. No branch, no call and no libm inside: a condition is a select, or a
# mask of 0.0 and 1.0. Every lane sees the same operations in the same order: its bits do not depend on its neighbours.

from libc.math cimport NAN


cdef extern from *:
    """
    typedef double *__restrict__ rackrate_lanes;
    typedef const double *__restrict__ rackrate_lanes_in;
    """
    ctypedef double* lanes_t "rackrate_lanes"
    ctypedef const double* in_t "rackrate_lanes_in"


# ---- arithmetic ----

cdef inline void fill(Py_ssize_t n, double value, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = value


cdef inline void copy(Py_ssize_t n, in_t source, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = source[b]


cdef inline void add(Py_ssize_t n, in_t more, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = x[b] + more[b]


cdef inline void subtract(Py_ssize_t n, in_t less, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = x[b] - less[b]


cdef inline void add_scaled(Py_ssize_t n, double factor, in_t more, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = x[b] + more[b] * factor


cdef inline void scale(Py_ssize_t n, double factor, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = factor * x[b]


cdef inline void multiply(Py_ssize_t n, in_t factor, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = factor[b] * x[b]


cdef inline void divide(Py_ssize_t n, in_t left, in_t right, lanes_t x) noexcept nogil:
    """left / right; where right is zero so is left, and the answer."""
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = left[b] / (right[b] if right[b] > 0.0 else 1.0)


cdef inline void lower(Py_ssize_t n, in_t less, lanes_t x) noexcept nogil:
    """x - less, not below zero."""
    cdef Py_ssize_t b
    cdef double rest
    for b in range(n):
        rest = x[b] - less[b]
        x[b] = rest if rest > 0.0 else 0.0


cdef inline void lack(Py_ssize_t n, in_t goal, lanes_t x) noexcept nogil:
    """What x lacks of a goal."""
    cdef Py_ssize_t b
    cdef double gap
    for b in range(n):
        gap = goal[b] - x[b]
        x[b] = gap if gap > 0.0 else 0.0


cdef inline void at_least(Py_ssize_t n, in_t floor, lanes_t x) noexcept nogil:
    """The greater of two rows: of two flags, either."""
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = x[b] if x[b] > floor[b] else floor[b]


cdef inline void add_at_most(Py_ssize_t n, double amount, in_t limit, lanes_t x) noexcept nogil:
    """Add an amount, or its limit if that is less."""
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = x[b] + (amount if amount < limit[b] else limit[b])


cdef inline void exceeds(Py_ssize_t n, in_t left, double factor, in_t right, lanes_t x) noexcept nogil:
    """1 where left > factor * right."""
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = 1.0 if left[b] > factor * right[b] else 0.0


cdef inline void opposite(Py_ssize_t n, in_t flag, lanes_t x) noexcept nogil:
    cdef Py_ssize_t b
    for b in range(n):
        x[b] = 1.0 - flag[b]


cdef inline void keep_least(Py_ssize_t n, in_t figure, lanes_t least) noexcept nogil:
    """The least so far; a figure that is not known lowers nothing."""
    cdef Py_ssize_t b
    for b in range(n):
        least[b] = figure[b] if figure[b] < least[b] else least[b]


# ---- moving money ----

cdef inline void transfer(Py_ssize_t n, in_t share, lanes_t source, lanes_t noted, lanes_t target) noexcept nogil:
    """Move a share of one account to another, and note what moved."""
    cdef Py_ssize_t b
    cdef double moved
    for b in range(n):
        moved = share[b] * source[b]
        source[b] = source[b] - moved
        noted[b] = noted[b] + moved
        target[b] = target[b] + moved


cdef inline void make_good(Py_ssize_t n, lanes_t cash, lanes_t account, lanes_t out) noexcept nogil:
    """Pay negative cash from an account."""
    cdef Py_ssize_t b
    cdef double missing, drawn
    for b in range(n):
        missing = -cash[b] if cash[b] < 0.0 else 0.0
        drawn = missing if missing < account[b] else account[b]
        cash[b] = cash[b] + drawn
        account[b] = account[b] - drawn
        out[b] = out[b] + drawn


cdef inline void carry(Py_ssize_t n, lanes_t cash, lanes_t carried) noexcept nogil:
    """What is still negative waits for the next period."""
    cdef Py_ssize_t b
    for b in range(n):
        carried[b] = cash[b] if cash[b] < 0.0 else 0.0
        cash[b] = cash[b] if cash[b] > 0.0 else 0.0


cdef inline void release_excess(Py_ssize_t n, in_t target, lanes_t account, lanes_t out, lanes_t cash) noexcept nogil:
    """What an account holds above its target goes to cash."""
    cdef Py_ssize_t b
    cdef double kept, excess
    for b in range(n):
        kept = target[b] if target[b] < account[b] else account[b]
        excess = account[b] - kept
        account[b] = account[b] - excess
        out[b] = out[b] + excess
        cash[b] = cash[b] + excess


cdef inline void draw(Py_ssize_t n, in_t due, lanes_t cash, lanes_t account, lanes_t out) noexcept nogil:
    """Draw on an account for what cash does not cover of an amount due."""
    cdef Py_ssize_t b
    cdef double missing, drawn
    for b in range(n):
        missing = due[b] - (due[b] if due[b] < cash[b] else cash[b])
        drawn = missing if missing < account[b] else account[b]
        cash[b] = (due[b] if due[b] > cash[b] else cash[b]) - (missing - drawn)    # what is due, not a last bit short
        account[b] = account[b] - drawn
        out[b] = out[b] + drawn


cdef inline void pay(Py_ssize_t n, in_t due, in_t short_before, lanes_t cash, lanes_t short_by, lanes_t unjust,
                     lanes_t owed, lanes_t paid) noexcept nogil:
    """Pay what is due from cash; `unjust` keeps the most that was paid after a senior of the step was left short."""
    cdef Py_ssize_t b
    cdef double amount, wrong
    for b in range(n):
        amount = due[b] if due[b] < cash[b] else cash[b]
        wrong = short_by[b] - short_before[b]
        wrong = wrong if wrong < amount else amount
        unjust[b] = unjust[b] if unjust[b] > wrong else wrong
        short_by[b] = short_by[b] + (due[b] - amount)
        cash[b] = cash[b] - amount
        owed[b] = owed[b] - amount
        paid[b] = paid[b] + amount


cdef inline void fund(Py_ssize_t n, in_t total, in_t cash, lanes_t funded, lanes_t missing) noexcept nogil:
    """What of a total due cash covers, and what is missing."""
    cdef Py_ssize_t b
    cdef double covered
    for b in range(n):
        covered = total[b] if total[b] < cash[b] else cash[b]
        funded[b] = covered
        missing[b] = total[b] - covered


# ---- what falls due ----

cdef inline void charge(Py_ssize_t n, double annual, double rate, double years, double cap, in_t owing, in_t debt,
                        lanes_t within, lanes_t above) noexcept nogil:
    """A fee falls due: up to its cap among the senior fees, the rest among the uncapped ones."""
    cdef Py_ssize_t b
    cdef double due, capped
    for b in range(n):
        due = owing[b] * ((annual + rate * debt[b]) * years)
        capped = due if due < cap else cap
        within[b] = within[b] + capped
        above[b] = above[b] + (due - capped)


cdef inline void accrue(Py_ssize_t n, double rate, double deferrable, in_t pik, in_t opening, lanes_t unpaid,
                        lanes_t due, lanes_t capitalised, lanes_t capitalised_so_far, lanes_t balance, lanes_t service
                        ) noexcept nogil:
    """A class's interest falls due, with interest on what is unpaid, or is capitalised while PIK is on."""
    cdef Py_ssize_t b
    cdef double current, owed, deferred
    for b in range(n):
        current = opening[b] * rate
        owed = current + (unpaid[b] + unpaid[b] * rate)
        deferred = (deferrable * pik[b]) * owed
        service[b] = service[b] + current
        due[b] = owed
        capitalised[b] = deferred
        unpaid[b] = owed - deferred
        balance[b] = balance[b] + deferred
        capitalised_so_far[b] = capitalised_so_far[b] + deferred


cdef inline void accrue_additional(Py_ssize_t n, double rate, in_t turbo, in_t opening, lanes_t owed) noexcept nogil:
    """Additional interest after a failed ARD: simple, on the opening balance."""
    cdef Py_ssize_t b
    for b in range(n):
        owed[b] = owed[b] + turbo[b] * (opening[b] * rate)


cdef inline void ask(Py_ssize_t n, double last_cent, in_t balance, lanes_t left, lanes_t due) noexcept nogil:
    """What a sequential schedule asks of the next class: its balance, or what is left of the set's due."""
    cdef Py_ssize_t b
    cdef double whole, asked, rest
    for b in range(n):
        whole, rest = balance[b], left[b]
        asked = whole if whole - rest <= last_cent else rest
        rest = rest - asked
        left[b] = rest if rest > 0.0 else 0.0
        due[b] = asked


# ---- triggers ----

cdef inline void cover(Py_ssize_t n, double known, in_t owing, in_t income, in_t income_1, in_t income_2,
                       in_t service, in_t service_1, in_t service_2, lanes_t dscr) noexcept nogil:
    """Income over service, of this period and the window before it; NaN where no service is known."""
    cdef Py_ssize_t b
    cdef double due
    for b in range(n):
        due = (known * owing[b]) * ((service_2[b] + service_1[b]) + service[b])
        dscr[b] = ((income_2[b] + income_1[b]) + income[b]) / (due if due > 0.0 else NAN)


cdef inline void compare(Py_ssize_t n, double level, in_t tested, lanes_t below, lanes_t passed) noexcept nogil:
    """Flags of coverage below a level, and at or above it; a coverage of NaN is neither."""
    cdef Py_ssize_t b
    for b in range(n):
        below[b] = 1.0 if tested[b] < level else 0.0
        passed[b] = 1.0 if tested[b] >= level else 0.0


cdef inline void count_cures(Py_ssize_t n, double cure_periods, in_t below, in_t passed, in_t on, lanes_t cures,
                             lanes_t cured) noexcept nogil:
    """Tests in a row that a tripped trigger has passed, and a flag where they are enough."""
    cdef Py_ssize_t b
    cdef double count
    for b in range(n):
        count = (cures[b] + passed[b]) * (on[b] * (1.0 - below[b]))
        cures[b] = count
        cured[b] = 1.0 if count >= cure_periods else 0.0


cdef inline void trip(Py_ssize_t n, in_t below, in_t cured, in_t owing, lanes_t on) noexcept nogil:
    """A trigger is on below its level, off once cured, and off where nothing is owed."""
    cdef Py_ssize_t b
    cdef double kept
    for b in range(n):
        kept = on[b] * (1.0 - cured[b])
        on[b] = (kept if kept > below[b] else below[b]) * owing[b]


# ---- the audit ----

cdef inline void check_seniors(Py_ssize_t n, in_t short_before, in_t start, in_t cash, lanes_t unjust) noexcept nogil:
    """`unjust` also keeps the most cash a step took after an earlier step was left short."""
    cdef Py_ssize_t b
    cdef double wrong
    for b in range(n):
        wrong = start[b] - cash[b]
        wrong = wrong if wrong < short_before[b] else short_before[b]
        unjust[b] = unjust[b] if unjust[b] > wrong else wrong



cdef inline void trace(Py_ssize_t n, in_t opening, in_t into, in_t out, in_t also_out, in_t closing, lanes_t worst
                       ) noexcept nogil:
    """The most by which an account's movements miss its closing balance."""
    cdef Py_ssize_t b
    cdef double miss
    for b in range(n):
        miss = (((opening[b] + into[b]) - out[b]) - also_out[b]) - closing[b]
        miss = miss if miss > 0.0 else -miss
        worst[b] = worst[b] if worst[b] > miss else miss


cdef inline void below_zero(Py_ssize_t n, in_t x, lanes_t worst) noexcept nogil:
    """The most by which an account is negative."""
    cdef Py_ssize_t b
    for b in range(n):
        worst[b] = worst[b] if worst[b] > -x[b] else -x[b]


cdef inline void excuse(Py_ssize_t n, in_t joins, lanes_t short_by) noexcept nogil:
    """Cash that joins from the trap is the sweep's alone: earlier steps that were left short have no claim on it."""
    cdef Py_ssize_t b
    for b in range(n):
        short_by[b] = short_by[b] if joins[b] <= 0.0 else 0.0


cdef inline void judge(Py_ssize_t n, double period, double kind, in_t worst, in_t tolerance, lanes_t breach_period,
                       lanes_t breach_kind) noexcept nogil:
    """Remember the first period, and the kind, in which the books disagree by more than the tolerance (or by NaN)."""
    cdef Py_ssize_t b
    cdef double fresh
    for b in range(n):
        fresh = (0.0 if worst[b] <= tolerance[b] else 1.0) * (1.0 if breach_period[b] < 0.0 else 0.0)
        breach_kind[b] = breach_kind[b] + fresh * kind
        breach_period[b] = breach_period[b] + fresh * (period + 1.0)
