"""Records: each struct of records.pxd held against its dtype, field by field, when the kernel is loaded."""

from records cimport (
    CertificateRow, CostRow, ExitRow, FacilityRow, FactorRow, FeeRow, LeaseRow, MarketRow, NoteRow, PaymentRow, PoolLoanRow, PoolStepRow,
    PoolTermsRow, PoolTriggerRow, PowerRow, ScenarioRow, StepRow, TakeoutRow, TrustRow, WaterfallRow)


def agree(
    const StepRow[::1] step,
    const LeaseRow[::1] lease,
    const MarketRow[::1] market,
    const ScenarioRow[::1] scenario,
    const FacilityRow[::1] facility,
    const PowerRow[::1] power,
    const CostRow[::1] cost,
    const WaterfallRow[::1] waterfall,
    const NoteRow[::1] note,
    const FeeRow[::1] fee,
    const PaymentRow[::1] payment,
    const FactorRow[::1] factor,
    const ExitRow[::1] exit,
    const TakeoutRow[::1] takeout,
    const PoolLoanRow[::1] pool_loan,
    const PoolTermsRow[::1] pool_terms,
    const TrustRow[::1] trust,
    const CertificateRow[::1] certificate,
    const PoolStepRow[::1] pool_step,
    const PoolTriggerRow[::1] pool_trigger,
):
    """Rows of every record, by name: the buffer protocol refuses a field that differs from its struct's."""
