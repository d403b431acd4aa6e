# Rows the engine hands to the kernel: one packed struct per noun, every field eight bytes wide.
# The NumPy dtypes of the same names are in service/rackrate/kernel/records.py; the buffer protocol refuses a mismatch.
# Months are indices from closing (model time: month i runs from boundary i to i+1) and may be negative.

# The values of a field are named once, here; kernel/records.py has the same names.

cdef enum:                               # LeaseRow.escalation
    FIXED_ESCALATION, CPI_ESCALATION, STEPPED_RENT

cdef enum:                               # LeaseRow.power: how a lease pays for power
    METERED, FIXED_PRICE, INCLUDED, DIRECT

cdef enum:                               # MarketRow.renew_at
    AT_MARKET, IN_PLACE, LOWER_OF

cdef enum:                               # PowerRow.kind
    FIXED_BLOCK, FULL_REQUIREMENTS, INDEXED, TARIFF, CFD

cdef enum:                               # PaymentRow.kind
    PAY_FEES, PAY_INTEREST, FILL_RESERVE, PAY_SCHEDULED_PRINCIPAL, PAY_PRINCIPAL, FILL_TRAP, PAY_UNCAPPED_FEES
    PAY_ADDITIONAL_INTEREST, PAY_EQUITY

cdef enum:                               # PaymentRow.order, PoolStepRow.order
    SEQUENTIAL, PRO_RATA, TO_CROSSOVER

cdef enum:                               # PaymentRow.when
    ALWAYS, WHEN_AMORTISING, WHEN_TRAPPING, WHEN_NOT_PIK

cdef enum:                               # WaterfallRow.service: what the triggers test
    ACTUAL_SERVICE, ASSUMED_SERVICE

cdef enum:                               # PoolLoanRow.amortisation
    INTEREST_ONLY, LEVEL, FIXED_PAYMENT, WRITTEN_BALANCE

cdef enum:                               # prepayment protection of a loan in a month
    OPEN, PENALTY, YIELD_MAINTENANCE, CLOSED

cdef enum:                               # PoolTermsRow.advances
    NO_ADVANCES, INTEREST_ADVANCES, PRINCIPAL_AND_INTEREST_ADVANCES

cdef enum:                               # CertificateRow.wac_kind
    CONTRACTED_COUPON, WAC_CAP, WAC_LESS

cdef enum:                               # PoolStepRow.kind
    POOL_FEES, POOL_INTEREST, POOL_PRINCIPAL, POOL_REIMBURSEMENT, POOL_RESERVE, POOL_TURBO, POOL_PREMIUMS, POOL_RESIDUAL

cdef enum:                               # PoolStepRow.when
    POOL_ALWAYS, WHEN_TRIPPED, WHEN_UNTRIPPED

cdef enum:                               # PoolTriggerRow.kind
    CUMULATIVE_LOSS, DEFAULTED_SHARE, REMAINING_SHARE, EFFECTIVE_LOANS, OVERCOLLATERALISATION

ctypedef packed struct StepRow:          # one step of a ramp (value in kW) or of a stepped rent (per kW-month)
    long long from_month                 # months since commencement
    double value

ctypedef packed struct LeaseRow:         # one segment: one tenant, one block of kW, one term
    long long facility
    long long tenant
    long long commencement
    long long term
    long long free_rent
    long long booked_not_billed          # 1: left out of figures annualised at closing
    long long escalation
    long long power
    long long termination                # month of the option from closing; -1: none
    long long ramp_start                 # rows [ramp_start, ramp_end) of the ramps
    long long ramp_end
    long long step_start                 # rows [step_start, step_end) of the rent steps
    long long step_end
    double contracted_kw
    double rent                          # per kW-month, in force at max(closing, commencement)
    double escalation_rate
    double escalation_floor              # -inf: none
    double escalation_cap                # +inf: none
    double utilisation
    double peak_utilisation
    double pue_cap                       # +inf: none
    double markup
    double power_price                   # per MWh, fixed price only
    double power_escalation
    double fee_months
    double termination_probability
    double security_months

ctypedef packed struct MarketRow:        # the letting market of a facility
    long long renew_at
    long long downtime
    long long default_downtime
    long long term
    long long free_rent
    double rent                          # per kW-month at closing
    double renewal_probability
    double default_rent_discount
    double escalation
    double renewal_cost                  # per kW, at closing prices
    double reletting_cost

ctypedef packed struct ScenarioRow:      # a case (or one step of one) as numbers; neutral values change nothing
    long long closing                    # 1: booked-not-billed leases are left out
    long long contracted_only            # 1: nothing renews or re-lets
    long long downtime_add
    double rent_haircut
    double market_rent_haircut
    double ncf_haircut
    double vacancy_floor
    double renewal_factor
    double power_price_factor
    double power_price_add
    double utilisation_factor
    double pue_add
    double opex_factor
    double management_fee_floor
    double capex_reserve_floor

