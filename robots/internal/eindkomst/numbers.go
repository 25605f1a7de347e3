package eindkomst

// Blankets of a report, by BlanketNummerIdentifikator (Skatteforvaltningen,
// eIndkomst, description of the field contents).
const (
	BlankReport         = 11000 // head of a report on a person
	BlankIncome         = 16000 // kind of income
	BlankAmounts        = 16001 // its amounts
	BlankHolidayNet     = 16200 // holiday, net
	BlankHolidayRunning = 16201 // holiday, continuing pay
	BlankHolidayGross   = 16202 // holiday, gross
	BlankRefund         = 16300 // refund of benefits
)

// Fields, by NNN of BlanketFeltNummerIdentifikator (same source). The blanket in
// which each stands is named first; "felt" is the number printed in the guide.
const (
	FieldCVR        = 6   // 11000: the employer's CVR number
	FieldReversal   = 11  // 11000: I (report) or T (reversal, tilbageførsel)
	FieldIncomeType = 12  // 11000: income type, such as 00 for wage
	FieldPaidWhen   = 14  // 11000: paid in advance or in arrears; not certain
	FieldTaxMonth   = 16  // 11000: tax month
	FieldCorrection = 151 // 11000: correction

	FieldArt          = 19 // 16000: indtægtsart
	FieldPNumber      = 20 // 16000: production unit
	FieldPartReversal = 21 // 16000: reversal of this kind of income

	FieldWage            = 57  // 16001: A-income with AM contribution (felt 13), net of own pension and ATP
	FieldWageWithoutAM   = 58  // 16001: A-income without AM contribution (felt 14)
	FieldBIncome         = 70  // 16001: B-income (felt 36)
	FieldBIncomeAM       = 71  // 16001: B-income with AM contribution (felt 38)
	FieldATP             = 76  // 16001: ATP (felt 46)
	FieldHours           = 96  // 16001: hours
	FieldGrossHoliday    = 98  // 16001: gross holiday pay
	FieldSH              = 157 // 16001: SH
	FieldExtraHoliday    = 158 // 16001: feriefri
	FieldOwnPension      = 197 // 16001: the employee's own pension contribution
	FieldEmployerPension = 198 // 16001: the employer's pension contribution
	FieldOwnATP          = 199 // 16001: own ATP
	FieldNoHours         = 200 // 16001: no link between pay and hours; not the printed felt 200
	FieldHolidayPay      = 217 // 16001: feriepenge
)