ctypedef packed struct FacilityRow:
    long long expiry                     # first month without the leasehold; a freehold's is beyond every horizon
    long long power_start                # rows [power_start, power_end) of the power contracts
    long long power_end
    long long group                      # the row of the answer the facility is summed into
    double capacity_kw
    double curtailment_share             # hours per year / 8760
    double sla_credit_share
    double vacancy_floor
    double management_fee
    double other_income                  # a year
    double capex_reserve                 # per kW and year
    double ground_rent                   # a year, at closing
    double ground_rent_growth

ctypedef packed struct PowerRow:         # one power contract
    long long kind
    long long start
    long long end
    double mw                            # +inf: no limit (indexed)
    double price                         # per MWh; a CfD's strike, an index contract's adder
    double escalation
    double resale_share
    double demand_rate                   # per kW-month
    double contracted_demand_kw
    double minimum_demand_share
    double ratchet_share
    double fixed_monthly

ctypedef packed struct CostRow:          # one operating cost of one facility
    long long facility
    long long line                       # the column of the answer it is added to
    long long per_kw                     # 1: the amount is per occupied kW

# ---- the waterfall ----

ctypedef packed struct WaterfallRow:     # what all classes of a structure share; one row
    long long period_months              # 1, 3, 6 or 12
    long long term                       # periods; scheduled principal is nil from here on
    long long ard                        # periods; the number of periods where there is none, or it is legal final
    long long service                    # tested by the triggers
    long long cure_periods
    double liquidity_months
    double reserve_initial               # NaN: the opening target
    double constant                      # assumed service a year per 1 of balance; NaN: none
    double trap_below                    # coverage levels; NaN: no such trigger
    double amortise_below
    double pik_below
    double additional_rate               # a year, after a failed ARD

ctypedef packed struct NoteRow:          # one class, most senior first
    long long deferrable
    long long own_schedule               # 1: due on its schedule alone, not with the set's others
    double principal
    double ltv_trigger                   # NaN: none

ctypedef packed struct FeeRow:           # one fee: (annual + rate * debt) a year
    long long senior                     # 0: all of it waits for uncapped_fees
    long long accrues_with               # the class whose day count it accrues on; -1: by the month
    double annual
    double rate
    double cap_annual                    # +inf: none

ctypedef packed struct PaymentRow:       # one step of the priority of payments
    long long kind
    long long order
    long long when
    long long first                      # members[first:last] are its classes, in the order they are paid
    long long last

# ---- the simulation ----

ctypedef packed struct FactorRow:        # the one-factor model; one row
    double asset_correlation
    double renewal_loading
    double rent_volatility               # a year
    double rent_loading
    double power_speed                   # a year
    double power_volatility              # a year
    double power_loading

ctypedef packed struct ExitRow:          # how a path ends; one row
    long long ard                        # month whose following year a take-out is measured on
    long long final                      # month of the sale
    long long watch_months               # months discounted by the value that LTV triggers look at
    double closing_value                 # of the case, at closing
    double kept                          # share of sale proceeds left after costs
    double watch_discount                # factor a month

ctypedef packed struct TakeoutRow:       # one refinance test
    double service                       # cover times yearly service per 1 of loan; NaN: not tested
    double ltv                           # NaN: not tested

ctypedef packed struct PoolLoanRow:      # one loan of a pool; months from closing
    long long term
    long long ard                        # -1: none
    long long interest_only
    long long amortisation
    long long amortisation_months
    long long in_arrears                 # 1: in default at closing
    double balance
    double share                         # of the whole loan
    double fee_rate
    double payment
    double advances                      # outstanding at closing

ctypedef packed struct PoolTermsRow:     # a scenario of a pool; one row
    long long extension_months
    long long retest_months
    long long test_maturity
    long long recovery_months
    long long severity_stated            # 1: a loss of `severity`, all in
    long long advances
    long long reduction_months
    long long below_months               # 0: no default on cover
    long long arrears_default
    double extension_sweep
    double costs
    double severity
    double appraisal_share
    double stop_share
    double below_dscr
    double hazard
    double cdr_multiple
    double special_servicing

ctypedef packed struct TrustRow:         # a trust that issues certificates; one row
    long long write_down
    long long ranked                     # 1: no rank is paid before interest of an earlier one
    double fee_annual
    double fee_rate
    double reserve_initial
    double reserve_share
    double reserve_floor
    double advance_rate
    double control_share

ctypedef packed struct CertificateRow:   # one class
    long long io                         # 1: a strip
    long long rank                       # 0 of a strip
    long long controls
    long long wac_kind                   # the contracted rate, capped at the pool's, or the pool's less `wac_less`
    double principal
    double wac_less

ctypedef packed struct PoolStepRow:      # one step of the priority of payments; members [first, last)
    long long kind
    long long order
    long long when
    long long first
    long long last
    long long to_target
    long long rest                       # class paid the rest of premiums; -1: the residual

ctypedef packed struct PoolTriggerRow:
    long long kind
    long long through                    # last class counted
    long long latched
    double level
